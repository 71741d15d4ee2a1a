import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files.spans_json import parse_jaeger, parse_otlp_spans, parse_simple_spans, peer_of
from andon.errors import ParseError
from andon.telemetry import SpanKind

T = 1_781_864_700


def attributes(**values):
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in values.items()]


def otlp(*spans):
    resource = {"attributes": attributes(service__name="pay")}
    return (
        json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}) + "\n"
    )


def span(**more):
    times = {"startTimeUnixNano": f"{T}000000000", "endTimeUnixNano": f"{T}250000000"}
    return {"traceId": "aa", "spanId": "b1", "name": "GET /", "kind": 3, **times, **more}


def test_otlp(parse):
    failed = span(
        parentSpanId="b0", status={"code": 2, "message": "boom"}, attributes=attributes(peer__service="db")
    )
    (found,) = parse(parse_otlp_spans, otlp(failed)).spans
    assert (found.service, found.name, found.kind, found.parent_id) == ("pay", "GET /", SpanKind.CLIENT, "b0")
    assert (found.start, found.duration, found.error, found.peer, found.message) == (
        T,
        0.25,
        True,
        "db",
        "boom",
    )


def test_otlp_names_of_enums_and_exceptions(parse):
    event = {"name": "exception", "attributes": attributes(exception__type="E", exception__message="m")}
    (found,) = parse(
        parse_otlp_spans,
        otlp(span(kind="SPAN_KIND_SERVER", status={"code": "STATUS_CODE_ERROR"}, events=[event])),
    ).spans
    assert (found.kind, found.error, found.message) == (SpanKind.SERVER, True, "E: m")


def test_otlp_damaged_spans_are_counted(parse):
    parsed = parse(parse_otlp_spans, otlp({"spanId": "x"}, span(endTimeUnixNano=f"{T - 1}000000000")))
    assert [found.duration for found in parsed.spans] == [0.0]
    assert len(parsed.problems) == 2


@pytest.mark.parametrize(
    ("given_attributes", "peer"),
    [
        ({"peer.service": "a", "server.address": "b"}, "a"),
        ({"db.system": "postgresql", "db.name": "orders", "server.address": "b"}, "postgresql/orders"),
        ({"db.system.name": "mysql", "db.namespace": "x"}, "mysql/x"),
        ({"db.system": "redis", "server.address": "cache"}, "cache"),
        ({"db.system": "redis"}, "redis"),
        ({"server.address": "b"}, "b"),
        ({"messaging.system": "kafka", "messaging.destination.name": "t"}, "kafka/t"),
        ({}, ""),
    ],
)
def test_peers(given_attributes, peer):
    assert peer_of(given_attributes) == peer


def test_jaeger(parse):
    one = {
        "traceID": "aa", "spanID": "b1", "operationName": "GET", "processID": "p1", "startTime": T * 10**6, "duration": 1500,
        "references": [{"refType": "FOLLOWS_FROM", "spanID": "z"}, {"refType": "CHILD_OF", "spanID": "b0"}],
        "tags": [{"key": "span.kind", "value": "client"}, {"key": "error", "value": True}, {"key": "peer.service", "value": "db"}],
    }  # fmt: skip
    parsed = parse(
        parse_jaeger,
        json.dumps({"data": [{"spans": [one, {}], "processes": {"p1": {"serviceName": "pay"}}}]}),
    )
    (found,) = parsed.spans
    assert (found.service, found.parent_id, found.kind, found.error, found.peer) == (
        "pay",
        "b0",
        SpanKind.CLIENT,
        True,
        "db",
    )
    assert (found.start, found.duration) == (T, 0.0015)
    assert len(parsed.problems) == 1


def test_simple_spans(parse):
    records = [
        {
            "trace_id": "t",
            "span_id": "a",
            "parent_id": None,
            "service": "web",
            "name": "GET",
            "start": "2026-06-19T10:25:00Z",
            "duration_ms": 1520,
            "status": "ERROR",
            "error": "late",
        },
        {
            "trace_id": "t",
            "span_id": "b",
            "parent_id": "a",
            "service": "pay",
            "name": "x",
            "start": "2026-06-19T10:25:01Z",
            "duration_ms": 2,
            "status": "OK",
        },
    ]
    first, second = parse(parse_simple_spans, json.dumps(records)).spans
    assert (first.parent_id, first.duration, first.error, first.message) == ("", 1.52, True, "late")
    assert (second.parent_id, second.error) == ("a", False)


@pytest.mark.parametrize(("unit", "seconds", "problems"), [("", 0.005, 1), ("us", 5e-6, 0), ("s", 5.0, 0)])
def test_units_of_durations(parse, unit, seconds, problems):
    parsed = parse(parse_simple_spans, json.dumps([{"span_id": "a", "start": T, "duration": 5}]), unit=unit)
    assert parsed.spans[0].duration == pytest.approx(seconds)
    assert len(parsed.problems) == problems


def test_simple_spans_without_the_fields(parse):
    with pytest.raises(ParseError, match="no field for span_id, start, duration or end; the fields are a"):
        parse(parse_simple_spans, '[{"a": 1}]')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["spans", "startTimeUnixNano", "endTimeUnixNano", "attributes", "status", "events", "tags", "references", "processes", "processID", "span_id", "start", "end", "duration", "startTime"]), inner, max_size=5),
)  # fmt: skip


@given(JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_any_json_gives_spans_or_a_parse_error(parse, value):
    wrapped = {
        "resourceSpans": [{"resource": value, "scopeSpans": [{"spans": [value]}]}],
        "data": [value],
        "spans": [value],
    }
    for parser in (parse_otlp_spans, parse_jaeger, parse_simple_spans):
        try:
            parse(parser, json.dumps(wrapped))
        except ParseError:
            continue
