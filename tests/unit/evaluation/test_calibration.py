from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.evaluation import Binning, brier_score, calibration_error, reliability

FORECASTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def test_brier_score_is_the_mean_squared_error() -> None:
    assert brier_score([1.0, 0.0, 0.5], [True, True, False]) == pytest.approx((0 + 1 + 0.25) / 3)


def test_a_forecast_that_is_always_right_and_says_so_has_no_error() -> None:
    assert calibration_error([1.0] * 20, [True] * 20) == 0
    assert brier_score([1.0] * 20, [True] * 20) == 0


def test_overconfidence_is_the_gap_between_promise_and_outcome() -> None:
    likelihoods, right = [0.9] * 40, [True] * 20 + [False] * 20
    for binning in Binning:
        assert calibration_error(likelihoods, right, binning) == pytest.approx(0.4)
    (row,) = reliability(likelihoods, right)
    assert (row.count, row.right, row.share) == (40, 20, 0.5)
    assert row.gap == pytest.approx(0.4)


def test_opposite_errors_do_not_cancel_where_bins_part_them() -> None:
    likelihoods, right = [0.2] * 20 + [0.8] * 20, [True] * 10 + [False] * 10 + [True] * 10 + [False] * 10
    assert calibration_error(likelihoods, right, Binning.WIDTH) == pytest.approx(0.3)
    assert calibration_error(likelihoods, right, Binning.MASS) == pytest.approx(0.3)


def test_bins_of_equal_width_lie_on_tenths() -> None:
    rows = reliability([0.05, 0.1, 0.95, 1.0], [False, True, True, True], Binning.WIDTH)
    assert [(row.low, row.high, row.count) for row in rows] == [
        (0.0, pytest.approx(0.1), 1),
        (pytest.approx(0.1), pytest.approx(0.2), 1),
        (pytest.approx(0.9), 1.0, 2),
    ]


def test_bins_of_equal_mass_hold_ten_cases_or_more() -> None:
    rows = reliability(np.linspace(0, 1, 47), np.ones(47, dtype=bool))
    assert len(rows) == 4
    assert min(row.count for row in rows) >= 10


@given(FORECASTS, st.sampled_from(Binning), st.randoms(use_true_random=False))
def test_bins_hold_every_case_and_the_order_does_not_matter(cases, binning, chance) -> None:
    likelihoods, right = zip(*cases, strict=True)
    rows = reliability(likelihoods, right, binning)
    assert sum(row.count for row in rows) == len(cases)
    assert sum(row.right for row in rows) == sum(right)
    mixed = list(cases)
    chance.shuffle(mixed)
    again = reliability(*zip(*mixed, strict=True), binning)
    assert [(row.low, row.high, row.count, row.right) for row in again] == [
        (row.low, row.high, row.count, row.right) for row in rows
    ]


@given(FORECASTS, st.sampled_from(Binning))
def test_the_error_lies_between_nothing_and_one(cases, binning) -> None:
    likelihoods, right = zip(*cases, strict=True)
    overall = abs(np.mean(likelihoods) - np.mean(right))
    assert overall - 1e-9 <= calibration_error(likelihoods, right, binning) <= 1 + 1e-9


def test_without_cases_there_is_no_figure() -> None:
    assert math.isnan(brier_score([], []))
    assert math.isnan(calibration_error([], []))
    assert reliability([], []) == ()


def test_outcomes_must_match_the_likelihoods() -> None:
    with pytest.raises(ValueError, match="differ"):
        brier_score([0.5], [True, False])
