import numpy as np
import pytest

from andon.analysis.unsteadiness import WINDOW, unsteadiness
from andon.telemetry import MetricSeries

TIMES = np.arange(120.0)


def series(values) -> MetricSeries:
    return MetricSeries("flow.rate", "FT-1", TIMES[: len(values)], np.asarray(values, dtype=float), "m3/h")


def test_a_straight_line_is_steady_however_steep():
    found = unsteadiness(series(3 * TIMES))
    assert np.allclose(found.values, 0, atol=1e-9)
    assert found.unit == "m3/h"


def test_a_swing_counts_and_begins_where_it_begins():
    calm = np.where(TIMES < 60, 0.0, np.sin(TIMES * 2 * np.pi / 6))
    found = unsteadiness(series(calm))
    assert found.values[found.times < 60 - WINDOW].max() < 1e-9
    assert found.values[found.times > 60 + WINDOW].min() > 0.5


def test_noise_gives_its_deviation():
    noise = np.random.default_rng(1).normal(0, 2.0, 120)
    assert np.median(unsteadiness(series(noise)).values) == pytest.approx(2.0, rel=0.2)


def test_missing_points_are_left_out_and_few_give_none():
    values = np.sin(TIMES)
    values[5] = np.nan
    assert np.isfinite(unsteadiness(series(values)).values).all()
    assert unsteadiness(series(values[:15])) is None
