import pytest

from andon.demo.plant.hydraulics import (
    BAR,
    DESIGN_FLOW,
    NOMINAL_LEVEL,
    cavitation,
    efficiency,
    head,
    suction_head,
    valve_coefficient,
    vapour_head,
)


def test_the_pump_curve_falls_with_the_flow_and_with_bubbles():
    assert head(0) > head(DESIGN_FLOW) > head(1.5 * DESIGN_FLOW)
    assert head(DESIGN_FLOW, 1.0) < head(DESIGN_FLOW)


def test_efficiency_is_best_near_the_design_flow():
    assert efficiency(13.0) > efficiency(6.0)
    assert efficiency(13.0) > efficiency(20.0)
    assert efficiency(0.0) > 0


def test_the_valve_passes_equal_percentages_more_for_equal_strokes():
    ratio = valve_coefficient(0.6) / valve_coefficient(0.5)
    assert valve_coefficient(0.9) / valve_coefficient(0.8) == pytest.approx(ratio)


@pytest.mark.parametrize(("celsius", "bar"), [(20, 0.0234), (70, 0.312), (100, 1.013)])
def test_vapour_pressure_is_that_of_the_steam_tables(celsius, bar):
    assert vapour_head(celsius) * BAR == pytest.approx(bar, rel=0.01)


def test_it_cavitates_when_the_strainer_is_full_the_tank_low_or_the_coolant_hot():
    sound = suction_head(DESIGN_FLOW, NOMINAL_LEVEL, 1.0)
    full = suction_head(DESIGN_FLOW, NOMINAL_LEVEL, 9.0)
    assert cavitation(DESIGN_FLOW, NOMINAL_LEVEL, 70, sound) == 0
    assert cavitation(DESIGN_FLOW, NOMINAL_LEVEL, 70, full) > 0.3
    assert cavitation(DESIGN_FLOW, 0.35, 70, suction_head(DESIGN_FLOW, 0.35, 1.0)) > 0.3
    assert cavitation(DESIGN_FLOW, NOMINAL_LEVEL, 95, sound) > 0.3
