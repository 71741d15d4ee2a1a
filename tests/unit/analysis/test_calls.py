from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.calls import CallTally, Tally, find_calls, tally_calls
from andon.telemetry import Span, SpanKind, Spans, Window

BASELINE, INCIDENT = Window(0, 800), Window(800, 1000)


def request(
    start: float,
    *,
    shop: float = 0.1,
    wait: float = 0.05,
    store: float | None = 0.04,
    shop_error: bool = False,
    store_error: bool = False,
    name: str = "GET /",
) -> list[Span]:
    """One request to `shop`, which calls `store`; without seconds for `store` the call never arrives."""
    trace = f"{start}"
    failed = shop_error or store_error
    spans = [
        Span(trace, "1", "", "shop", name, SpanKind.SERVER, start, shop, failed),
        Span(trace, "2", "1", "shop", "call", SpanKind.CLIENT, start + 0.01, wait, store_error, "store:80"),
    ]
    if store is not None:
        spans.append(
            Span(trace, "3", "2", "store", "read", SpanKind.SERVER, start + 0.02, store, store_error)
        )
    return spans


def tallied(**incident: object) -> CallTally:
    """One request a second, the ones of the incident with the given differences."""
    spans = [span for t in range(800) for span in request(t)]
    spans += [span for t in range(800, 1000) for span in request(t, **incident)]
    return tally_calls(find_calls(Spans.of(spans)), BASELINE, INCIDENT)


def node(tally: CallTally, service: str) -> Tally:
    (found,) = [n for n in tally.nodes if n.caller == service]
    return found


def test_a_call_is_resolved_from_the_callers_span_to_the_callee() -> None:
    calls = find_calls(Spans.of(request(0)))
    assert list(calls.entry) == [True, False, True]
    assert [calls.services[to] if to >= 0 else "" for to in calls.link_to] == ["", "store", ""]
    assert list(calls.answered) == [False, True, False]
    assert calls.own_seconds == pytest.approx([0.05, 0.01, 0.04])


def test_a_call_that_never_arrives_goes_to_whom_the_peer_name_stood_for() -> None:
    calls = find_calls(Spans.of([*request(0), *request(1, store=None)]))
    assert calls.services[calls.link_to[4]] == "store"
    assert not calls.answered[4]


def test_an_unknown_peer_becomes_a_service_of_its_own() -> None:
    calls = find_calls(Spans.of(request(1, store=None)))
    assert calls.services == ("shop", "store:80")
    assert calls.services[calls.link_to[1]] == "store:80"


def test_who_passes_a_failure_on_does_not_own_it() -> None:
    calls = find_calls(Spans.of(request(0, store_error=True)))
    assert list(calls.own_error) == [False, False, True]


def test_a_consumer_is_not_waited_for() -> None:
    spans = [
        Span("t", "1", "", "shop", "send", SpanKind.PRODUCER, 0, 0.1, False),
        Span("t", "2", "1", "mailer", "work", SpanKind.CONSUMER, 1, 60.0, False),
    ]
    assert find_calls(Spans.of(spans)).own_seconds == pytest.approx([0.1, 60])


def test_quiet_time_adds_nothing() -> None:
    for tally in (tallied().nodes, tallied().links):
        for one in tally:
            assert abs(one.delay) <= one.delay_noise
            assert abs(one.failures) <= one.failures_noise
            assert abs(one.missing) <= one.missing_noise


def test_delay_is_measured_at_the_callee_the_call_and_the_caller() -> None:
    tally = tallied(shop=2.1, wait=2.05, store=2.04)
    (link,) = tally.links
    for one in (node(tally, "shop"), node(tally, "store"), link):
        assert one.delay == pytest.approx(2 * 200, rel=0.01)
        assert one.delay > 10 * one.delay_noise
    assert (link.caller, link.callee) == ("shop", "store")
    assert node(tally, "shop").own_incident_seconds == pytest.approx(200 * 0.05)


