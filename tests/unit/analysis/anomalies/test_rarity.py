from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.anomalies.rarity import HISTORY, BlockMaxima


def past(values: np.ndarray, length: int = 8) -> BlockMaxima:
    maxima = BlockMaxima(1, length)
    maxima.restart(values[None, :])
    return maxima


@pytest.mark.parametrize("length", [8, 16, 64])
def test_noise_reaches_a_return_period_about_as_often_as_it_says(length: int) -> None:
    chance = np.random.default_rng(1)
    reached = rows = 0
    for _ in range(40):
        values = chance.normal(0, 1, 4096)
        rarity = past(values, length).rarity(chance.normal(0, 1, (1, 2000)))
        reached += int((rarity >= 2.5).sum())
        rows += rarity.size
    assert 0.4 <= reached / rows * 10**2.5 <= 1.6


def test_an_episode_counts_once() -> None:
    """A hundred rows at ten, in one stretch, are rarer than a hundred rows at ten, here and there."""
    stretch, scattered = np.zeros(4096), np.zeros(4096)
    stretch[1000:1104] = 10
    scattered[:: 4096 // 104] = 10
    value = np.array([[10.0]])
    assert past(stretch).rarity(value)[0, 0] > past(scattered).rarity(value)[0, 0] + 0.7


def test_the_farther_out_the_rarer() -> None:
    values = np.random.default_rng(2).normal(0, 1, 4096)
    rarity = past(values).rarity(np.linspace(0, 8, 50)[None, :])[0]
    assert (np.diff(rarity) >= 0).all()
    assert rarity[-1] > rarity[25] > rarity[0]


def test_heavy_tails_make_far_values_less_rare() -> None:
    chance = np.random.default_rng(3)
    light, heavy = chance.normal(0, 1, 4096), chance.standard_t(2.5, 4096)
    value = np.array([[12.0]])
    assert past(heavy).rarity(value)[0, 0] < past(light).rarity(value)[0, 0] - 2


def test_a_short_past_calls_nothing_rare() -> None:
    assert past(np.zeros(56)).rarity(np.array([[1e9]])).tolist() == [[0.0]]


def test_a_past_without_scatter_knows_a_step_by_its_level() -> None:
    rarity = past(np.full(640, 100.0)).rarity(np.array([[100.0, 101.0, 150.0]]))[0]
    assert rarity[0] < 1
    assert rarity[0] < rarity[1] < rarity[2]


def test_no_more_is_claimed_than_a_history_bears_out() -> None:
    assert past(np.zeros(640)).rarity(np.array([[1e300]]))[0, 0] == 12


def test_the_past_forgets() -> None:
    maxima = past(np.full(64, 50.0))
    maxima.append(np.zeros((1, HISTORY)))
    kept = maxima.rarity(np.array([[1.0]]))
    maxima = past(np.zeros(HISTORY))
    assert kept == maxima.rarity(np.array([[1.0]]))
