from __future__ import annotations

import math

import numpy as np
import pytest

from andon.analysis.masses import Mass, cut, felt, level, mass

TIMES = 60.0 * np.arange(30)
EVERYWHERE = np.ones(3, dtype=np.bool_)


def test_quiet_parts_end_before_the_incident_begins() -> None:
    parts = cut(TIMES, (0, 600), (1200, 1500))
    assert list(TIMES[parts.baseline]) == [60.0 * i for i in range(10)]
    assert TIMES[parts.lead][0] == 600
    assert TIMES[parts.lead][-1] < 1200
    assert list(TIMES[parts.incident]) == [1200, 1260, 1320, 1380, 1440]


def test_a_step_that_reaches_into_the_incident_is_not_quiet() -> None:
    parts = cut(TIMES, (0, 1210), (1210, 1500))
    assert TIMES[parts.baseline][-1] + 60 <= 1210
    assert TIMES[parts.incident][0] == 1200


@pytest.mark.parametrize("n", [0, 1, 2])
def test_cutting_hardly_any_points(n: int) -> None:
    parts = cut(TIMES[:n], (0, 600), (1200, 1500))
    assert len(TIMES[:n][parts.incident]) == 0
    assert len(TIMES[:n][parts.baseline]) == n


def test_parts_do_not_overlap_when_the_baseline_lies_after_the_incident() -> None:
    parts = cut(TIMES, (900, 1800), (300, 600))
    assert list(TIMES[parts.incident]) == [300, 360, 420, 480, 540]
    assert all(time < 300 for time in TIMES[parts.lead])
    assert all(not 300 <= time < 600 for time in TIMES[parts.baseline])


def test_the_long_baseline_decides_the_level() -> None:
    rng = np.random.default_rng(8)
    usual, spread = level(rng.normal(10, 1, 500), rng.normal(10.5, 1, 5))
    assert usual == pytest.approx(10, abs=0.3)
    assert spread == pytest.approx(1, abs=0.3)


def test_a_lead_that_drifted_away_decides_the_level() -> None:
    rng = np.random.default_rng(8)
    baseline = rng.normal(10, 1, 500)
    usual, spread = level(baseline, np.full(5, 50.0))
    assert usual == 50
    assert spread > level(baseline, baseline[:5])[1]


def test_level_without_points() -> None:
    nothing, some = np.array([np.nan]), np.array([3.0, 3.0])
    assert all(math.isnan(value) for value in level(nothing, nothing))
    assert level(nothing, some)[0] == 3
    assert level(some, nothing)[0] == 3


def test_mass_is_what_exceeds_the_usual_times_the_requests() -> None:
    found = mass(np.array([1.0, 3.0, 2.0]), np.array([10.0, 10.0, 1.0]), 1.0, 0.5, EVERYWHERE)
    assert found.added == 21
    assert found.usual == 21
    assert found.noise == pytest.approx(0.5 * math.sqrt(201))


def test_missing_points_have_no_mass() -> None:
    values, weights = np.array([np.nan, 3.0, 2.0]), np.array([10.0, 10.0, np.nan])
    assert mass(values, weights, 1.0, 0.5, EVERYWHERE).added == 20


def test_only_the_picked_points_count() -> None:
    where = np.array([False, True, False])
    assert mass(np.full(3, 5.0), np.ones(3), 1.0, 0.5, where).added == 4
    assert mass(np.full(3, 5.0), np.ones(3), 1.0, 0.5, ~EVERYWHERE) == Mass(0, 0, 0)


@pytest.mark.parametrize(("added", "certain"), [(10, 7), (2, 0), (-10, 0)])
def test_what_is_certain_is_never_negative(added: float, certain: float) -> None:
    assert Mass(added, 3, 0).certain == certain


def test_felt_where_half_as_bad_as_at_the_worst() -> None:
    assert list(felt(np.array([1.0, 5.0, 10.0, np.nan, 4.9]))) == [False, True, True, False, False]


@pytest.mark.parametrize("added", [[], [0.0, -1.0], [np.nan, np.nan]])
def test_felt_everywhere_when_nothing_is_worse(added: list[float]) -> None:
    assert felt(np.array(added)).all()
