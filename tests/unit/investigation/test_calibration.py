from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.calibration import calibrated, load_knots

KNOTS = ((0.0, 0.0), (0.4, 0.7), (1.0, 0.95))
shares = st.lists(st.floats(0.001, 1), min_size=1, max_size=7).map(
    lambda many: [share / (sum(many) * 1.1) for share in many]
)


@given(shares)
def test_the_sum_stays_one_and_the_order_stays(many: list[float]) -> None:
    found, rest = calibrated(many, 1 - sum(many), KNOTS)
    assert sum(found) + rest == pytest.approx(1)
    assert all(0 <= share <= 1 for share in found)
    leader = many.index(max(many))
    assert found[leader] == max(found)
    ranked = sorted(range(len(many)), key=lambda i: many[i])
    assert [found[i] for i in ranked] == pytest.approx(sorted(found))


def test_the_leader_gets_what_its_likelihood_is_worth() -> None:
    found, rest = calibrated([0.4, 0.1], 0.5, KNOTS)
    assert found == pytest.approx((0.7, 0.05))
    assert rest == pytest.approx(0.25)


def test_nobody_is_ranked() -> None:
    assert calibrated([], 1.0, KNOTS) == ((), 1.0)


def test_the_map_that_ships_is_monotone_and_covers_every_likelihood() -> None:
    raw, worth = zip(*load_knots(), strict=True)
    assert (raw[0], raw[-1]) == (0.0, 1.0)
    assert list(raw) == sorted(set(raw)) and list(worth) == sorted(worth)
    assert worth[0] >= 0 and worth[-1] <= 1
