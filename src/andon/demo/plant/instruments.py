"""The instruments of the loop: what each tag measures, in which unit, with which noise."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from andon.demo.plant.controller import FlowController
from andon.demo.plant.physics import Loop

__all__ = ["INSTRUMENTS", "Instrument", "Panel", "Reading", "observe"]


@dataclass(slots=True)
class Panel:
    """Everything that an instrument may look at."""

    loop: Loop
    controller: FlowController
    set_point: float
    measured_flow: float


@dataclass(frozen=True, slots=True)
class Instrument:
    """`tag` is the equipment, `unit` a UCUM unit; `noise` is relative to the value, `grain` absolute."""

    tag: str
    metric: str
    unit: str
    read: Callable[[Panel], float]
    noise: float = 0.0
    grain: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one instrument."""

    tag: str
    metric: str
    unit: str
    value: float


INSTRUMENTS = (
    Instrument("T-100", "tank.level", "m", lambda p: p.loop.level, 0.004),
    Instrument("T-100", "coolant.temperature", "Cel", lambda p: p.loop.tank, 0.001),
    Instrument(
        "S-102", "strainer.differential_pressure", "bar", lambda p: p.loop.drop("strainer"), 0.015, 0.0002
    ),
    Instrument("P-101", "suction.pressure", "bar", lambda p: p.loop.inlet_pressure, 0.003),
    Instrument("P-101", "discharge.pressure", "bar", lambda p: p.loop.outlet_pressure, 0.003),
    Instrument("P-101", "vibration.velocity", "mm/s", lambda p: p.loop.vibration, 0.06),
    Instrument("P-101", "bearing.temperature", "Cel", lambda p: p.loop.bearing, 0.003),
    Instrument("P-101", "motor.temperature", "Cel", lambda p: p.loop.motor, 0.003),
    Instrument("P-101", "motor.current", "A", lambda p: p.loop.current, 0.008),
    Instrument("F-103", "filter.differential_pressure", "bar", lambda p: p.loop.drop("filter"), 0.012, 0.001),
    Instrument("V-104", "valve.command", "%", lambda p: 100 * p.controller.command),
    Instrument("V-104", "valve.position", "%", lambda p: 100 * p.loop.valve.position, 0.0, 0.2),
    Instrument("FT-105", "flow.rate", "m3/h", lambda p: p.measured_flow),
    Instrument("FC-105", "flow.setpoint", "m3/h", lambda p: p.set_point),
    Instrument("TB-106", "supply.temperature", "Cel", lambda p: p.loop.tank, 0.001),
    Instrument("TB-106", "return.temperature", "Cel", lambda p: p.loop.returned, 0.001),
    Instrument("TB-106", "heat.power", "kW", lambda p: p.loop.bench, 0.005),
    Instrument("TB-106", "cooler.differential_pressure", "bar", lambda p: p.loop.drop("bench"), 0.012, 0.002),
)


def observe(panel: Panel, draw: random.Random) -> list[Reading]:
    """One reading of every instrument, now."""
    found = []
    for one in INSTRUMENTS:
        true = one.read(panel)
        value = true * (1 + draw.gauss(0, one.noise)) + draw.gauss(0, one.grain)
        found.append(Reading(one.tag, one.metric, one.unit, round(value, 4)))
    return found
