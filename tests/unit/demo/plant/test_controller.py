import pytest

from andon.demo.plant.controller import FlowController


def test_it_opens_while_the_flow_is_below_the_set_point():
    controller = FlowController(0.5)
    first = controller.step(12.0, 10.0, 0.05)
    assert first > 0.5
    assert controller.step(12.0, 10.0, 0.05) > first


def test_it_rests_at_the_set_point():
    assert FlowController(0.5).step(12.0, 12.0, 0.05) == pytest.approx(0.5)


def test_its_integral_stops_at_the_bound_and_comes_back_at_once():
    controller = FlowController(0.9)
    for _ in range(1000):
        controller.step(12.0, 6.0, 0.05)
    assert controller.command == 1.0
    for _ in range(20):
        controller.step(12.0, 14.0, 0.05)
    assert controller.command < 0.9
