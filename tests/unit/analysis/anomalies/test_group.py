from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.anomalies import abnormal_now

SERIES, ROWS, RECENT = 400, 200, 5


def quiet(seed: int) -> np.ndarray:
    """A quarter each of white, heavy-tailed, counted and autocorrelated noise, in units of their own."""
    chance = np.random.default_rng(seed)
    many = SERIES // 4
    wander = chance.normal(0, 1, (many, ROWS))
    for row in range(1, ROWS):
        wander[:, row] += 0.7 * wander[:, row - 1]
    parts = (
        1e6 * chance.normal(5, 1, (many, ROWS)),
        1e-3 * chance.standard_t(3, (many, ROWS)),
        chance.poisson(4, (many, ROWS)),
        wander,
    )
    return np.concatenate(parts)


def test_the_share_of_false_alarms_is_bounded_for_all_series_together() -> None:
    shares, power = [], []
    for seed in range(30):
        values = quiet(seed)
        broken = np.arange(0, SERIES, 20)
        values[broken, -RECENT:] += 8 * values[broken].std(axis=1)[:, None]
        found = abnormal_now(values, RECENT).abnormal
        false = np.delete(found, broken).sum()
        shares.append(false / max(1, found.sum()))
        power.append(found[broken].mean())
    assert np.mean(shares) <= 0.075
    assert np.mean(power) >= 0.8


def test_where_nothing_is_wrong_seldom_anything_is_named() -> None:
    named = [abnormal_now(quiet(100 + seed), RECENT).abnormal.any() for seed in range(40)]
    assert np.mean(named) <= 0.15


def test_units_do_not_matter() -> None:
    values = quiet(1)
    values[7, -RECENT:] += 1e8
    one, other = abnormal_now(values, RECENT), abnormal_now(1024 * values, RECENT)
    np.testing.assert_array_equal(one.abnormal, other.abnormal)
    np.testing.assert_allclose(one.q, other.q)
    assert one.abnormal[7]


def test_missing_values_are_counted_and_judged_where_enough_is_left() -> None:
    values = quiet(2)
    values[0] = np.nan
    values[1, -RECENT:] = np.nan
    values[2, 10:20] = np.inf
    found = abnormal_now(values, RECENT)
    assert found.missing == ROWS + RECENT + 10
    assert found.judged[:3].tolist() == [False, False, True]
    assert (found.p[~found.judged] == 1).all()
    assert not found.abnormal[:2].any()


def test_a_constant_series_that_moves_is_abnormal() -> None:
    values = quiet(3)
    values[:20] = 7.0
    values[5, -2:] = 9.0
    found = abnormal_now(values, RECENT)
    assert found.abnormal[:20].tolist() == [row == 5 for row in range(20)]


@pytest.mark.parametrize("shape", [(0, 100), (3, 0), (3, 20)])
def test_too_little_is_not_judged(shape: tuple[int, int]) -> None:
    found = abnormal_now(np.ones(shape), RECENT)
    assert not found.judged.any()
    assert not found.abnormal.any()


@pytest.mark.parametrize(("recent", "share"), [(0, 0.05), (5, 0.0), (5, 1.0)])
def test_what_makes_no_sense_is_refused(recent: int, share: float) -> None:
    with pytest.raises(ValueError, match="recent"):
        abnormal_now(np.ones((3, 100)), recent, share)
