import gzip
import json

import pytest

from andon.connectors.files import guess, load_manifest, write_manifest
from andon.connectors.source import Signal
from andon.errors import ConfigError, SourceError

SPAN = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"a"}]}]}]}\n'
EXAMPLES = [
    ("m.csv", "timestamp,service,metric,value\n2026-06-19T10:25:00Z,a,b,1\n", "metrics", "csv-long"),
    ("m.csv", "time,cpu,mem\n1781864700,1,2\n1781864760,,3\n", "metrics", "csv-wide"),
    ("m.csv", "service,A,B\nmetric,x,y\nt,,\n1781864700,1,2\n", "metrics", "csv-wide"),
    ("m.tsv", "time\thost\tcpu\n2026-06-19 10:25:00\ta\t1\n", "metrics", "csv-wide"),
    ("q.json", '{"status":"success","data":{"resultType":"matrix","result":[]}}', "metrics", "prometheus"),
    ("m.jsonl", '{"resourceMetrics":[]}\n', "metrics", "otlp-jsonl"),
    ("l.jsonl", '{"resourceLogs":[]}\n{"resourceLogs":[]}\n', "logs", "otlp-jsonl"),
    ("t.jsonl", SPAN, "traces", "otlp-jsonl"),
    ("l.ndjson", '{"ts":1781864700,"msg":"x"}\n{"ts":1781864700,"msg":"y"}\n', "logs", "jsonl"),
    ("l.csv", "time,level,message\n2026-06-19T10:25:00Z,INFO,x\n", "logs", "csv"),
    ("app.log", "Jun 19 10:25:00 h app[1]: x\n", "logs", "text"),
    ("noext", "2026-06-19 10:25:00,123 INFO x\n  at y\n  at z\n", "logs", "text"),
    ("[x].log", "[2026-06-19 10:25:00] x\n", "logs", "text"),
    ("t.json", '{"data":[{"traceID":"a","spans":[{"traceID":"a","spanID":"b","operationName":"c"}]}]}', "traces", "jaeger"),
    ("t.json", '[{"span_id":"a","start":1781864700,"duration_ms":1}]', "traces", "json"),
    ("t.csv", "trace_id,span_id,start_time,duration\na,b,1781864700,1\n", "traces", "csv"),
    ("c.json", '{"Records":[{"eventName":"x","eventSource":"y"}]}', "changes", "cloudtrail"),
    ("c.json", '{"Events":[{"EventId":"x","CloudTrailEvent":"{}"}]}', "changes", "cloudtrail"),
    ("e.json", '{"kind":"List","items":[{"involvedObject":{},"reason":"x"}]}', "changes", "kubernetes-events"),
    ("c.json", '[{"sha":"a","author":"b","timestamp":"2026-06-19T10:25:00Z"}]', "changes", "commits"),
    ("d.json", '{"deploys":[{"service":"a","version":"1","timestamp":"2026-06-19T10:25:00Z"}]}', "changes", "deploys"),
    ("f.json", '[{"flag":"a","change":"on","timestamp":"2026-06-19T10:25:00Z"}]', "changes", "flags"),
    ("g.csv", "source,target\na,b\n", "topology", "csv-edges"),
    ("g.csv", ",a,b\na,0,1\nb,0,0\n", "topology", "csv-matrix"),
    ("w.dsl", "workspace {\n}\n", "topology", "structurizr"),
    ("w.json", '{"name":"W","model":{"softwareSystems":[]}}', "topology", "structurizr"),
]  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "content", "signal", "kind"), EXAMPLES)
def test_formats_are_told_by_their_content(folder, name, content, signal, kind, packed):
    files = {f"{name}.gz": gzip.compress(content.encode())} if packed else {name: content}
    found = guess(folder(files))
    assert [(entry.signal, entry.format) for entry in found.manifest.files] == [(signal, kind)]
    assert found.guessed[0].why
    assert not found.problems


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.md", "# Notes\n", "no telemetry was recognised"),
        ("photo.bin", bytes(64), "binary file"),
        ("x.json", '{"a": 1}', "fields are a"),
        ("x.json", "{", "no telemetry was recognised"),
        ("x.csv", "a,b\nc,d\n", "the columns are a, b"),
        ("x.csv", "", "empty file"),
        ("x.parquet", "text", "not readable as Parquet"),
        ("x.zip", b"PK\x03\x04\0\0", "binary file"),
    ],
)
def test_what_cannot_be_told_is_a_problem(folder, name, content, message):
    found = guess(folder({name: content}))
    assert not found.manifest.files
    assert [problem.place for problem in found.problems] == [name]
    assert message in found.problems[0].message
    assert found.problems[0].hint


def test_questions_for_the_user(folder):
    files = {
        "local.log": "2026-06-19 10:25:00 x\n",
        "two.csv": "time,timestamp,metric,value\n2026-06-19T10:25:00Z,2026-06-19T10:26:00Z,m,1\n",
        "wide.csv": "time,a_cpu,a_mem,b_cpu,b_mem\n1781864700,1,2,3,4\n",
    }
    asked = {(question.path, question.key) for question in guess(folder(files)).questions}
    assert asked == {
        ("local.log", "timezone"),
        ("two.csv", "columns.time"),
        ("wide.csv", "columns.service_separator"),
        ("", "incident"),
    }


def test_the_service_of_a_text_log_is_its_name(folder):
    line = "2026-06-19T10:25:00Z x\n"
    services = {
        e.path: e.service for e in guess(folder({"payments.log": line, "app.log": line})).manifest.files
    }
    assert services == {"payments.log": "payments", "app.log": ""}


def test_an_alert_gives_symptom_and_incident(folder):
    alert = {"service": "pay", "metric": "p99", "fired_at": "2026-06-19T10:25:00Z", "summary": "pay is slow"}
    found = guess(folder({"alert.json": json.dumps(alert), "m.csv": "time,metric,value\n1781864700,a,1\n"}))
    assert found.manifest.symptom == "pay is slow (service pay, metric p99, fired at 2026-06-19T10:25:00Z)"
    assert found.manifest.alert_time == 1_781_864_700
    assert found.manifest.ignore == ("alert.json",)
    assert not found.problems


def test_one_file_with_several_signals(folder):
    found = guess(folder({"all.jsonl": '{"resourceLogs":[]}\n' + SPAN}))
    assert {entry.signal for entry in found.manifest.files} == {Signal.LOGS, Signal.TRACES}


def test_the_manifest_is_written_once_and_reads_back(folder):
    root = folder({"m.csv": "time,metric,value\n1781864700,a,1\n", "odd\x1b.bin": b"\0\1"})
    found = guess(root)
    write_manifest(found, root / "incident.yaml")
    text = (root / "incident.yaml").read_text()
    assert "# m.csv: columns for time, metric and value" in text
    assert "# ? " in text
    assert "\x1b" not in text.split("version:")[0]
    assert load_manifest(root / "incident.yaml") == found.manifest
    with pytest.raises(ConfigError, match="is there already"):
        write_manifest(found, root / "incident.yaml")


def test_an_empty_folder(tmp_path):
    with pytest.raises(SourceError, match="holds no files") as caught:
        guess(tmp_path)
    assert caught.value.hint
