"""The same span means the same from a file and from an API."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.files import FilesSource
from andon.connectors.trace_records import Trace, hex_id, jaeger_trace, otlp_trace
from andon.telemetry import Span, SpanKind, Window

T = 1_781_864_700
TRACE, PARENT, CHILD = "0a" * 16, "0b" * 8, "0c" * 8


def everything(resource: Any, attributes: Any) -> bool:
    return True


def attributes(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in values.items()]


def otlp_span(**more: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "spanId": CHILD,
        "parentSpanId": PARENT,
        "name": "pay",
        "kind": "SPAN_KIND_CLIENT",
        "startTimeUnixNano": f"{T}123456789",
        "endTimeUnixNano": f"{T}373456789",
        "attributes": attributes(db__system="postgresql", db__name="orders"),
        **more,
    }


def document(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": attributes(service__name="checkout", k8s__namespace__name="shop")}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}


def jaeger(**more: Any) -> dict[str, Any]:
    return {
        "traceID": TRACE,
        "processes": {"p1": {"serviceName": "checkout", "tags": [{"key": "zone", "value": "a"}]}},
        "spans": [
            {
                "traceID": TRACE,
                "spanID": CHILD,
                "operationName": "pay",
                "references": [
                    {"refType": "FOLLOWS_FROM", "spanID": "ff"},
                    {"refType": "CHILD_OF", "spanID": PARENT},
                ],
                "startTime": T * 1_000_000,
                "duration": 250_000,
                "processID": "p1",
                **more,
            }
        ],
    }


def from_file(tmp_path: Path, content: Any) -> list[Span]:
    (tmp_path / "traces.json").write_text(json.dumps(content) + "\n")
    spans = FilesSource.open(tmp_path).spans(Window(T - 60, T + 60)).value
    return [spans[number] for number in range(len(spans))]


ERRORS = [
    {},
    {"status": {"code": "STATUS_CODE_ERROR", "message": "boom"}},
    {
        "status": {"code": 2},
        "events": [
            {"name": "exception", "attributes": attributes(exception__type="E", exception__message="m")}
        ],
    },
    {"kind": 2, "attributes": attributes(peer__service="not a caller")},
    {"kind": 4, "attributes": attributes(messaging__system="kafka", messaging__destination__name="orders")},
]


@pytest.mark.parametrize("more", ERRORS)
def test_otlp_as_in_a_file(tmp_path: Path, more: dict[str, Any]) -> None:
    content = document(otlp_span(**more))
    assert list(otlp_trace(content, everything).spans) == from_file(tmp_path, content)


@pytest.mark.parametrize(
    "tags",
    [
        [],
        [{"key": "error", "value": True}, {"key": "error.message", "value": "boom"}],
        [{"key": "otel.status_code", "value": "ERROR"}, {"key": "otel.status_description", "value": "no"}],
        [{"key": "span.kind", "value": "client"}, {"key": "peer.service", "value": "db"}],
    ],
)
def test_jaeger_as_in_a_file(tmp_path: Path, tags: list[dict[str, Any]]) -> None:
    content = jaeger(tags=tags)
    found = list(jaeger_trace(content, everything).spans)
    assert found == from_file(tmp_path, {"data": [content]})
    assert found[0].parent_id == PARENT


def test_ids_in_base64_and_without_zeros() -> None:
    written = otlp_span(
        traceId=base64.b64encode(bytes.fromhex(TRACE)).decode(),
        spanId=base64.b64encode(bytes.fromhex(CHILD)).decode(),
        parentSpanId=base64.b64encode(bytes(8)).decode(),
    )
    (found,) = otlp_trace({"batches": document(written)["resourceSpans"]}, everything).spans
    assert (found.trace_id, found.span_id, found.parent_id) == (TRACE, CHILD, "")
    assert hex_id("abc", 16) == "0000000000000abc"
    assert hex_id("0000000000000000", 16) == hex_id(None, 16) == ""


def test_what_cannot_be_read_is_counted() -> None:
    trace = otlp_trace(document(otlp_span(), {"spanId": "x"}, otlp_span(startTimeUnixNano=[])), everything)
    assert (len(trace.spans), trace.malformed) == (1, 2)
    assert jaeger_trace({"spans": [{"startTime": "soon"}, 3]}, everything).malformed == 1


def test_the_scope_leaves_spans_out_but_not_the_start_of_the_trace() -> None:
    root = otlp_span(spanId=PARENT, parentSpanId="", attributes=attributes(team="other"))
    later = otlp_span(startTimeUnixNano=f"{T + 1}000000000", endTimeUnixNano=f"{T + 2}000000000")
    trace = otlp_trace(document(root, later), lambda _, own: own.get("team") != "other")
    assert [span.span_id for span in trace.spans] == [CHILD]
    assert trace.start == pytest.approx(T + 0.123456789)
    shop = otlp_trace(document(root), lambda resource, _: resource["k8s.namespace.name"] == "shop")
    assert len(shop.spans) == 1
    zone = jaeger_trace(jaeger(), lambda process, _: process == {"zone": "a", "service.name": "checkout"})
    assert len(zone.spans) == 1


def test_a_span_told_twice_is_kept_once_and_a_shared_id_is_two() -> None:
    client = Span(TRACE, CHILD, "", "a", "x", SpanKind.CLIENT, 1.0, 1.0, False)
    server = replace(client, kind=SpanKind.SERVER, service="b")
    assert Trace.of([(client, True), (client, True), (server, True)]).spans == (client, server)


KEYS = st.sampled_from(
    "traceID spans processes spanID startTime duration tags references refType key value resourceSpans resource "
    "scopeSpans attributes startTimeUnixNano endTimeUnixNano traceId spanId status code kind events name".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=50)
@given(JSON)
def test_nothing_that_arrives_breaks_it(content: Any) -> None:
    otlp_trace(content, everything)
    if isinstance(content, dict):
        jaeger_trace(content, everything)
