from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.tempo import TempoScope, traceql
from andon.telemetry import SpanKind
from andon.testing.imitations.held_traces import HeldSpan
from andon.testing.imitations.tempo.traceql import parsed

SHOP = TempoScope(match={"resource.k8s.namespace.name": ("shop", "bank")})


def held(service: str, namespace: str = "shop") -> HeldSpan:
    resource = {"service.name": service, "k8s.namespace.name": namespace}
    return HeldSpan("1", "", "x", SpanKind.SERVER, 1, 1, False, "", resource, {})


def test_everything() -> None:
    assert traceql.traces(TempoScope()) == "{ }"


def test_scope_and_services() -> None:
    query = traceql.traces(SHOP, ("a", "b"))
    inside = '(resource.k8s.namespace.name = "shop" || resource.k8s.namespace.name = "bank")'
    named = '(resource.service.name = "a" || resource.service.name = "b")'
    assert query == f"{{ {inside} }} && {{ {inside} && {named} }}"


def test_a_trace_of_a_service_comes_with_its_other_spans_in_scope() -> None:
    spans = [held("a"), held("c"), held("c", "other")]
    assert parsed(traceql.traces(SHOP, ("a",))).matched(spans) == spans[:2]
    assert parsed(traceql.traces(SHOP, ("z",))).matched(spans) == []


def test_fields_of_the_scope_are_selected_once() -> None:
    scope = TempoScope(match={"resource.service.name": ("a",), "span.tier": ("1",)})
    query = traceql.selected("{ }", scope)
    assert query.count("resource.service.name") == 1
    assert "span.tier" in query and "span:parentID" in query
    assert parsed(query).fields[0] == "span:parentID"


def test_counted() -> None:
    assert parsed(traceql.counted("{ }")).metric == "count_over_time"


@given(st.text())
def test_no_value_leaves_its_quotes(value: str) -> None:
    scope = TempoScope(match={"resource.k8s.namespace.name": (value,)})
    query = parsed(traceql.traces(scope, (value,)))
    assert query.matched([held(value, value)])
    assert not query.matched([held(value + "x", value)])
