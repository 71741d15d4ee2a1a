"""The control valve: an actuator that lags, and a packing that may stick."""

from __future__ import annotations

import math
import random

__all__ = ["ControlValve"]

_LAG = 0.4
"""Seconds to two thirds of a step of the actuator."""
_LANDING = 0.8
"""The force that may be left when the stem comes to rest, as a part of the static friction: it slips past or stops short."""
_SHAKEN = 0.4
"""What air supply and vibration do to the force within a second, as a part of the static friction: nothing rests for long."""
_UNEVEN = 0.4
"""By how much the static friction differs from one place of the stem to the next."""


class ControlValve:
    """A position between 0 and 1 that follows a command.

    Friction after He, Wang, Pottmann and Qin, "A curve fitting method for detecting valve stiction in oscillating
    control loops", Ind. Eng. Chem. Res. 46 (2007): the stem rests until the force that has built up exceeds the static
    friction, then slips to where the kinetic friction holds it again. A worn packing grips unevenly, so both are drawn
    anew at each slip.
    """

    def __init__(self, position: float, draw: random.Random) -> None:
        self.position = position
        self._draw = draw
        self._stem = position
        self._command = position
        self._force = 0.0
        self._grip = 0.0

    def move(self, command: float, seconds: float, friction: float) -> None:
        """One step; `friction` is the static friction as a part of the stroke, 0 for a packing that is well."""
        shaken = self._draw.gauss(0, _SHAKEN) * friction * math.sqrt(seconds) if friction else 0.0
        self._force += command - self._command + shaken
        self._command = command
        if abs(self._force) > friction * self._grip:
            self._force = self._draw.uniform(-_LANDING, _LANDING) * friction if friction else 0.0
            self._stem = command - self._force
            self._grip = self._draw.uniform(1 - _UNEVEN, 1 + _UNEVEN) if friction else 0.1
        self._stem = min(1.0, max(0.02, self._stem))
        self.position += (self._stem - self.position) * min(1.0, seconds / _LAG)
