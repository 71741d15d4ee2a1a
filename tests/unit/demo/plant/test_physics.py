import random

import pytest

from andon.demo.plant.physics import Circumstances, Loop

SOUND = Circumstances()


def settled(around: Circumstances = SOUND, command: float = 0.76, **start: float) -> Loop:
    loop = Loop(random.Random(1), **start)
    for _ in range(1200):
        loop.step(0.05, command, around)
    return loop


def test_flow_settles_where_pump_and_system_meet():
    loop = settled()
    assert loop.flow == pytest.approx(12.0, rel=0.05)
    assert loop.lost_head() * 0.0961 == pytest.approx(loop.outlet_pressure - loop.inlet_pressure, rel=0.05)


def test_a_more_open_valve_passes_more_at_more_power():
    half, wide = settled(command=0.6), settled(command=0.9)
    assert half.flow < wide.flow
    assert half.current < wide.current
    assert half.outlet_pressure > wide.outlet_pressure


def test_a_clogged_filter_takes_pressure_and_flow():
    sound, clogged = settled(), settled(Circumstances(filter=8.0))
    assert clogged.drop("filter") > 3 * sound.drop("filter")
    assert clogged.flow < sound.flow
    assert clogged.drop("bench") < sound.drop("bench")


def test_a_worn_bearing_shakes_warms_and_draws_a_little_more():
    sound, worn = settled(), settled(Circumstances(wear=0.8))
    assert worn.vibration > 2 * sound.vibration
    assert worn.bearing > sound.bearing + 15
    assert 1.01 < worn.current / sound.current < 1.2
    assert worn.flow == pytest.approx(sound.flow, rel=0.02)


@pytest.mark.parametrize("around", [Circumstances(strainer=10.0), Circumstances(level=0.22)])
def test_lack_of_suction_cavitates(around):
    sound, starved = settled(), settled(around)
    assert starved.bubbles > 0.2
    assert starved.inlet_pressure < sound.inlet_pressure
    assert starved.outlet_pressure < sound.outlet_pressure
    assert starved.vibration > 1.5 * sound.vibration


def test_heat_is_carried_away_by_the_flow():
    usual, heavy, slow = settled(), settled(bench=60.0), settled(command=0.5)
    warmed = usual.returned - usual.tank
    assert warmed == pytest.approx(40.0 / (4.18 * 980 / 3600 * usual.flow), rel=0.05)
    assert heavy.returned > usual.returned
    assert slow.returned - slow.tank > warmed
