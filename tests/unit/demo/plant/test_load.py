import random

import pytest

from andon.demo.plant.load import Bench


def test_demand_wanders_about_the_middle_and_follows_from_the_seed():
    bench, twin = Bench(random.Random(4)), Bench(random.Random(4))
    found = [bench.demand(i * 0.1) for i in range(2000)]
    assert found == [twin.demand(i * 0.1) for i in range(2000)]
    assert sum(found) / len(found) == pytest.approx(1.0, abs=0.02)
    assert 0.85 < min(found) < max(found) < 1.15


def test_a_heavier_test_asks_for_more_heat():
    assert Bench.heat(1.0, 1.5) == pytest.approx(1.5 * Bench.heat(1.0, 1.0))


def test_the_flow_goes_with_the_heat_but_less():
    assert Bench.set_point(1.0) < Bench.set_point(1.1) < 1.1 * Bench.set_point(1.0)
