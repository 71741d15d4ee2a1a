from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.season import DAY, WEEK, without_season
from andon.telemetry import Window

STEP = 1800.0
START = 1_767_225_600.0


def course(days: float, period: float = DAY, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A sine of that period around 100, for so many days."""
    times = START + np.arange(0, days * DAY, STEP)
    values = 100 + 50 * np.sin(2 * np.pi * (times - START) / period)
    return times, values + np.random.default_rng(6).normal(0, noise, len(times))


@pytest.mark.parametrize(("period", "days"), [(DAY, 5), (WEEK, 22)])
def test_a_course_that_repeats_is_taken_out(period: float, days: float) -> None:
    times, values = course(days, period)
    left, found = without_season(times, values, Window(START, times[-1]))
    assert found == pytest.approx(period)
    assert np.std(left) < np.std(values) / 4
    assert np.median(left) == pytest.approx(np.median(values), abs=5)


def test_a_shift_at_the_usual_hour_stays_visible() -> None:
    times, values = course(6)
    values[-20:] += 40
    left, found = without_season(times, values, Window(START, START + 5 * DAY))
    assert found == DAY
    assert np.median(left[-20:]) - np.median(left[:-20]) == pytest.approx(40, abs=6)


def test_one_day_is_no_season() -> None:
    times, values = course(1.5)
    left, found = without_season(times, values, Window(START, times[-1]))
    assert found == 0
    assert left is values


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_a_series_without_course_stays_as_it_is(noise: float) -> None:
    times, _ = course(5)
    values = 100 + np.random.default_rng(7).normal(0, noise, len(times))
    left, found = without_season(times, values, Window(START, times[-1]))
    assert found == 0
    assert np.array_equal(left, values)


def test_missing_points_stay_missing_and_harm_nothing() -> None:
    times, values = course(5)
    values[::9] = np.nan
    left, found = without_season(times, values, Window(START, times[-1]))
    assert found == DAY
    assert np.array_equal(np.isnan(left), np.isnan(values))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_points(n: int) -> None:
    times, values = course(5)
    left, found = without_season(times[:n], values[:n], Window(START, START + 5 * DAY))
    assert (len(left), found) == (n, 0)


def test_nothing_but_missing_points() -> None:
    times, values = course(5)
    _, found = without_season(times, np.full_like(values, np.nan), Window(START, times[-1]))
    assert found == 0
