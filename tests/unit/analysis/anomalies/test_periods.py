from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.anomalies.periods import find_period, out_of_season

STEP = 300.0


def wave(rows: int, period: int, noise: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    course = np.sin(2 * np.pi * np.arange(rows) / period)
    return STEP * np.arange(rows), course + np.random.default_rng(seed).normal(0, noise, rows)


@pytest.mark.parametrize("period", [24, 97, 288])
def test_a_period_is_found(period: int) -> None:
    times, values = wave(6 * period + 11, period)
    assert find_period(times, values) == pytest.approx(period * STEP, rel=0.02)


def test_a_square_course_has_its_period() -> None:
    times = STEP * np.arange(1500)
    values = np.where(np.arange(1500) % 288 < 100, 80.0, 20.0)
    assert find_period(times, values) == 288 * STEP


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_none(seed: int) -> None:
    chance = np.random.default_rng(seed)
    assert find_period(STEP * np.arange(1000), chance.normal(0, 1, 1000)) == 0
    assert find_period(STEP * np.arange(1000), np.cumsum(chance.normal(0, 1, 1000))) == 0


@pytest.mark.parametrize("values", [np.zeros(500), np.full(500, 7.0), np.arange(20.0), np.arange(500.0)])
def test_no_season_in_a_constant_a_few_points_or_a_line(values: np.ndarray) -> None:
    assert find_period(STEP * np.arange(len(values)), values) == 0


def test_equal_times_have_none() -> None:
    assert find_period(np.zeros(100), np.arange(100.0)) == 0


def test_one_spike_hides_no_season() -> None:
    times, values = wave(600, 96)
    values[300] = 1e6
    assert find_period(times, values) == pytest.approx(96 * STEP, rel=0.02)


def test_the_median_of_three_periods_is_taken_out() -> None:
    times, values = wave(480, 96, noise=0)
    values[100] += 50
    left = out_of_season(times, values, 96 * STEP)
    assert np.isnan(left[:96]).all()
    assert left[100] == pytest.approx(50)
    assert np.abs(left[388:]).max() < 1e-9
    np.testing.assert_array_equal(out_of_season(times, values, 96 * STEP, 400), left[400:])


def test_a_hole_is_no_earlier_value() -> None:
    times, values = wave(480, 96, noise=0)
    kept = (np.arange(480) < 90) | (np.arange(480) >= 110)
    left = out_of_season(times[kept], values[kept], 96 * STEP)
    again = np.flatnonzero(np.isin(np.flatnonzero(kept), np.arange(191, 205)))
    assert np.isnan(left[again]).all()
