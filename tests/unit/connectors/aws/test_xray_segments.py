"""Segment documents as spans."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.aws.xray_segments import epoch_of, spans_in, trace_id_of
from andon.telemetry import SpanKind

SEGMENT: dict[str, Any] = {
    "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    "id": "defdfd9912dc5a56",
    "name": "checkout",
    "start_time": 1461096053.37518,
    "end_time": 1461096053.4042,
    "http": {
        "request": {"method": "POST", "url": "https://shop.example/pay/card?id=7"},
        "response": {"status": 500},
    },
    "fault": True,
    "cause": {"exceptions": [{"type": "TimeoutError", "message": "no answer"}]},
    "aws": {"account_id": "111122223333"},
    "subsegments": [
        {
            "id": "53995c3f42cd8ad8",
            "name": "orders",
            "namespace": "aws",
            "start_time": 1461096053.38,
            "end_time": 1461096053.39,
            "aws": {"operation": "PutItem"},
            "throttle": True,
            "subsegments": [
                {"id": "1a", "name": "retry", "start_time": 1461096053.381, "end_time": 1461096053.385}
            ],
        },
        {"id": "half", "name": "not over"},
        "no subsegment",
    ],
}


def test_a_segment_is_a_server_and_its_calls_are_clients():
    (server, client, inner), account = spans_in(json.dumps(SEGMENT))
    assert account == "111122223333"
    assert server.trace_id == "5759e988bd862e3fe1be46a994272793" == trace_id_of(SEGMENT["trace_id"])
    assert (server.kind, server.service, server.name) == (SpanKind.SERVER, "checkout", "POST /pay/card")
    assert server.error and server.message == "TimeoutError: no answer"
    assert server.duration == pytest.approx(0.02902, abs=1e-6)
    assert (client.kind, client.service, client.peer, client.name) == (
        SpanKind.CLIENT,
        "checkout",
        "orders",
        "PutItem",
    )
    assert client.parent_id == server.span_id and client.error
    assert (inner.kind, inner.parent_id, inner.peer, inner.error) == (
        SpanKind.INTERNAL,
        client.span_id,
        "",
        False,
    )


def test_a_refused_request_is_an_error_of_the_caller():
    four = {"error": True, "fault": False, "cause": {}}
    [server, *_], _ = spans_in(json.dumps(SEGMENT | four))
    assert not server.error
    [client, *_], _ = spans_in(json.dumps(SEGMENT | four | {"type": "subsegment", "namespace": "remote"}))
    assert client.error and client.kind is SpanKind.CLIENT


def test_the_second_in_which_a_trace_began():
    assert epoch_of(SEGMENT["trace_id"]) == 0x5759E988
    assert epoch_of("5759e988") == epoch_of("1-xyz-1") == -1.0


@pytest.mark.parametrize(
    "document", ["", "[]", "{}", '{"id": "a"}', '{"id": "a", "start_time": "x", "end_time": 1}']
)
def test_what_is_no_segment_is_refused(document: str):
    with pytest.raises(ValueError, match=r"JSON|without"):
        spans_in(document)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(SEGMENT)), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(SEGMENT)), VALUES))
def test_any_document_is_read_or_refused(changed: dict[str, Any]):
    try:
        spans, _ = spans_in(json.dumps(SEGMENT | changed))
    except ValueError:
        return
    assert all(span.duration >= 0 for span in spans)
