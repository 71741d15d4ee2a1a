from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.analysis.anomalies import Detector, Scores, detect
from andon.analysis.anomalies.detector import BAR
from andon.analysis.anomalies.views import NAMES

START = 1_767_225_600.0


def clock(n: int, step: float = 60.0) -> np.ndarray:
    return START + step * np.arange(n)


def noise(kind: str, n: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    if kind == "autocorrelated":
        values = chance.normal(0, 1, n)
        for row in range(1, n):
            values[row] += 0.9 * values[row - 1]
        return 50 + values
    if kind == "seasonal":
        return 100 + 40 * np.sin(2 * np.pi * np.arange(n) / 144) + chance.normal(0, 3, n)
    if kind == "counts":
        return chance.poisson(3, n).astype(np.float64)
    if kind == "heavy-tailed":
        return chance.standard_t(2.5, n)
    return chance.normal(100, 5, n)


KINDS = ("white", "autocorrelated", "seasonal", "counts", "heavy-tailed")


def broken(kind: str, n: int, seed: int) -> np.ndarray:
    """Noise with holes, values that are none, a shift and a spike."""
    values, chance = noise(kind, n, seed), np.random.default_rng(seed)
    values[chance.integers(0, n, n // 20)] = np.nan
    values[chance.integers(0, n, 2)] = np.inf
    values[n // 2 :] += 20
    values[chance.integers(0, n)] = 1e200
    return values


def same(one: Scores, other: Scores, rows: int) -> None:
    np.testing.assert_array_equal(one.rarity[:rows], other.rarity[:rows])
    np.testing.assert_array_equal(one.alarm[:rows], other.alarm[:rows])
    np.testing.assert_array_equal(one.view[:rows], other.view[:rows])


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 99), st.integers(1, 1500), st.integers(0, 99))
def test_the_future_changes_no_score_of_the_past(kind: str, seed: int, now: int, other: int) -> None:
    values = broken(kind, 1500, seed)
    changed = values.copy()
    changed[now:] = 1e3 * np.random.default_rng(other).normal(0, 1, 1500 - now)
    same(detect(clock(1500), values), detect(clock(1500), changed), now)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 99), st.lists(st.integers(0, 1500), max_size=6))
def test_pieces_give_what_the_whole_gives(kind: str, seed: int, cuts: list[int]) -> None:
    times, values = clock(1500), broken(kind, 1500, seed)
    detector = Detector()
    bounds = [0, *sorted(cuts), 1500]
    parts = [detector.update(times[a:b], values[a:b]) for a, b in pairwise(bounds)]
    joined = Scores(
        times,
        np.concatenate([part.rarity for part in parts]),
        np.concatenate([part.view for part in parts]),
        np.concatenate([part.alarm for part in parts]),
    )
    same(joined, detect(times, values), 1500)


def test_row_by_row_is_the_same_as_at_once() -> None:
    times, values = clock(700), broken("white", 700, 3)
    detector = Detector()
    rows = [detector.update(times[row : row + 1], values[row : row + 1]) for row in range(700)]
    np.testing.assert_array_equal(np.concatenate([r.rarity for r in rows]), detect(times, values).rarity)


def test_a_spike_raises_one_alarm_where_it_is() -> None:
    values = noise("white", 2000, 1)
    values[1500] += 100
    found = detect(clock(2000), values)
    assert found.alarm[1500]
    assert found.why(1500) in ("high", "jump")
    assert found.alarm[1501:1600].sum() == 0


def test_a_fall_is_an_anomaly_too() -> None:
    values = noise("white", 2000, 1)
    values[1500:1503] -= 100
    assert detect(clock(2000), values).alarm[1500]


def test_a_small_lasting_shift_is_one_episode() -> None:
    values = noise("white", 3000, 2)
    values[2000:2200] += 10
    alarms = np.flatnonzero(detect(clock(3000), values).alarm[1990:2200])
    assert 1 <= len(alarms) <= 2
    assert alarms[0] <= 40


def test_a_sensor_that_sticks_is_seen() -> None:
    values = noise("white", 2000, 4)
    values[1500:1600] = 100.0
    found = detect(clock(2000), values)
    alarms = 1500 + np.flatnonzero(found.alarm[1500:1600])
    assert [found.why(row) for row in alarms] == ["flat"]


def test_a_day_that_is_missing_from_a_season_is_seen() -> None:
    day = 144
    values = noise("seasonal", 20 * day, 5)
    quiet = detect(clock(20 * day, 600.0), values)
    values[15 * day + 10 : 15 * day + 60] = 100.0
    found = detect(clock(20 * day, 600.0), values)
    assert not quiet.alarm[15 * day : 15 * day + 70].any()
    first = 15 * day + int(np.flatnonzero(found.alarm[15 * day : 15 * day + 70])[0])
    assert found.why(first) == "out of season"


def test_the_period_is_found_with_irregular_steps() -> None:
    chance = np.random.default_rng(6)
    times = np.sort(START + chance.uniform(0, 20 * 86_400, 2880))
    values = 100 + 40 * np.sin(2 * np.pi * times / 86_400) + chance.normal(0, 3, len(times))
    detector = Detector()
    detector.update(times, values)
    assert detector.period == pytest.approx(86_400, rel=0.05)


@pytest.mark.parametrize("level", [0.0, 7.0, -3e9])
def test_a_constant_series_is_quiet_until_it_moves(level: float) -> None:
    values = np.full(1500, level)
    assert not detect(clock(1500), values).alarm.any()
    values[1200] = level + 1 + 0.5 * abs(level)
    found = detect(clock(1500), values)
    assert np.flatnonzero(found.alarm).tolist() == [1200]


@pytest.mark.parametrize("kind", KINDS)
def test_noise_raises_no_more_alarms_than_its_views_may(kind: str) -> None:
    """Each of the views may reach the bar once in its return period; together no more than their sum."""
    rows = alarms = 0
    for seed in range(4):
        found = detect(clock(4000), noise(kind, 4000, 50 + seed))
        alarms += int(found.alarm[1000:].sum())
        rows += 3000
    assert alarms / rows <= len(NAMES) * 10**-BAR


def test_missing_values_are_counted_and_raise_nothing() -> None:
    values = noise("white", 1000, 7)
    with_holes = np.insert(values, [300, 300, 700], [np.nan, np.inf, np.nan])
    found = detect(clock(1003), with_holes)
    assert found.missing == 3
    assert found.score[[300, 301, 702]].tolist() == [0, 0, 0]
    kept = np.isfinite(with_holes)
    np.testing.assert_array_equal(found.rarity[kept], detect(clock(1000), values).rarity)


@pytest.mark.parametrize("n", [0, 1, 2, 63, 64, 65])
def test_a_short_past_calls_nothing_rare(n: int) -> None:
    found = detect(clock(n), np.arange(n, dtype=np.float64))
    assert not found.alarm.any()
    assert found.missing == 0


def test_units_do_not_matter() -> None:
    values = broken("white", 1500, 8)
    np.testing.assert_array_equal(detect(clock(1500), values).alarm, detect(clock(1500), 1024 * values).alarm)


def test_scores_lie_between_0_and_1_with_alarms_above_a_half() -> None:
    found = detect(clock(3000), broken("heavy-tailed", 3000, 9))
    assert found.score.min() >= 0
    assert found.score.max() <= 1
    np.testing.assert_array_equal(found.score >= 0.5, found.alarm)


def test_a_higher_bar_raises_fewer_alarms() -> None:
    values = noise("heavy-tailed", 4000, 10)
    assert detect(clock(4000), values, bar=5.0).alarm.sum() < detect(clock(4000), values).alarm.sum()
