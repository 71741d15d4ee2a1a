from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors import Need
from andon.telemetry import Spans, Status, Window

T = 1_781_863_000.0
HOUR = Window(T, T + 3600)


def share(result) -> float:
    return min(fetch.share for fetch in result.fetches)


def traces(spans: Spans) -> Counter[str]:
    return Counter(spans.trace_ids)


def everything(spans: Spans) -> list:
    return [spans[number] for number in range(len(spans))]


def same(found: Spans, held: Spans, window: Window = HOUR) -> None:
    """Every trace that is there is there whole and once, and starts in the window."""
    have, whole = traces(found), traces(held)
    first = dict.fromkeys(whole, math.inf)
    for number in range(len(held)):
        identity = held.trace_ids[number]
        first[identity] = min(first[identity], float(held.starts[number]))
    assert all(whole[one] == count for one, count in have.items())
    assert all(first[one] in window for one in have)


@pytest.mark.parametrize("version", ["2.8.2", "2.6.0"])
def test_little_arrives_whole_and_as_it_was(tempo, spans_of, version: str) -> None:
    spans = spans_of(150, 3600)
    connector, _ = tempo(spans, version=version)
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count, share(result)) == (Status.OK, 450, 1.0)
    for found, held in zip(everything(result.value), everything(spans), strict=True):
        assert found.start == pytest.approx(held.start, abs=1e-6)
        assert found.duration == pytest.approx(held.duration, abs=1e-6)
        names = ("trace_id", "span_id", "parent_id", "service", "name", "kind", "error", "peer", "message")
        assert [getattr(found, name) for name in names] == [getattr(held, name) for name in names]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.integers(60, 1200),
    slices=st.integers(24, 60),
    offset=st.floats(0, 0.999),
    version=st.sampled_from(["2.8.2", "2.5.0"]),
    most=st.sampled_from([50, 262_144]),
)
def test_a_sample_of_known_share(tempo, spans_of, items, slices, offset, version, most) -> None:
    spans = spans_of(500, 3600)
    window = Window(T + offset, T + 3500 + offset)
    connector, _ = tempo(spans, version=version, most_traces=most, limits={"slices": slices})
    result = connector.spans(Need(window, items=items))
    same(result.value, spans, window)
    there, came = 500 * 3500 / 3600, len(traces(result.value))
    expected = there * share(result)
    assert abs(came - expected) < 5 * math.sqrt(expected) + 3
    assert result.count <= items * 1.5 + 150
    assert result.status is Status.OK


def test_failures_have_the_weight_that_they_have(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(4000, 3600))
    found = connector.spans(Need(HOUR, items=3000)).value
    assert float(found.errors.mean()) == pytest.approx(0.1, abs=0.03)


def test_traces_in_several_blocks_are_fetched_by_their_id(tempo, spans_of) -> None:
    spans = spans_of(60, 3600)
    split = sorted(set(spans.trace_ids))[:7]
    connector, server = tempo(spans, split=split)
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count) == (Status.OK, 180)
    singles = [asked.path for asked in server.asked if "/api/v2/traces/" in asked.path]
    assert len(singles) == 7
    assert any("7 traces" in fetch.query for fetch in result.fetches)


def test_a_trace_that_is_gone_is_told(tempo, spans_of) -> None:
    spans = spans_of(40, 3600)
    lost = sorted(set(spans.trace_ids))[:2]
    connector, _ = tempo(spans, split=lost, lost=lost)
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count) == (Status.PARTIAL, 114)
    assert [(p.message, p.count) for p in result.problems] == [
        ("a trace was gone before it could be fetched", 2)
    ]


def test_a_trace_that_is_cut_is_told(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(10, 3600), version="2.7.0", largest=2)
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count) == (Status.PARTIAL, 20)
    assert "maximum size" in result.problems[0].message


def test_more_than_a_second_can_tell_is_truncated(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(300, 0.9), most_traces=40)
    result = connector.spans(Need(Window(T, T + 1)))
    assert result.status is Status.TRUNCATED
    assert "max_result_limit" in result.problems[0].hint


def test_a_busy_second_is_listed_and_a_part_of_it_fetched(tempo, spans_of) -> None:
    spans = spans_of(3000, 40)
    connector, server = tempo(spans)
    window = Window(T, T + 40)
    result = connector.spans(Need(window, items=300))
    same(result.value, spans, window)
    assert share(result) < 0.05
    assert any("/api/v2/traces/" in asked.path for asked in server.asked)
    assert not any("spss=1000" in str(asked.params) for asked in server.asked)


def test_services_narrow_to_whole_traces(tempo, spans_of) -> None:
    other = spans_of(30, 3600, seed=7)
    moved = [one for one in everything(other) if one.service != "pay"]
    both = Spans.of([*everything(spans_of(20, 3600)), *moved])
    connector, _ = tempo(both)
    result = connector.spans(Need(HOUR, services=("pay",)))
    assert (result.status, result.count) == (Status.OK, 60)
    assert set(result.value.services) == {"gateway", "pay"}


def test_the_budget_of_bytes_makes_the_sample_smaller(tempo, spans_of) -> None:
    connector, server = tempo(spans_of(3000, 3600), limits={"bytes": 2_000_000})
    result = connector.spans(Need(HOUR))
    assert result.status is Status.OK and 0 < share(result) < 0.2
    assert server.sent < 2_000_000