def test_failures_are_counted_beyond_the_usual() -> None:
    tally = tallied(store_error=True)
    store, shop = node(tally, "store"), node(tally, "shop")
    assert store.failures == shop.failures == 200
    assert (store.own_incident_errors, shop.own_incident_errors) == (200, 0)
    assert store.baseline_errors == 0


def test_unanswered_calls() -> None:
    (link,) = tallied(store=None).links
    assert (link.unanswered_baseline, link.unanswered_incident) == (0, 200)


def test_missing_calls() -> None:
    quiet = Spans.of([span for t in range(800) for span in request(t)])
    shop = node(tally_calls(find_calls(quiet), BASELINE, INCIDENT), "shop")
    assert shop.missing == pytest.approx(200)
    assert shop.missing > 5 * shop.missing_noise


def test_the_usual_number_of_calls_is_counted_where_traces_were_kept() -> None:
    kept = Spans.of([span for t in range(600, 1000) for span in request(t)])
    shop = node(tally_calls(find_calls(kept), BASELINE, INCIDENT), "shop")
    assert abs(shop.missing) < shop.missing_noise


def test_another_mix_of_requests_is_no_change_of_speed() -> None:
    fast, slow = {"name": "fast", "shop": 0.1}, {"name": "slow", "shop": 5.0}
    spans = [s for t in range(800) for s in request(t, **(slow if t % 10 == 0 else fast))]
    spans += [s for t in range(800, 1000) for s in request(t, **(fast if t % 10 == 0 else slow))]
    shop = node(tally_calls(find_calls(Spans.of(spans)), BASELINE, INCIDENT), "shop")
    assert abs(shop.delay) <= shop.delay_noise


def test_bins_count_every_call_once() -> None:
    tally = tallied(store_error=True)
    assert len(tally.edges) == len(node(tally, "shop").bins) + 1
    assert sum(node(tally, "shop").bins) == 1000
    assert sum(node(tally, "store").bin_errors) == 200
    assert sum(node(tally, "shop").bin_seconds) == pytest.approx(100)


def test_no_spans() -> None:
    tally = tally_calls(find_calls(Spans.of([])), BASELINE, INCIDENT)
    assert (tally.nodes, tally.links) == ((), ())


spans = st.builds(
    Span,
    trace_id=st.sampled_from("xy"),
    span_id=st.sampled_from("12345"),
    parent_id=st.sampled_from(["", *"12345"]),
    service=st.sampled_from(["a", "b", "c", ""]),
    name=st.sampled_from(["n", "m"]),
    kind=st.sampled_from(SpanKind),
    start=st.floats(0, 1000),
    duration=st.floats(0, 1000) | st.sampled_from([float("nan"), float("inf")]),
    error=st.booleans(),
    peer=st.sampled_from(["", "a", "d"]),
)


@given(st.lists(spans, max_size=12))
def test_any_spans_are_tallied(many: list[Span]) -> None:
    tally = tally_calls(find_calls(Spans.of(many)), BASELINE, INCIDENT)
    for one in (*tally.nodes, *tally.links):
        numbers = [value for value in dataclasses.astuple(one) if isinstance(value, int | float)]
        assert np.isfinite(numbers).all()
        assert one.caller != one.callee or not one.callee


def test_callers_without_client_spans_are_measured_where_the_call_arrives() -> None:
    """One server span calls two services: two links, each with the seconds of its own callee."""
    spans = [
        Span("t", "1", "", "shop", "GET /", SpanKind.SERVER, 0, 0.5, False),
        Span("t", "2", "1", "store", "read", SpanKind.SERVER, 0.1, 0.1, False),
        Span("t", "3", "1", "mail", "send", SpanKind.SERVER, 0.2, 0.3, False),
    ]
    links = tally_calls(find_calls(Spans.of(spans)), BASELINE, INCIDENT).links
    found = {(link.caller, link.callee): link.baseline_seconds for link in links}
    assert found == pytest.approx({("shop", "store"): 0.1, ("shop", "mail"): 0.3})
