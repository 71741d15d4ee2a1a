from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.evaluation import CalibrationMap, calibration_error, fit_map, held_out, try_map


def overconfident(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Likelihoods whose true log odds are half of what they say."""
    chance = np.random.default_rng(seed)
    likelihoods = chance.uniform(0.05, 0.99, n)
    return likelihoods, chance.uniform(size=n) < CalibrationMap(0.5)(likelihoods)


def test_the_default_changes_nothing() -> None:
    points = np.linspace(0.01, 0.99, 30)
    assert CalibrationMap()(points) == pytest.approx(points)


def test_no_cases_change_nothing() -> None:
    assert fit_map([], []) == CalibrationMap()


def test_overconfidence_is_found_and_undone() -> None:
    likelihoods, right = overconfident(4000)
    found = fit_map(likelihoods, right)
    assert found.slope == pytest.approx(0.5, abs=0.08)
    assert found.shift == pytest.approx(0.0, abs=0.1)
    assert calibration_error(found(likelihoods), right) < 0.5 * calibration_error(likelihoods, right)


def test_few_cases_are_drawn_towards_changing_nothing() -> None:
    few, many = fit_map([0.9] * 3, [True] * 3), fit_map([0.9] * 300, [True] * 300)
    assert 0.9 < few([0.9])[0] < 0.96
    assert many([0.9])[0] > 0.98


def test_it_stays_increasing_where_the_confident_were_wrong() -> None:
    found = fit_map([0.1] * 200 + [0.9] * 200, [True] * 200 + [False] * 200)
    assert found.slope > 0


@given(st.floats(0.01, 5), st.floats(-4, 4), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_order_is_kept_and_likelihoods_stay_likelihoods(slope, shift, likelihoods) -> None:
    found = CalibrationMap(slope, shift)(sorted(likelihoods))
    assert np.all(np.diff(found) >= 0)
    assert np.all((found >= 0) & (found <= 1))


def test_each_group_is_calibrated_without_itself() -> None:
    likelihoods = np.array([0.8] * 40)
    right = np.array([True] * 20 + [False] * 20)
    unseen = held_out(likelihoods, right, ["right"] * 20 + ["wrong"] * 20)
    assert unseen[0] < 0.8 < unseen[-1]


def test_a_fit_says_what_it_would_do_to_cases_it_has_not_seen() -> None:
    likelihoods, right = overconfident(1200)
    found = try_map(likelihoods, right, np.arange(1200) % 12)
    assert (found.cases, found.groups) == (1200, 12)
    assert found.after[0] < found.before[0]
    assert found.after[1] < found.before[1]


def test_parameters_and_table_are_the_map_again() -> None:
    found = fit_map(*overconfident(300))
    again = CalibrationMap(**found.parameters())
    assert again([0.3, 0.8]) == pytest.approx(found([0.3, 0.8]), abs=1e-3)
    table = found.table(4)
    assert [x for x, _ in table] == [0, 0.25, 0.5, 0.75, 1]
    assert [y for _, y in table] == pytest.approx(found([0, 0.25, 0.5, 0.75, 1]).tolist())
