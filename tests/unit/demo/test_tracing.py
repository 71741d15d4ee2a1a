from __future__ import annotations

import pytest

from andon.demo.tracing import CLIENT, SERVER, ActiveSpan, SpanContext, stack_trace


def test_a_context_survives_its_header():
    context = SpanContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert context.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert SpanContext.parse(context.traceparent) == context


@pytest.mark.parametrize(
    "header", [None, "", "00-xyz-1-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"]
)
def test_what_is_no_context_is_none(header):
    assert SpanContext.parse(header) is None


def test_a_child_stays_in_the_trace_of_its_parent():
    parent = ActiveSpan.start("call", CLIENT, None, {})
    child = ActiveSpan.start("serve", SERVER, parent.context, {})
    assert child.record()["traceId"] == parent.record()["traceId"]
    assert child.record()["parentSpanId"] == parent.record()["spanId"]
    assert "parentSpanId" not in parent.record()


def test_times_are_nanoseconds_as_text_and_the_end_is_not_before_the_start():
    record = ActiveSpan.start("call", CLIENT, None, {}).record()
    assert isinstance(record["startTimeUnixNano"], str)
    assert int(record["endTimeUnixNano"]) >= int(record["startTimeUnixNano"]) > 10**18


def test_a_failure_is_a_status_and_an_exception_event():
    span = ActiveSpan.start("call", CLIENT, None, {})
    span.fail("no route", ConnectionRefusedError("no route"))
    record = span.record()
    assert record["status"] == {"code": 2, "message": "no route"}
    assert record["events"][0]["name"] == "exception"
    assert {"key": "error.type", "value": {"stringValue": "ConnectionRefusedError"}} in record["attributes"]


def test_a_stack_trace_names_no_place_of_this_machine():
    try:
        try:
            int("x")
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        text = stack_trace(error)
    assert "invalid literal" in text
    assert "RuntimeError: outer" in text
    assert __file__ not in text
