import random
from itertools import pairwise

import pytest

from andon.demo.plant.valve import ControlValve


def test_a_sound_valve_follows_its_command():
    valve = ControlValve(0.5, random.Random(1))
    for _ in range(100):
        valve.move(0.6, 0.05, 0.0)
    assert valve.position == pytest.approx(0.6, abs=0.001)


def test_a_sticking_valve_rests_and_then_jumps():
    valve = ControlValve(0.5, random.Random(1))
    found = []
    for i in range(600):
        valve.move(0.5 + i * 0.0005, 0.05, 0.15)
        found.append(valve.position)
    steps = [b - a for a, b in pairwise(found)]
    still = sum(abs(step) < 1e-6 for step in steps)
    assert still > 200
    assert max(map(abs, steps)) > 10 * 0.0005


def test_it_stays_within_its_stroke():
    valve = ControlValve(0.5, random.Random(1))
    for _ in range(200):
        valve.move(1.4, 0.05, 0.0)
    assert valve.position <= 1.0
