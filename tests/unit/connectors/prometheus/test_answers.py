from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.prometheus.answers import Gathered, points_of
from andon.connectors.prometheus.ownership import Ownership
from andon.connectors.prometheus.queries import Ask
from andon.connectors.prometheus.scope import PrometheusScope

COUNTER = Ask(
    "x", "requests", "", Ownership(("service", "job")), ("service", "job", "code"), adds_up=True, counts=True
)
LEVEL = replace(COUNTER, name="queue_depth", adds_up=False, counts=False)
JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["metric", "values", "x"]), inner)
    ),
    max_leaves=12,
)


def one(values: list[Any], ask: int = 0, **labels: str) -> dict[str, Any]:
    return {"metric": {"andon_ask": str(ask), **labels}, "values": values}


def test_counts_lose_the_dust_of_multiplying() -> None:
    found = Gathered(PrometheusScope())
    found.add([COUNTER], [one([[15, "59.99999999999999"], [30, "10.5"]], job="shop/checkout", code="200")])
    (series,) = found.series()
    assert series.key == "checkout requests{code=200}" and series.values.tolist() == [60.0, 10.5]


def test_parts_of_a_count_are_summed_and_parts_of_a_level_told_apart() -> None:
    found = Gathered(PrometheusScope())
    parts = [one([[15, "1"]], i, service="a", job=job) for i in (0, 1) for job in ("x", "y")]
    found.add([COUNTER, LEVEL], parts)
    series = {s.key: s.values.tolist() for s in found.series()}
    assert series == {
        "a requests": [2.0],
        "a queue_depth{job=x}": [1.0],
        "a queue_depth{job=y}": [1.0],
    } or series == {
        "a requests": [2.0],
        "a queue_depth{job=x,service=a}": [1.0],
        "a queue_depth{job=y,service=a}": [1.0],
    }


def test_an_outcome_that_never_was_counts_zero() -> None:
    found = Gathered(PrometheusScope())
    found.add(
        [COUNTER], [one([[15, "5"], [30, "5"]], job="a", code="200"), one([[30, "2"]], job="a", code="500")]
    )
    values = {s.labels["code"]: s.values.tolist() for s in found.series()}
    assert values == {"200": [5.0, 5.0], "500": [0.0, 2.0]}


def test_a_level_that_is_missing_stays_missing() -> None:
    found = Gathered(PrometheusScope())
    found.add([LEVEL], [one([[15, "5"], [30, "5"]], job="a", code="x"), one([[30, "2"]], job="a", code="y")])
    assert sorted(len(series.times) for series in found.series()) == [1, 2]


def test_parts_of_a_window_become_one_series() -> None:
    found = Gathered(PrometheusScope())
    for values in ([[30, "2"], [45, "3"]], [[15, "1"], [30, "2"]]):
        found.add([LEVEL], [one(values, job="a")])
    (series,) = found.series()
    assert series.times.tolist() == [15.0, 30.0, 45.0] and series.values.tolist() == [1.0, 2.0, 3.0]


def test_what_nobody_asked_for_is_counted_and_left_out() -> None:
    found = Gathered(PrometheusScope(match={"zone": ("a",)}), frozenset(["checkout"]))
    found.add(
        [LEVEL],
        [
            one([[15, "1"]], job="checkout", zone="b"),
            one([[15, "1"]], job="payroll", zone="a"),
            one([[15, "1"]], ask=7, job="checkout", zone="a"),
            one([[15, "+Inf"], [30, "NaN"], [45, "x"], "y"], job="checkout", zone="a"),
        ],
    )
    (series,) = found.series()
    assert np.isnan(series.values).tolist() == [True, True] and series.labels == {}
    assert (found.foreign, found.malformed, found.infinite) == (2, 3, 1)


@given(st.lists(st.dictionaries(st.sampled_from(["metric", "values"]), JUNK), max_size=4))
def test_anything_may_come(result: list[dict[str, Any]]) -> None:
    found = Gathered(PrometheusScope())
    found.add([COUNTER, LEVEL], result)
    found.series()


def test_points() -> None:
    times, values, bad = points_of([[1, "2"], ["3", 4], [None, 1], {}, 5, ["inf", "1"]])
    assert times.tolist() == [1.0, 3.0] and values.tolist() == [2.0, 4.0] and bad == 4
