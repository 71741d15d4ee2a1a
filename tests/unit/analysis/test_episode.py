from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.episode import find_episode

TIMES = 1_000.0 + 10 * np.arange(90)


def levels(*parts: tuple[int, float]) -> np.ndarray:
    """A series of 90 points that holds each level for so many points, with a little noise."""
    values = np.concatenate([np.full(n, level) for n, level in parts])
    return values + np.random.default_rng(5).normal(0, 0.1, len(values))


def test_a_lasting_rise_is_bad_where_rises_are() -> None:
    found = find_episode(TIMES, levels((60, 1.0), (30, 9.0)), 1)
    assert found is not None
    assert found.onset.time == TIMES[60]
    assert found.end is None
    assert found.after - found.before == pytest.approx(8, abs=0.2)


def test_a_rise_alone_is_no_episode_where_falls_are_bad() -> None:
    assert find_episode(TIMES, levels((60, 1.0), (30, 9.0)), -1) is None


def test_either_way_counts_when_both_are_bad() -> None:
    for values in (levels((60, 1.0), (30, 9.0)), levels((60, 9.0), (30, 1.0))):
        found = find_episode(TIMES, values, 0)
        assert found is not None
        assert found.onset.time == TIMES[60]


def test_a_recovery_ends_the_episode_before_it() -> None:
    found = find_episode(TIMES, levels((20, 1.0), (20, 9.0), (50, 1.0)), 1)
    assert found is not None
    assert found.onset.time == TIMES[20]
    assert found.end == TIMES[40]


def test_a_fall_and_its_recovery() -> None:
    found = find_episode(TIMES, levels((20, 9.0), (20, 1.0), (50, 9.0)), -1)
    assert found is not None
    assert (found.onset.time, found.end) == (TIMES[20], TIMES[40])
    assert found.after < found.before


def test_missing_points_are_left_out() -> None:
    values = levels((60, 1.0), (30, 9.0))
    values[::7] = np.nan
    found = find_episode(TIMES, values, 1)
    assert found is not None
    assert abs(found.onset.time - TIMES[60]) <= 10


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 9.0], [1.0, np.nan, 9.0, np.nan, 9.0, np.nan, 9.0]])
def test_too_few_points_tell_nothing(values: list[float]) -> None:
    assert find_episode(TIMES[: len(values)], np.array(values), 1) is None


def test_a_constant_series_has_no_episode() -> None:
    assert find_episode(TIMES, np.full(len(TIMES), 3.0), 0) is None
