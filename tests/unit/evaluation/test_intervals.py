from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.evaluation import bootstrap, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(16, 16, 0.8064, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (0, 0, 0.0, 1.0)],
)
def test_wilson_gives_the_published_ends(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1


def test_the_bootstrap_of_a_mean_is_about_two_standard_errors_wide() -> None:
    values = np.random.default_rng(1).normal(3, 1, 400)
    low, high = bootstrap(lambda chosen: float(values[chosen].mean()), range(400))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(400), rel=0.15)


def test_cases_that_repeat_one_group_make_nothing_surer() -> None:
    values = np.repeat([0.0, 1.0, 0.0, 1.0, 1.0], 40)

    def mean(chosen: np.ndarray) -> float:
        return float(values[chosen].mean())

    alone, grouped = bootstrap(mean, range(200)), bootstrap(mean, np.repeat(range(5), 40).tolist())
    assert grouped[1] - grouped[0] > 3 * (alone[1] - alone[0])


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(30.0)
    ends = {bootstrap(lambda chosen: float(values[chosen].mean()), range(30), seed=4) for _ in range(2)}
    assert len(ends) == 1


def test_no_cases_have_no_interval() -> None:
    assert all(math.isnan(end) for end in bootstrap(lambda _: 1.0, ()))
