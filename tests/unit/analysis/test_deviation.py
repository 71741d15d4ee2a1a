from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from andon.analysis.deviation import deviation, quiet_p, robust_spread

values = arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6, width=32))
scales = st.sampled_from([0.001, 0.125, 3.0, 1024.0])


@given(values, values, scales)
def test_a_change_of_unit_changes_nothing(baseline: np.ndarray, incident: np.ndarray, scale: float) -> None:
    assume(robust_spread(baseline) > 1e-3)
    one, other = deviation(baseline, incident), deviation(baseline * scale, incident * scale)
    assert one is not None
    assert other is not None
    assert other.z == pytest.approx(one.z, rel=1e-6, abs=1e-9)
    assert other.spread == pytest.approx(one.spread * scale, rel=1e-6)


@given(values, values)
def test_negation_flips_the_sign(baseline: np.ndarray, incident: np.ndarray) -> None:
    up, down = deviation(baseline, incident), deviation(-baseline, -incident)
    assert up is not None
    assert down is not None
    assert down.z == pytest.approx(-up.z)
    assert down.p == pytest.approx(up.p)


@given(values, values)
def test_p_is_a_chance(baseline: np.ndarray, incident: np.ndarray) -> None:
    found = deviation(baseline, incident)
    assert found is not None
    assert 0 <= found.p <= 1
    assert found.spread > 0
    assert np.isfinite(found.z)


@given(st.floats(-500, 500))
def test_a_shift_changes_nothing_while_the_scatter_exceeds_the_floor(shift: float) -> None:
    rng = np.random.default_rng(1)
    baseline, incident = rng.normal(0, 100, 60), rng.normal(400, 100, 20)
    one, other = deviation(baseline, incident), deviation(baseline + shift, incident + shift)
    assert one is not None
    assert other is not None
    assert other.z == pytest.approx(one.z)


def test_missing_points_are_left_out() -> None:
    baseline, incident = np.array([1.0, 2.0, 3.0, 2.0]), np.array([9.0, 10.0])
    holed = deviation(np.append(baseline, [np.nan, np.inf]), np.append(incident, np.nan))
    assert holed == deviation(baseline, incident)


@pytest.mark.parametrize("nothing", [[], [np.nan], [np.inf, -np.inf]])
def test_none_when_a_side_has_nothing(nothing: list[float]) -> None:
    something = np.array([1.0, 2.0])
    assert deviation(np.array(nothing), something) is None
    assert deviation(something, np.array(nothing)) is None


def test_a_constant_series_that_stays_does_not_deviate() -> None:
    found = deviation(np.full(30, 7.0), np.full(10, 7.0))
    assert found is not None
    assert (found.z, found.p, found.relative) == (0, 1, 0)


def test_a_nearly_constant_series_does_not_shout() -> None:
    found = deviation(np.full(30, 100.0), np.full(10, 101.0))
    assert found is not None
    assert 0 < found.z < 1


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_one_point_on_each_side_is_enough(level: float) -> None:
    found = deviation(np.array([level]), np.array([level + 100]))
    assert found is not None
    assert found.z > 10


def test_a_longer_quiet_history_promises_more() -> None:
    rng = np.random.default_rng(2)
    short, long = rng.normal(10, 1, 12), rng.normal(10, 1, 400)
    incident = np.full(4, 30.0)
    less, more = deviation(short, incident), deviation(long, incident)
    assert less is not None
    assert more is not None
    assert more.p < less.p


def test_what_quiet_time_shows_often_is_not_rare() -> None:
    baseline = np.tile([1.0, 1.0, 9.0, 9.0], 25)
    level, spread = float(np.median(baseline)), robust_spread(baseline)
    assert quiet_p(baseline, 2, (9 - level) / spread, level, spread) > 0.2


def test_relative_of_nothing() -> None:
    found = deviation(np.zeros(5), np.full(5, -2.0))
    assert found is not None
    assert found.relative == -np.inf


def test_one_spike_hardly_widens_the_spread() -> None:
    calm = np.random.default_rng(3).normal(0, 1, 101)
    spiked = calm.copy()
    spiked[50] = 1e6
    assert robust_spread(spiked) == pytest.approx(robust_spread(calm), rel=0.1)
