import json
import sys

import numpy as np
import pytest

from andon.connectors.files import FilesSource, Limits, reading
from andon.telemetry import Status, Window
from andon.workers import WorkerDied

ALL = Window(0, 4e9)
T = 1_781_864_700
SMALL = Limits(part=2000)


def json_log(count):
    records = [
        {"time": T + i % 7, "level": "warn", "service": f"s{i % 3}", "msg": f"line {i}", "n": i}
        for i in range(count)
    ]
    lines = [json.dumps(record) for record in records]
    lines[count // 2] = "{broken"
    lines[-2] = '{"time": "soon", "msg": "x"}'
    return "\n".join(lines)


def text_log(count):
    trace = "Traceback (most recent call last):\n  File x\nValueError: y\n"
    return "".join(
        f"2026-06-19 10:{i // 60:02d}:{i % 60:02d} ERROR s{i}\n{trace if i % 3 else ''}" for i in range(count)
    )


def otlp_spans(count):
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "pay"}}]}
    return "".join(
        json.dumps(
            {
                "resourceSpans": [
                    {
                        "resource": service,
                        "scopeSpans": [
                            {
                                "spans": [
                                    {
                                        "traceId": f"{i // 3:032x}",
                                        "spanId": f"{i:016x}",
                                        "name": f"op{i % 5}",
                                        "startTimeUnixNano": str((T - i) * 10**9),
                                        "endTimeUnixNano": str((T - i + 1) * 10**9 if i % 50 else 1),
                                    }
                                ]
                            }
                        ],
                    }
                ]
            }
        )
        + "\n"
        for i in range(count)
    )


FILES = {"app.jsonl": json_log(200), "app.log": text_log(120), "traces.jsonl": otlp_spans(100)}


def told(folder, limits=None):
    """All that is said of the files, as plain values."""
    source = FilesSource.open(folder, limits)
    logs, spans = source.logs(ALL), source.spans(ALL)
    return {
        "records": list(logs.value),
        "spans": [spans.value[i] for i in range(len(spans.value))],
        "problems": [str(problem) for result in (logs, spans) for problem in result.problems],
        "status": [logs.status, spans.status],
        "extent": source.info().extent,
    }


def test_parts_together_are_the_whole(folder, monkeypatch):
    root = folder(FILES)
    spans = []
    real = reading.read_part
    monkeypatch.setattr(
        "andon.connectors.files.source.read_part", lambda part: spans.append(part.span) or real(part)
    )
    whole = told(root)
    assert set(spans) == {None}
    spans.clear()
    assert told(root, SMALL) == whole
    assert len(spans) > 10
    assert "app.jsonl:101: line is not valid JSON (half a line?)" in whole["problems"]
    assert "app.jsonl:199: record without a readable time left out" in whole["problems"]


def test_any_number_of_processes_reads_the_same(folder, monkeypatch):
    root = folder(FILES)
    monkeypatch.setenv("ANDON_JOBS", "1")
    alone = told(root, SMALL)
    monkeypatch.setenv("ANDON_JOBS", "3")
    assert told(root, SMALL) == alone


def test_parts_begin_where_records_do(folder):
    root = folder({"app.log": text_log(120)})
    logs = FilesSource.open(root, SMALL).logs(ALL)
    assert (logs.status, len(logs.value)) == (Status.PARTIAL, 120)
    assert [problem.message for problem in logs.problems] == ["times without a zone were read as UTC"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"time": T, "msg": "x" * 50}] * 200, indent=1).encode(),
        json_log(200).encode("utf-16"),
    ],
    ids=["a document", "UTF-16"],
)
def test_what_cannot_be_cut_is_read_whole(folder, content):
    root = folder({"app.json": content})
    assert (
        len(FilesSource.open(root, SMALL).logs(ALL).value)
        == len(FilesSource.open(root).logs(ALL).value)
        > 100
    )


def _dies(part):
    """Stands in for a worker that is killed in the second part of a file."""
    if part.span and part.span[0] > 0 and part.span[1] < 5000:
        raise WorkerDied("a worker process ended with code -9")
    return reading.read_part(part)


def test_a_worker_that_dies_leaves_the_rest(folder, monkeypatch):
    root = folder({"app.jsonl": json_log(200)})
    whole = FilesSource.open(root, SMALL).logs(ALL)
    monkeypatch.setattr("andon.connectors.files.source.read_part", _dies)
    logs = FilesSource.open(root, SMALL).logs(ALL)
    assert logs.status is Status.PARTIAL
    assert 0 < len(logs.value) < len(whole.value)
    (death, *others) = logs.problems
    assert "a part was not read: a worker process ended with code -9" in death.message
    assert "ANDON_JOBS" in death.hint
    assert [str(p) for p in others] == [str(p) for p in whole.problems]


def test_nothing_is_read_when_all_workers_end(folder, monkeypatch):
    monkeypatch.setenv("ANDON_JOBS", "2")
    monkeypatch.setattr("andon.connectors.files.source.read_part", sys.exit)
    logs = FilesSource.open(folder({"app.jsonl": json_log(20)})).logs(ALL)
    assert (logs.status, len(logs.value)) == (Status.FAILED, 0)
    assert "ended with code" in logs.problems[0].message


def test_columns_of_parts_share_their_services(folder):
    logs = FilesSource.open(folder({"app.jsonl": json_log(200)}), SMALL).logs(ALL).value
    assert sorted(logs.services) == ["s0", "s1", "s2"]
    assert np.all(np.diff(logs.times) >= 0)
    assert all(record.body == f"line {record.attributes['n']}" for record in logs)
