from __future__ import annotations

import pytest

from andon.connectors.prometheus.api import Flavour
from andon.connectors.prometheus.catalogue import Family, FamilyKind
from andon.connectors.prometheus.ownership import Ownership
from andon.connectors.prometheus.queries import MARK, Ask, Grid, asks_of, batch, counted_by_name, interval_of
from andon.testing.imitations.promql import StoredSeries, parse

OWNER = Ownership(("job",))
GRID = Grid(15.0, 15.0)


def asks(family: Family, grid: Grid = GRID, *matchers: tuple[str, ...]) -> tuple[Ask, ...]:
    return asks_of(family, OWNER, ("job", "code"), grid, matchers)


def test_a_counter_becomes_its_increase_under_a_plain_name() -> None:
    (ask,) = asks(Family("requests_total", FamilyKind.COUNTER))
    assert ask.expression == 'sum by (job, code) (rate({__name__="requests_total"}[29999ms]) * 15)'
    assert ask.name == "requests" and ask.counts and ask.adds_up
    (ask,) = asks(Family("requests_total", FamilyKind.COUNTER), Grid(60.0, 15.0, Flavour.VICTORIAMETRICS))
    assert ask.expression == 'sum by (job, code) (increase({__name__="requests_total"}[60s]))'


def test_a_histogram_becomes_calls_mean_and_quantile() -> None:
    calls, mean, p99 = asks(Family("http_request_duration_seconds", FamilyKind.HISTOGRAM, "s"))
    assert calls.name == "http_request.calls" and calls.counts
    assert mean.name == "http_request_duration_seconds.mean" and mean.unit == "s" and not mean.adds_up
    assert p99.stated == (("quantile", "0.99"),) and "by (job, code, le)" in p99.expression


@pytest.mark.parametrize(
    ("name", "interval", "expression"),
    [
        ("queue_depth", 15.0, 'max by (job, code) ({__name__="queue_depth"})'),
        ("oven", 5.0, 'avg by (job, code) (avg_over_time({__name__="oven"}[15s]))'),
    ],
)
def test_a_gauge_is_a_level(name: str, interval: float, expression: str) -> None:
    (ask,) = asks(Family(name, FamilyKind.GAUGE), Grid(15.0, interval))
    assert ask.expression == expression


def test_alternatives_take_each_series_once() -> None:
    stored = [
        StoredSeries({"__name__": "m_total", "job": "a", "app": "a"}, [0, 15, 30], [0.0, 30.0, 60.0]),
        StoredSeries({"__name__": "m_total", "job": "a", "app": "b"}, [0, 15, 30], [0.0, 30.0, 60.0]),
    ]
    (ask,) = asks(Family("m_total", FamilyKind.COUNTER), GRID, ('job="a"',), ('app="a"',))
    ((labels, value),) = parse(ask.expression)(stored, 30.0).items()
    assert dict(labels) == {"job": "a"} and value == pytest.approx(60.0)


def test_a_batch_marks_whose_answer_is_which() -> None:
    stored = [StoredSeries({"__name__": name, "job": "a"}, [0], [1.0]) for name in ("a", "b")]
    both = [asks(Family(name, FamilyKind.GAUGE))[0] for name in ("a", "b")]
    found = {dict(labels)[MARK] for labels in parse(batch(both))(stored, 0.0)}
    assert found == {"0", "1"}


def test_counting_and_the_interval() -> None:
    stored = [
        StoredSeries({"__name__": "m", "pod": str(i)}, [15.0 * t for t in range(80)], [1.0] * 80)
        for i in range(3)
    ]
    assert list(parse(counted_by_name(("pod",), (), ["m", "n"]))(stored, 900.0).values()) == [3.0]
    assert list(parse(counted_by_name(("job",), (), ["m"]))(stored, 900.0).values()) == [1.0]
    (interval,) = parse(interval_of("m", ()))(stored, 901.0).values()
    assert interval == pytest.approx(15.0)
