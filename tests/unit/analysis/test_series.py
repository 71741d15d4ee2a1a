from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from andon.analysis.series import compare_series, increments
from andon.telemetry import MetricSeries, Window

TIMES = 60.0 * np.arange(120)
BASELINE, INCIDENT = Window(0, 5400), Window(5400, 7200)


def series(values: np.ndarray, name: str = "latency", times: np.ndarray = TIMES) -> MetricSeries:
    return MetricSeries(name, "shop", times[: len(values)], values)


def noise(level: float = 10) -> np.ndarray:
    return level + np.random.default_rng(10).normal(0, 0.5, len(TIMES))


@pytest.mark.parametrize("size", [8.0, -8.0])
def test_a_level_that_moved(size: float) -> None:
    values = noise()
    values[90:] += size
    found = compare_series(series(values), BASELINE, INCIDENT)
    assert found.shape == "level"
    assert found.changed
    assert found.direction == np.sign(size)
    assert found.onset == TIMES[90]
    assert found.onset_low is not None
    assert found.onset_high is not None
    assert found.onset_low <= TIMES[90] <= found.onset_high
    assert found.incident - found.baseline == pytest.approx(size, abs=0.5)
    assert (found.baseline_points, found.incident_points) == (90, 30)


def test_a_quiet_series_has_not_changed() -> None:
    found = compare_series(series(noise()), BASELINE, INCIDENT)
    assert (found.shape, found.changed, found.onset) == ("none", False, None)


def test_a_constant_series_has_not_changed() -> None:
    for level in (0.0, 7.0):
        assert not compare_series(series(np.full(120, level)), BASELINE, INCIDENT).changed


def test_a_spike_of_one_point() -> None:
    values = noise()
    values[100] = 60
    found = compare_series(series(values), BASELINE, INCIDENT)
    assert (found.shape, found.peak, found.direction) == ("spike", 60, 1)
    values[100] = -60
    assert compare_series(series(values), BASELINE, INCIDENT).direction == -1


def test_a_spike_like_those_of_quiet_days_is_none() -> None:
    values = noise()
    values[[20, 50, 100]] = 60
    assert compare_series(series(values), BASELINE, INCIDENT).shape == "none"


def test_a_trend_keeps_on_rising() -> None:
    values = noise()
    values[90:] += np.linspace(5, 60, 30)
    assert compare_series(series(values), BASELINE, INCIDENT).shape == "trend"


def test_a_series_that_stops_is_a_gap() -> None:
    found = compare_series(series(noise()[:90]), BASELINE, INCIDENT)
    assert found.shape == "gap"
    assert found.changed
    assert found.onset == TIMES[89]


def test_a_series_that_mostly_stops_is_a_gap() -> None:
    assert compare_series(series(noise()[:93]), BASELINE, INCIDENT).shape == "gap"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_points(n: int) -> None:
    assert not compare_series(series(noise()[:n]), BASELINE, INCIDENT).changed


@given(
    arrays(
        np.float64,
        st.integers(0, 120),
        elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf]),
    )
)
def test_whatever_comes_the_numbers_are_finite(values: np.ndarray) -> None:
    found = compare_series(series(values), BASELINE, INCIDENT)
    numbers = [found.baseline, found.incident, found.spread, found.z, found.p, found.peak, found.peak_z]
    assert np.isfinite([*numbers, found.baseline_mean, found.incident_mean]).all()
    assert 0 <= found.p <= 1


def test_a_counter_is_read_by_its_increments() -> None:
    steps = np.random.default_rng(11).poisson(5, 120).astype(np.float64)
    counter = series(1000 + np.cumsum(steps), "requests_total")
    assert np.array_equal(increments(counter).values, steps[1:])
    assert np.array_equal(increments(counter).times, TIMES[1:])


def test_a_restart_of_a_counter_is_no_fall() -> None:
    steps = np.full(120, 5.0)
    values = 1000 + np.cumsum(steps)
    values[60:] -= values[60] - 3
    assert increments(series(values, "requests_total")).values.min() >= 0


@pytest.mark.parametrize("name", ["requests_total", "requests"])
def test_what_is_no_counter_stays_as_it_is(name: str) -> None:
    wavy = series(noise(), name)
    assert increments(wavy) is wavy


def test_a_daily_course_is_no_change() -> None:
    times = 900.0 * np.arange(5 * 96)
    values = (
        100 + 60 * np.sin(2 * np.pi * times / 86_400) + np.random.default_rng(12).normal(0, 1, len(times))
    )
    baseline, incident = Window(0, 4.1 * 86_400), Window(4.1 * 86_400, 4.4 * 86_400)
    found = compare_series(MetricSeries("requests", "shop", times, values), baseline, incident)
    assert found.season == 86_400
    assert not found.changed
