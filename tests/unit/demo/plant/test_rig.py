from statistics import mean, pstdev

import pytest

from andon.demo.plant.rig import Rig


def course(
    condition: str = "", strength: float = 0.0, *, seed: int = 3, seconds: int = 40
) -> dict[str, list[float]]:
    """The readings of the last three quarters of a run with a condition."""
    held = {condition: strength}
    rig = Rig(seed, lambda name, default: held.get(name, default))
    found: dict[str, list[float]] = {}
    for second in range(seconds):
        rig.advance(1.0)
        for reading in rig.readings():
            if second >= seconds // 4:
                found.setdefault(reading.metric, []).append(reading.value)
    return found


QUIET = course()


def test_all_is_well_without_conditions():
    assert mean(QUIET["flow.rate"]) == pytest.approx(12.0, rel=0.05)
    assert mean(QUIET["vibration.velocity"]) < 2.8
    tracking = [abs(a - b) for a, b in zip(QUIET["valve.command"], QUIET["valve.position"], strict=True)]
    assert max(tracking) < 4


def test_the_same_seed_gives_the_same_course():
    assert course(seed=5, seconds=8) == course(seed=5, seconds=8)
    assert course(seed=5, seconds=8) != course(seed=6, seconds=8)


def test_a_sticking_valve_makes_the_flow_swing():
    swinging = course("valve.friction", 0.16)
    assert pstdev(swinging["flow.rate"]) > 2 * pstdev(QUIET["flow.rate"])
    assert mean(swinging["flow.rate"]) == pytest.approx(12.0, rel=0.05)


def test_a_drifting_transmitter_shows_the_usual_and_starves_the_bench():
    drifting = course("flow-transmitter.error", 0.3)
    assert mean(drifting["flow.rate"]) == pytest.approx(mean(QUIET["flow.rate"]), rel=0.02)
    assert mean(drifting["cooler.differential_pressure"]) < 0.75 * mean(QUIET["cooler.differential_pressure"])
    assert mean(drifting["return.temperature"]) > mean(QUIET["return.temperature"]) + 0.4


def test_a_local_set_point_is_obeyed():
    wrong = course("controller.local-set-point", 8.0)
    assert mean(wrong["flow.setpoint"]) == 8.0
    assert mean(wrong["flow.rate"]) == pytest.approx(8.0, rel=0.02)


def test_a_clogged_filter_opens_the_valve():
    clogged = course("filter.resistance", 10.0)
    assert mean(clogged["valve.command"]) > mean(QUIET["valve.command"]) + 10
    assert mean(clogged["flow.rate"]) < mean(QUIET["flow.rate"])


def test_a_heavier_test_warms_the_coolant_and_nothing_else():
    heavy = course("bench.heat", 1.4)
    assert mean(heavy["return.temperature"]) > mean(QUIET["return.temperature"]) + 0.8
    assert mean(heavy["flow.rate"]) == pytest.approx(mean(QUIET["flow.rate"]), rel=0.01)
