from __future__ import annotations

import builtins
import importlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from andon.errors import MissingExtra
from andon.llm.spans.otlp import as_json, as_protobuf, batches, otlp_messages, refused
from andon.llm.spans.span import Kind, Span, Trace
from unit.llm.spans.receiver import attributes

TEXT = st.text(st.characters(codec=None), max_size=20)
VALUES = st.one_of(TEXT, st.booleans(), st.integers(), st.floats(allow_nan=False), st.lists(TEXT, max_size=3))


def decoded(body: bytes) -> Any:
    (resource,) = trace_service_pb2.ExportTraceServiceRequest.FromString(body).resource_spans
    (scope,) = resource.scope_spans
    return resource, scope


def test_a_span_in_binary_and_in_json() -> None:
    one = Span(
        "chat m", Kind.CLIENT, {"a": 1, "gen_ai.request.temperature": 0.5}, b"\xff" * 8, b"\x01" * 8, 10
    )
    one.end, one.error = 30, "429"
    trace = Trace({"andon.run": "r1"}, id=b"\xab" * 16, spans=[one])
    resource, scope = decoded(as_protobuf(trace, trace.spans))
    (sent,) = scope.spans
    assert attributes(resource.resource)["service.name"] == scope.scope.name == "andon"
    assert (sent.trace_id, sent.span_id, sent.parent_span_id) == (b"\xab" * 16, b"\xff" * 8, b"\x01" * 8)
    assert (sent.name, sent.kind, sent.start_time_unix_nano, sent.end_time_unix_nano) == ("chat m", 3, 10, 30)
    assert (sent.status.code, sent.status.message) == (2, "")
    assert attributes(sent) == {
        "andon.run": "r1",
        "a": 1,
        "gen_ai.request.temperature": 0.5,
        "error.type": "429",
    }
    plain = as_json(trace, trace.spans)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert (plain["traceId"], plain["spanId"], plain["parentSpanId"]) == ("ab" * 16, "ff" * 8, "01" * 8)
    assert (plain["kind"], plain["startTimeUnixNano"]) == (3, "10")


def test_the_first_span_has_no_parent_and_a_sound_one_no_status() -> None:
    trace = Trace(spans=[Span("run")])
    (sent,) = decoded(as_protobuf(trace, trace.spans))[1].spans
    assert (sent.parent_span_id, sent.status.code) == (b"", 0)


@given(TEXT, st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))
def test_whatever_an_attribute_holds_can_be_sent(name: str, held: dict[str, Any]) -> None:
    trace = Trace(spans=[Span(name, attributes=held)])
    (sent,) = decoded(as_protobuf(trace, trace.spans))[1].spans
    assert set(attributes(sent)) == set(held)
    orjson.dumps(as_json(trace, trace.spans))


def test_long_content_goes_in_several_requests() -> None:
    trace = Trace(spans=[Span(str(n), attributes={"text": "x" * 900_000}) for n in range(5)])
    found = list(batches(trace))
    assert [[one.name for one in batch] for batch in found] == [["0", "1"], ["2", "3"], ["4"]]
    assert list(batches(Trace())) == []


def test_how_many_were_refused() -> None:
    answer = trace_service_pb2.ExportTraceServiceResponse()
    assert refused(answer.SerializeToString()) == 0
    answer.partial_success.rejected_spans = 3
    assert refused(answer.SerializeToString()) == 3
    assert refused(b"\xff\xff") == 0


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *rest: Any) -> Any:
        raise ModuleNotFoundError(name) if "opentelemetry" in name else builtins.AssertionError

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtra) as told:
        otlp_messages()
    assert "andon[otlp]" in told.value.hint
