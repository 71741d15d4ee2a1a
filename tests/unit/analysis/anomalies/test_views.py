from __future__ import annotations

import numpy as np

from andon.analysis.anomalies.views import CONTEXT, LENGTHS, NAMES, rareness, stretches, views


def view(name: str, values: np.ndarray) -> np.ndarray:
    return views(values, 1e-3)[NAMES.index(name)]


def test_each_view_but_the_season_has_a_past() -> None:
    rows = [row for each in LENGTHS.values() for row in range(each.start, each.stop)]
    assert rows == list(range(len(NAMES) - 1))


def test_levels_and_jumps_of_a_step() -> None:
    values = np.concatenate((np.full(CONTEXT, 5.0), np.full(40, 15.0)))
    assert view("high", values).tolist() == [15.0] * 40
    assert view("low", values).tolist() == [-15.0] * 40
    assert view("jump", values).tolist() == [10.0] + [0.0] * 39
    np.testing.assert_allclose(view("jump of 4", values)[:5], [2.5, 5, 7.5, 10, 7.5])
    assert view("jump of 16", values).argmax() == 15
    np.testing.assert_allclose(view("high level", values)[15:], 15.0)


def test_a_stretch_without_scatter_is_flattest() -> None:
    chance = np.random.default_rng(1)
    values = np.concatenate((chance.normal(0, 1, CONTEXT), np.zeros(40)))
    flat = view("flat", values)
    assert flat[39] == -np.log(1e-3)
    assert flat[0] < 1


def test_a_block_that_is_not_full_shows_what_it_will_show() -> None:
    values = np.random.default_rng(2).normal(0, 1, CONTEXT + 64)
    np.testing.assert_array_equal(views(values[: CONTEXT + 10], 1e-3), views(values, 1e-3)[:, :10])


def test_rareness_is_the_share_of_the_past_as_far_out() -> None:
    past = np.arange(98.0)
    np.testing.assert_allclose(
        rareness(np.array([97.0, 0.0, 48.5]), past, 1)[[0, 1]], [-np.log10(0.02), -np.log10(0.99)]
    )
    high, low, middle = rareness(np.array([97.0, 0.0, 48.5]), past, 2)
    assert high == low > middle


def test_one_row_counts_no_more_than_four() -> None:
    assert rareness(np.array([1e9]), np.zeros(10**5), 1)[0] == 4


def test_a_stretch_is_the_mean_of_64_rows() -> None:
    rare = np.zeros((1, CONTEXT + 10))
    rare[0, CONTEXT:] = 2.0
    np.testing.assert_allclose(stretches(rare)[0], 2 * np.arange(1, 11) / 64)
