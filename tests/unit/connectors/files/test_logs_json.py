import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files import Limits
from andon.connectors.files.logs_json import parse_csv_logs, parse_json_logs, parse_otlp_logs
from andon.errors import ParseError
from andon.telemetry import ERROR, INFO, WARN

T = 1_781_864_700


def jsonl(*records):
    return "".join(json.dumps(record) + "\n" for record in (*records, {"time": T + 999, "msg": "end"}))


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp": "2026-06-19T10:25:00Z", "severity_text": "ERROR", "service": "pay", "msg": "boom"},
        {
            "@timestamp": "2026-06-19T10:25:00.000Z",
            "log.level": "error",
            "service.name": "pay",
            "message": "boom",
        },
        {"ts": T, "level": "err", "app": "pay", "body": "boom"},
        {"time": T * 1000, "level": 50, "service": {"name": "pay"}, "text": "boom"},
        {"time": str(T * 10**9), "severity": 3, "kubernetes": {"container_name": "pay"}, "log": "boom"},
    ],
)
def test_usual_field_names(parse, record):
    first = parse(parse_json_logs, jsonl(record)).logs[0]
    assert (first.time, first.severity, first.service, first.body) == (T, ERROR, "pay", "boom")


def test_other_fields_are_attributes_and_text_stays_verbatim(parse):
    body = "<script>alert(1)</script> \x1b[31mred\x1b[0m\ttab"
    (first, _) = parse(
        parse_json_logs, jsonl({"time": T, "msg": body, "trace_id": "ab", "user": {"id": 7}})
    ).logs
    assert (first.body, first.trace_id, first.attributes) == (body, "ab", {"user": {"id": 7}})


def test_records_of_several_shapes(parse):
    logs = parse(
        parse_json_logs,
        jsonl({"time": T, "msg": "a"}, {"@timestamp": T + 1, "message": "b"}, {"time": T + 2, "msg": "c"}),
    ).logs
    assert [record.body for record in logs] == ["a", "b", "c", "end"]


def test_messages_that_are_no_text(parse):
    logs = parse(
        parse_json_logs, jsonl({"time": T, "msg": {"a": 1}}, {"time": T + 1, "level": "warn", "code": 5})
    ).logs
    assert [record.body for record in logs[:2]] == ['{"a":1}', '{"code":5}']
    assert logs[1].severity == WARN


def test_records_without_a_time_are_counted(parse):
    parsed = parse(parse_json_logs, jsonl({"msg": "a"}, {"time": "soon", "msg": "b"}))
    assert len(parsed.logs) == 1
    assert parsed.problems == ["file.txt:1: record without a readable time left out (2 times)"]


def test_long_records_are_cut(parse):
    parsed = parse(parse_json_logs, jsonl({"time": T, "msg": "x" * 5000}), limits=Limits(text=1000))
    assert len(parsed.logs[0].body) == 1000
    assert parsed.problems == ["file.txt:1: record longer than 1,000 characters was cut"]


def test_fields_named_by_the_user(parse):
    parsed = parse(
        parse_json_logs, jsonl({"a": T, "b": "text", "msg": "other"}), columns={"time": "a", "message": "b"}
    )
    assert parsed.logs[0].body == "text"


def test_an_array_of_records(parse):
    assert len(parse(parse_json_logs, json.dumps([{"time": T, "msg": "a"}])).logs) == 1


def test_records_are_sorted(parse):
    logs = parse(
        parse_json_logs,
        jsonl({"time": T + 9, "msg": "b", "service": "y"}, {"time": T, "msg": "a", "service": "x"}),
    ).logs
    assert [(record.body, record.service) for record in logs[:2]] == [("a", "x"), ("b", "y")]


def test_otlp(parse):
    record = {
        "timeUnixNano": "0",
        "observedTimeUnixNano": f"{T}000000000",
        "severityNumber": 17,
        "body": {"stringValue": "boom"},
        "traceId": "ab",
        "attributes": [
            {"key": "n", "value": {"intValue": "12"}},
            {"key": "exception.stacktrace", "value": {"stringValue": "at x"}},
            {"key": "l", "value": {"arrayValue": {"values": [{"boolValue": True}]}}},
        ],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "pay"}}]}
    parsed = parse(
        parse_otlp_logs,
        json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record, {}]}]}]}),
    )
    (first,) = parsed.logs
    assert (first.time, first.severity, first.service, first.body, first.trace_id) == (
        T,
        ERROR,
        "pay",
        "boom\nat x",
        "ab",
    )
    assert (first.attributes["n"], first.attributes["l"]) == (12, [True])
    assert parsed.problems == ["file.txt:1: record without a readable time left out"]


def test_csv(parse):
    parsed = parse(
        parse_csv_logs, 'time,level,message,host\n2026-06-19T10:25:00Z,INFO,"a,b",h1\nx,INFO,c,h\n'
    )
    (first,) = parsed.logs
    assert (first.severity, first.body, first.service) == (INFO, "a,b", "h1")
    assert len(parsed.problems) == 1
    with pytest.raises(ParseError, match="no column for message"):
        parse(parse_csv_logs, "time,x\n1,2\n")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["time", "msg", "level", "service", "trace_id", "log"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text()
            | st.lists(st.text())
            | st.dictionaries(st.text(), st.text()),
        ),
        min_size=2,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_any_records_are_read_or_counted(parse, records):
    parsed = parse(parse_json_logs, jsonl(*({"x": 1, **record} for record in records)))
    counted = sum(
        problem.count for problem in parsed.file.problems.problems() if "left out" in problem.message
    )
    assert len(parsed.logs) + counted == len(records) + 1


@given(st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_any_bytes(parse, content):
    for parser in (parse_json_logs, parse_otlp_logs, parse_csv_logs):
        for head in (b"", b"time,message\n", b'{"time": 1, "msg": "a"}\n'):
            try:
                parse(parser, head + content)
            except ParseError:
                continue
