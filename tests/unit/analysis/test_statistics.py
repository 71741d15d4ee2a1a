from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.statistics import (
    benjamini_hochberg,
    chi_square_tail,
    dispersion,
    g_statistic,
    poisson_rate_test,
)


def counts(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_chi_square_tail_at_table_values() -> None:
    tail = chi_square_tail(np.array([0.0, 3.841459, 6.634897, 10.827566]))
    assert tail == pytest.approx([1, 0.05, 0.01, 0.001], rel=1e-5)


def test_g_against_the_formula() -> None:
    g = g_statistic(np.array([30.0, 0.0]), np.array([10.0, 5.0]), 0.5)
    assert g[0] == pytest.approx(2 * (30 * math.log(1.5) + 10 * math.log(0.5)))
    assert g[1] == pytest.approx(2 * 5 * math.log(2))


def test_small_counts_have_exact_p_values() -> None:
    _, p = poisson_rate_test(counts(0, 2, 3), counts(5, 3, 3), (60, 60))
    assert p[0] == pytest.approx(2 / 32)
    assert p[1] == pytest.approx(1.0)
    assert p[2] == pytest.approx(1.0)


def test_rates_and_not_counts_are_compared() -> None:
    _, p = poisson_rate_test(counts(600), counts(100), (3600, 600))
    assert p[0] > 0.9
    _, p = poisson_rate_test(counts(600), counts(600), (3600, 600))
    assert p[0] < 1e-50


def test_scatter_weakens_the_test() -> None:
    _, steady = poisson_rate_test(counts(40), counts(80), (60, 60), 1.0)
    _, bursty = poisson_rate_test(counts(40), counts(80), (60, 60), 20.0)
    assert steady[0] < 0.001 < 0.1 < bursty[0]


def test_an_empty_window_tells_nothing() -> None:
    statistic, p = poisson_rate_test(counts(0), counts(9), (0, 60))
    assert (statistic[0], p[0]) == (0, 1)


def test_p_values_are_valid_under_no_change() -> None:
    chance = np.random.default_rng(7)
    first, second = chance.poisson(4, 4000), chance.poisson(2, 4000)
    _, p = poisson_rate_test(first, second, (120, 60))
    for level in (0.2, 0.05, 0.01):
        assert (p <= level).mean() <= level * 1.1


def test_dispersion_is_one_for_poisson_counts_and_large_for_bursts() -> None:
    chance = np.random.default_rng(7)
    steady = chance.poisson(10, (1, 2000))
    bursts = np.zeros((1, 30), dtype=np.int64)
    bursts[0, 3] = 60
    assert dispersion(steady)[0] == pytest.approx(1, abs=0.15)
    assert dispersion(bursts)[0] == pytest.approx(60)
    assert dispersion(np.zeros((2, 30), dtype=np.int64)).tolist() == [1, 1]
    assert dispersion(bursts[:, 3:5])[0] == 1


def test_benjamini_hochberg_on_a_worked_example() -> None:
    q = benjamini_hochberg(np.array([0.04, 0.01, 0.03, 0.5]))
    assert q == pytest.approx([0.16 / 3, 0.04, 0.16 / 3, 0.5])
    assert benjamini_hochberg(np.array([])).shape == (0,)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_q_values_keep_the_order_and_are_not_below_p(values: list[float]) -> None:
    p = np.array(values)
    q = benjamini_hochberg(p)
    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= 0).all()
