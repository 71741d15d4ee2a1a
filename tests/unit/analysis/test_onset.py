from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from andon.analysis.onset import find_onset, split

TIMES = 1_000_000 + 60.0 * np.arange(60)


def step(at: int = 40, size: float = 10.0, noise: float = 0.5, seed: int = 0) -> np.ndarray:
    values = 100 + np.random.default_rng(seed).normal(0, noise, len(TIMES))
    values[at:] += size
    return values


anything = arrays(
    np.float64,
    st.integers(0, 40),
    elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]),
)


@given(anything)
def test_whatever_comes_the_bounds_hold(values: np.ndarray) -> None:
    times = 60.0 * np.arange(len(values))
    found = find_onset(times, values)
    if found is not None:
        assert found.low <= found.time <= found.high
        assert found.time in times
        assert found.low < found.time
        assert found.score > 0


@pytest.mark.parametrize("at", [5, 20, 40, 55])
@pytest.mark.parametrize("size", [-10.0, 10.0])
def test_a_step_is_found_where_it_is(at: int, size: float) -> None:
    found = find_onset(TIMES, step(at, size))
    assert found is not None
    assert found.time == TIMES[at]
    assert found.low <= TIMES[at] <= found.high


@pytest.mark.parametrize("change", [lambda v: -v, lambda v: 1024 * v, lambda v: v / 1024, lambda v: v + 50])
def test_unit_sign_and_level_do_not_matter(change: object) -> None:
    assert callable(change)
    one, other = find_onset(TIMES, step()), find_onset(TIMES, change(step()))
    assert one is not None
    assert other is not None
    assert (other.time, other.low, other.high) == (one.time, one.low, one.high)
    assert other.score == pytest.approx(one.score, rel=1e-6)


def test_a_later_clock_moves_everything() -> None:
    one, other = find_onset(TIMES, step()), find_onset(TIMES + 3600, step())
    assert one is not None
    assert other is not None
    assert (other.time - one.time, other.low - one.low, other.high - one.high) == (3600, 3600, 3600)


def test_a_bigger_step_scores_higher() -> None:
    small, big = split(step(size=2)), split(step(size=20))
    assert small is not None
    assert big is not None
    assert big.score > 3 * small.score


def test_noise_widens_the_bounds() -> None:
    clear, blurred = split(step(noise=0.1)), split(step(noise=8, seed=4))
    assert clear is not None
    assert blurred is not None
    assert blurred.high - blurred.low > clear.high - clear.low


def test_missing_points_are_left_out() -> None:
    values = step()
    values[[3, 10, 50]] = np.nan
    found = find_onset(TIMES, values)
    assert found is not None
    assert found.time == TIMES[40]


@pytest.mark.parametrize("level", [0.0, 7.0, -3e5])
def test_a_constant_series_never_changed(level: float) -> None:
    assert find_onset(TIMES, np.full(len(TIMES), level)) is None


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_too_few_points(n: int) -> None:
    assert find_onset(TIMES[:n], np.arange(n, dtype=np.float64)) is None


def test_two_points_split_where_segments_may_be_that_short() -> None:
    found = split(np.array([1.0, 2.0]), smallest=1)
    assert found is not None
    assert found.index == 1


def test_one_spike_is_no_lasting_change() -> None:
    values = step(size=10)
    values[10] = 1e7
    found = find_onset(TIMES, values)
    assert found is not None
    assert found.time == TIMES[40]


def scatter(kind: str, n: int, chance: np.random.Generator) -> np.ndarray:
    """Noise of spread one."""
    if kind == "heavy-tailed":
        return chance.standard_t(3, n) / np.sqrt(3)
    values = chance.normal(0, 1, n + 50)
    if kind == "autocorrelated":
        for row in range(1, n + 50):
            values[row] += 0.7 * values[row - 1]
        values *= np.sqrt(1 - 0.7**2)
    return values[50:]


@pytest.mark.parametrize("kind", ["white", "heavy-tailed", "autocorrelated"])
@pytest.mark.parametrize("size", [1.0, 2.0, 4.0])
def test_the_bounds_hold_the_truth_as_often_as_they_say(kind: str, size: float) -> None:
    chance = np.random.default_rng(11)
    held = 0
    for _ in range(300):
        at = int(chance.integers(30, 100))
        found = split(scatter(kind, 120, chance) + size * (np.arange(120) >= at))
        assert found is not None
        held += found.low <= at <= found.high
    assert held / 300 >= 0.93


def test_the_bounds_of_a_clear_step_are_close() -> None:
    chance = np.random.default_rng(12)
    widths = []
    for _ in range(100):
        found = split(scatter("white", 120, chance) + 3.0 * (np.arange(120) >= 60))
        assert found is not None
        widths.append(found.high - found.low)
    assert np.median(widths) <= 2
