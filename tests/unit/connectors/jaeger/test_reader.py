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


def everything(spans: Spans) -> list:
    return [spans[number] for number in range(len(spans))]


def test_little_arrives_whole_and_as_it_was(jaeger, spans_of) -> None:
    spans = spans_of(150, 3600)
    connector, _ = jaeger(spans)
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count, share(result)) == (Status.OK, 450, 1.0)
    for found, held in zip(everything(result.value), everything(spans), strict=True):
        assert found.start == pytest.approx(held.start, abs=2e-6)
        assert found.duration == pytest.approx(held.duration, abs=2e-6)
        names = ("trace_id", "span_id", "parent_id", "service", "name", "kind", "error", "peer", "message")
        assert [getattr(found, name) for name in names] == [getattr(held, name) for name in names]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.integers(60, 1200), slices=st.integers(5, 60), rows=st.sampled_from([0, 3]))
def test_a_sample_of_known_share(jaeger, spans_of, items: int, slices: int, rows: int) -> None:
    spans = spans_of(500, 3600)
    connector, _ = jaeger(spans, rows=rows, limits={"slices": slices})
    result = connector.spans(Need(HOUR, items=items))
    have, whole = Counter(result.value.trace_ids), Counter(spans.trace_ids)
    assert all(whole[one] == count for one, count in have.items())
    expected = 500 * share(result)
    assert abs(len(have) - expected) < 5 * math.sqrt(expected) + 3
    assert result.status is Status.OK


def test_failures_have_the_weight_that_they_have(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(3000, 3600))
    found = connector.spans(Need(HOUR, items=3000)).value
    assert float(found.errors.mean()) == pytest.approx(0.1, abs=0.03)


def test_services_narrow_to_whole_traces(jaeger, spans_of) -> None:
    moved = [one for one in everything(spans_of(30, 3600, seed=7)) if one.service != "pay"]
    connector, server = jaeger(Spans.of([*everything(spans_of(20, 3600)), *moved]))
    result = connector.spans(Need(HOUR, services=("pay",)))
    assert (result.status, result.count) == (Status.OK, 60)
    assert {asked.param("service") for asked in server.asked} == {"pay"}


def test_what_jaeger_admits_is_missing_makes_it_partial(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(5, 60), complaint="3 shards failed")
    result = connector.spans(Need(HOUR))
    assert (result.status, result.count) == (Status.PARTIAL, 15)
    assert result.problems[0].message == "3 shards failed"


def test_a_flood_in_one_moment_is_truncated(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(300, 0.0001))
    assert connector.spans(Need(Window(T, T + 1))).status is Status.TRUNCATED


def test_the_budget_of_bytes_makes_the_sample_smaller(jaeger, spans_of) -> None:
    connector, server = jaeger(spans_of(3000, 3600), limits={"bytes": 2_000_000})
    result = connector.spans(Need(HOUR))
    assert result.status is Status.OK and 0 < share(result) < 0.5
    assert server.sent < 2_000_000
