import random
from collections import defaultdict
from statistics import mean

import pytest

from andon.demo.inventory import EQUIPMENT
from andon.demo.plant.controller import FlowController
from andon.demo.plant.instruments import INSTRUMENTS, Panel, observe
from andon.demo.plant.physics import Loop


def test_every_tag_has_an_instrument_and_every_metric_a_unit():
    assert {one.tag for one in INSTRUMENTS} == set(EQUIPMENT)
    assert all(one.unit for one in INSTRUMENTS)
    assert len({(one.tag, one.metric) for one in INSTRUMENTS}) == len(INSTRUMENTS)


def test_readings_scatter_about_what_is_there():
    loop = Loop(random.Random(1))
    panel = Panel(loop, FlowController(0.5), 12.0, 11.9)
    draw, found = random.Random(2), defaultdict(list)
    for _ in range(300):
        for reading in observe(panel, draw):
            found[reading.metric].append(reading.value)
    assert mean(found["vibration.velocity"]) == pytest.approx(loop.vibration, rel=0.02)
    assert len(set(found["vibration.velocity"])) > 100
    assert set(found["valve.command"]) == {50.0}
