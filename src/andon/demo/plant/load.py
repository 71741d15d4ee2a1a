"""What the test bench asks for: heat that wanders slowly, and a flow that goes with it."""

from __future__ import annotations

import math
import random

__all__ = ["Bench"]

_HEAT = 40.0
"""kW in the middle of the range."""
_FLOW = 12.0
"""m3/h at that heat."""


class Bench:
    """Slow waves, the test cycle and a little noise, all drawn from the seed: a day in the rig's quick time."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._waves = [
            (draw.uniform(0.015, 0.03), draw.uniform(45, 70), draw.uniform(0, 2 * math.pi)),
            (draw.uniform(0.008, 0.018), draw.uniform(17, 29), draw.uniform(0, 2 * math.pi)),
            (draw.uniform(0.012, 0.018), draw.uniform(7, 10), draw.uniform(0, 2 * math.pi)),
        ]
        self._wander = 0.0

    def demand(self, seconds: float) -> float:
        """The present demand as a part of the middle one, `seconds` after the start."""
        self._wander += 0.05 * (self._draw.gauss(0, 0.01) - self._wander)
        waves = sum(size * math.sin(2 * math.pi * seconds / period + at) for size, period, at in self._waves)
        return 1 + waves + self._wander

    @staticmethod
    def heat(demand: float, extra: float) -> float:
        """kW; `extra` multiplies what a heavier test asks for beyond the usual."""
        return _HEAT * demand * extra

    @staticmethod
    def set_point(demand: float) -> float:
        """m3/h that the recipe asks of the controller: half as lively as the heat."""
        return _FLOW * (1 + (demand - 1) * 0.8)
