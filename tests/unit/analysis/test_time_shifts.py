from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.calls import find_calls
from andon.analysis.invocations import find_invocations
from andon.analysis.templates import mine
from andon.analysis.time_shifts import TimeShifts, compare_times, rank_z
from andon.telemetry import Logs, Span, SpanKind, Spans, Window

BASELINE, INCIDENT = Window(0, 200), Window(200, 300)
CALLEES = ("cart", "prices", "stock", "mail", "auth", "tax")


def request(t: int, edges: dict[str, float], own: dict[str, float], kind: SpanKind) -> list[Span]:
    """shop calls cart, cart calls the others; `edges` and `own` are seconds that are added to 5 and 20 ms."""
    jitter = 1 + 0.2 * np.sin(7.0 * t)
    trace, spans, start = f"{t}", [], t + 0.01
    server, client = (SpanKind.SERVER, SpanKind.CLIENT) if kind else (kind, kind)
    inside = 0.0
    for i, name in enumerate(CALLEES[1:]):
        work = 0.02 * jitter + own.get(name, 0.0)
        waited = work + 0.005 * jitter + edges.get(name, 0.0) + edges.get("cart", 0.0)
        spans.append(Span(trace, f"c{i}", "s", "cart", "call", client, start + inside, waited, False))
        spans.append(Span(trace, f"s{i}", f"c{i}", name, "serve", server, start + inside, work, False))
        inside += waited
    work = inside + 0.02 * jitter + own.get("cart", 0.0)
    waited = work + 0.005 * jitter + edges.get("cart", 0.0)
    spans += [
        Span(trace, "root", "", "shop", "GET /cart", server, t, waited + 0.01, False),
        Span(trace, "c", "root", "shop", "call", client, t, waited, False),
        Span(trace, "s", "c", "cart", "read", server, start, work, False),
    ]
    return spans


def compared(edges: dict[str, float], own: dict[str, float], kind: SpanKind = SpanKind.SERVER) -> TimeShifts:
    spans = [span for t in range(200) for span in request(t, {}, {}, kind)]
    spans += [span for t in range(200, 300) for span in request(t, edges, own, kind)]
    calls = find_calls(Spans.of(spans))
    found = find_invocations(calls, Logs.of([]), mine([]))
    return compare_times(calls, found, BASELINE, INCIDENT)


@pytest.mark.parametrize("kind", [SpanKind.SERVER, SpanKind.UNSPECIFIED])
def test_a_delay_around_one_service_is_its_networks(kind: SpanKind) -> None:
    shifts = compared({"prices": 0.05}, {}, kind)
    assert shifts.networks[0].service == "prices"
    slowest = shifts.edges[shifts.networks[0].slowest]
    assert (slowest.caller, slowest.callee) == ("cart", "prices")
    assert slowest.incident == pytest.approx(0.055, abs=0.005)
    assert not any(one.slower for one in shifts.own)


def test_a_delay_on_all_calls_of_a_service_is_that_services() -> None:
    assert compared({"cart": 0.05}, {}).networks[0].service == "cart"


def test_a_service_that_works_longer_is_found_by_its_own_time_and_no_network_is() -> None:
    shifts = compared({}, {"stock": 0.2})
    assert (shifts.own[0].caller, shifts.own[0].slower) == ("stock", True)
    assert max(network.z for network in shifts.networks) < 3


def test_where_all_ways_lead_to_one_service_and_grew_it_is_that_services() -> None:
    assert compared(dict.fromkeys(CALLEES[1:], 0.01), {}).networks[0].service == "cart"


def test_what_grows_everywhere_is_nobodys() -> None:
    spans = [span for t in range(200) for span in request(t, {}, {}, SpanKind.SERVER)]
    grown = dict.fromkeys(CALLEES, 0.005)
    spans += [span for t in range(200, 300) for span in request(t, grown, {}, SpanKind.SERVER)]
    twice = [
        replace(span, trace_id=f"{span.trace_id}{world}", service=f"{span.service}-{world}")
        for span in spans
        for world in "abc"
    ]
    calls = find_calls(Spans.of(twice))
    shifts = compare_times(calls, find_invocations(calls, Logs.of([]), mine([])), BASELINE, INCIDENT)
    assert min(edge.z for edge in shifts.edges) > 8
    assert max(network.z for network in shifts.networks) < max(edge.z for edge in shifts.edges)


def test_nothing_shifts_where_nothing_changed() -> None:
    shifts = compared({}, {})
    assert not [n for n in shifts.networks if n.z > 3]
    assert not [one for one in shifts.own if one.slower]


def test_too_few_calls_say_nothing() -> None:
    spans = [span for t in (1, 2, 250, 251) for span in request(t, {}, {}, SpanKind.SERVER)]
    calls = find_calls(Spans.of(spans))
    shifts = compare_times(calls, find_invocations(calls, Logs.of([]), mine([])), BASELINE, INCIDENT)
    assert shifts == TimeShifts((), (), ())


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=30), st.lists(st.integers(0, 5), min_size=2, max_size=30)
)
def test_ranks_are_antisymmetric(old: list[int], new: list[int]) -> None:
    a, b = np.array(old, dtype=float), np.array(new, dtype=float)
    assert rank_z(a, b) == pytest.approx(-rank_z(b, a))


def test_ranks_agree_with_the_formula_of_mann_and_whitney() -> None:
    old, new = np.arange(10.0), np.arange(5.0, 15.0) + 0.5
    u = sum(float(x > y) for x in new for y in old)
    assert rank_z(old, new) == pytest.approx((u - 50) / np.sqrt(10 * 10 * 21 / 12))
