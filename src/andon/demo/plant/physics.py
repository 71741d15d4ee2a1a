"""The state of the loop and its difference equations: momentum, heat, level and wear."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from andon.demo.plant.hydraulics import (
    BAR,
    DESIGN_FLOW,
    NOMINAL_LEVEL,
    SPLIT,
    cavitation,
    efficiency,
    head,
    suction_head,
    valve_coefficient,
)
from andon.demo.plant.valve import ControlValve

__all__ = ["Circumstances", "Loop"]

AMBIENT = 24.0
"""Degrees Celsius of the hall."""
_INERTIA = 1.6
"""Metres of head that change the flow by one m3/h in a second."""
_CAPACITY_OF_WATER = 4.18 * 980 / 3600
"""kW that one m3/h carries for each kelvin."""
_RATED_VOLTAGE, _POWER_FACTOR, _MOTOR_EFFICIENCY = 400.0, 0.84, 0.85


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What befalls the loop: each is 0 (or 1, for the resistances and the level) when all is well.

    `friction` of the valve's packing as part of its stroke, `wear` of the pump's bearing (0 to 1), `strainer` and
    `filter` as multiples of their clean resistance, `level` as a part of the tank's nominal one.
    """

    friction: float = 0.0
    wear: float = 0.0
    strainer: float = 1.0
    filter: float = 1.0
    level: float = 1.0


@dataclass(slots=True)
class Loop:
    """Flow in m3/h, level in m, temperatures in degrees Celsius; `bench` is heat in kW.

    Thermal time constants are of a few seconds: sensors on thin metal, and a rig that is small on purpose.
    """

    noise: random.Random
    flow: float = DESIGN_FLOW
    level: float = NOMINAL_LEVEL
    tank: float = 70.0
    returned: float = 73.0
    bearing: float = 46.0
    motor: float = 62.0
    bench: float = 40.0
    bubbles: float = 0.0
    strainer: float = 1.0
    filter: float = 1.0
    wear: float = 0.0
    turbulence: float = 0.0
    valve: ControlValve = field(init=False)

    def __post_init__(self) -> None:
        self.valve = ControlValve(0.76, self.noise)

    def step(self, seconds: float, command: float, around: Circumstances) -> None:
        """All equations one step further; `command` is the controller's output (0 to 1)."""
        self._befall(seconds, around)
        self.valve.move(command, seconds, around.friction)
        inlet = suction_head(self.flow, self.level, self.strainer)
        found = cavitation(self.flow, self.level, self.tank, inlet)
        self.bubbles += (found - self.bubbles) * min(1.0, seconds / 0.5)
        self.turbulence += (self.noise.gauss(0, 1) - self.turbulence) * min(1.0, seconds / 0.8)
        uneasy = 1 + self.turbulence * (0.012 + 2.0 * self.bubbles) * math.sqrt(seconds)
        lift = head(self.flow, self.bubbles) * uneasy
        self.flow = max(0.2, self.flow + (lift - self.lost_head()) / _INERTIA * seconds)
        self._warm(seconds)

    def drop(self, part: str) -> float:
        """The pressure drop of a part of the loop in bar, at the present flow."""
        factor = {"strainer": self.strainer, "filter": self.filter}.get(part, 1.0)
        return factor * SPLIT[part] * (self.flow / DESIGN_FLOW) ** 2

    def lost_head(self) -> float:
        """What all resistances take at the present flow, in metres."""
        through_valve = (self.flow / valve_coefficient(self.valve.position)) ** 2
        return (through_valve + sum(self.drop(part) for part in SPLIT)) / BAR

    @property
    def inlet_pressure(self) -> float:
        """Bar, absolute."""
        return suction_head(self.flow, self.level, self.strainer) * BAR

    @property
    def outlet_pressure(self) -> float:
        """Bar, absolute."""
        return self.inlet_pressure + head(self.flow, self.bubbles) * BAR

    @property
    def shaft_power(self) -> float:
        """kW: flow times head over efficiency, and what a worn bearing rubs away."""
        useful = self.flow / 3600 * head(self.flow, self.bubbles) * BAR * 100
        return useful / efficiency(self.flow) + 0.09 * self.wear

    @property
    def current(self) -> float:
        """Amperes in each of the three phases."""
        return 1000 * self.shaft_power / (_MOTOR_EFFICIENCY * math.sqrt(3) * _RATED_VOLTAGE * _POWER_FACTOR)

    @property
    def vibration(self) -> float:
        """RMS velocity in mm/s on the bearing housing; a sound small pump runs below 2.8 (ISO 10816-7, zone A)."""
        off_best = abs(self.flow - DESIGN_FLOW) / DESIGN_FLOW
        return math.sqrt(1.6**2 + (1.5 * off_best) ** 2 + (5.5 * self.wear) ** 2 + (5.0 * self.bubbles) ** 2)

    def _befall(self, seconds: float, around: Circumstances) -> None:
        part = min(1.0, seconds / 1.5)
        self.strainer += (around.strainer - self.strainer) * part
        self.filter += (around.filter - self.filter) * part
        self.wear += (around.wear - self.wear) * part
        self.level += (around.level * NOMINAL_LEVEL - self.level) * min(1.0, seconds / 2.5)

    def _warm(self, seconds: float) -> None:
        carried = _CAPACITY_OF_WATER * self.flow
        self.returned += (self.tank + self.bench / carried - self.returned) * min(1.0, seconds / 2.0)
        cooled = 40.0 + 12.0 * (self.tank - 70.0)
        heated = carried * (self.returned - self.tank)
        self.tank += (heated - cooled) / 350.0 * seconds
        losses = self.shaft_power * (1 / _MOTOR_EFFICIENCY - 1)
        self.motor += (AMBIENT + 155 * losses - self.motor) * min(1.0, seconds / 8.0)
        rubbed = 0.022 + 0.03 * self.wear
        self.bearing += (AMBIENT + 1000 * rubbed - self.bearing) * min(1.0, seconds / 5.0)
