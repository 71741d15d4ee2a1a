"""Faults of the plant: what wears, clogs, sticks, drifts or is set wrong on the coolant loop."""

from __future__ import annotations

import random

from andon.demo.faults.change import Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.work_orders import WorkOrder

__all__ = ["FAULTS"]

_RIG = "pump-rig"
_LOOP = (
    "coolantTank",
    "suctionStrainer",
    "coolantPump",
    "coolantFilter",
    "flowValve",
    "flowTransmitter",
    "testBench",
)
"""The components in the direction of the flow."""
_TECHNICIANS = ("m.keller", "a.duarte", "j.novak", "s.okafor")
_HARMLESS = (
    ("rinsePump", "P-205", "lubrication", "Re-greased the drive-end bearing"),
    ("rinseController", "LC-210", "set-point change", "Basin level 62 % to 58 %, as the paint shop asked"),
    ("flowValve", "V-104", "inspection", "Visual inspection of the actuator, no findings"),
    ("coolantPump", "P-101", "inspection", "Vibration route measured by hand, within limits"),
    ("coolantTank", "T-100", "calibration", "Local gauge glass compared with the transmitter, no deviation"),
    ("testBench", "TB-106", "calibration", "Fuel balance of the bench adjusted"),
    ("coolantFilter", "F-103", "inspection", "Spare cartridges counted, two in stock"),
)
_BREAK = 6.0
"""Seconds that harmless work keeps from the onset at least, now and then."""


def _order(draw: random.Random, tag: str, kind: str, text: str) -> WorkOrder:
    return WorkOrder(f"WO-{draw.randint(104_000, 104_999)}", tag, kind, text, draw.choice(_TECHNICIANS))


def _harmless(draw: random.Random, onset: float) -> tuple[Change, ...]:
    """Two or three closed orders before the onset and around it that changed nothing in the loop."""
    moments = [draw.uniform(4, max(onset - _BREAK, 5)) for _ in range(draw.randint(1, 2))]
    moments.append(max(onset + draw.choice((-1, 1)) * draw.uniform(1.5, 4), 3.0))
    work = draw.sample(_HARMLESS, len(moments))
    return tuple(
        Change(at, component, orders=(_order(draw, tag, kind, text),))
        for at, (component, tag, kind, text) in zip(moments, work, strict=True)
    )


def _befalls(onset: float, component: str, condition: str, strength: float) -> Change:
    return Change(onset, component, happenings=(Happening(_RIG, condition, strength),))


def _scenario(draw: random.Random, onset: float, symptom: str, culprit: Culprit) -> Scenario:
    return Scenario(symptom, (culprit,), decoys=_harmless(draw, onset))


def _from(component: str) -> tuple[str, ...]:
    """The way of the coolant from a component to the test bench."""
    return _LOOP[_LOOP.index(component) :]


def _valve_sticking(draw: random.Random, onset: float) -> Scenario:
    change = _befalls(onset, "flowValve", "valve.friction", draw.uniform(0.15, 0.18))
    return _scenario(
        draw,
        onset,
        "The coolant flow to the test bench swings up and down.",
        Culprit(change, ("valve-stiction",), _from("flowValve")),
    )


def _bearing_wear(draw: random.Random, onset: float) -> Scenario:
    change = _befalls(onset, "coolantPump", "pump.bearing-wear", draw.uniform(0.6, 0.9))
    return _scenario(
        draw,
        onset,
        "The coolant loop at the test bench has become loud, and something there is hot to the touch.",
        Culprit(change, ("bearing-wear",), _from("coolantPump")),
    )


def _sensor_drift(draw: random.Random, onset: float) -> Scenario:
    change = _befalls(onset, "flowTransmitter", "flow-transmitter.error", draw.uniform(0.28, 0.4))
    return _scenario(
        draw,
        onset,
        "Engines on the test bench run warmer than they should, although the panel shows the usual coolant flow.",
        Culprit(change, ("sensor-drift",), _from("flowTransmitter")),
    )


def _cavitation(draw: random.Random, onset: float) -> Scenario:
    """Too little suction head: the strainer is full, or so little is in the tank that a vortex draws air."""
    symptom = "It rattles in the coolant loop of the test bench, as if gravel went round with the coolant."
    severity, cause = draw.random(), draw.choice(("strainer", "level"))
    if cause == "strainer":
        change = _befalls(onset, "suctionStrainer", "strainer.resistance", 8.8 + 1.7 * severity)
        answers = ("coolantPump", "suctionStrainer")
        mechanisms: tuple[str, ...] = ("cavitation", "filter-clogging")
    else:
        change = _befalls(onset, "coolantTank", "tank.level", 0.27 - 0.07 * severity)
        answers, mechanisms = ("coolantPump", "coolantTank"), ("cavitation",)
    return _scenario(draw, onset, symptom, Culprit(change, mechanisms, _from("coolantPump"), answers))


def _filter_clogged(draw: random.Random, onset: float) -> Scenario:
    change = _befalls(onset, "coolantFilter", "filter.resistance", draw.uniform(8.5, 13))
    return _scenario(
        draw,
        onset,
        "The test bench gets less coolant than it asks for.",
        Culprit(change, ("filter-clogging",), _from("coolantFilter")),
    )


def _wrong_set_point(draw: random.Random, onset: float) -> Scenario:
    """A technician closes an order on the controller and leaves it on a local set-point that is far too low."""
    order = _order(draw, "FC-105", "maintenance", "Output card replaced, loop tested and put back in service")
    happening = Happening(_RIG, "controller.local-set-point", round(draw.uniform(7.0, 8.5), 1))
    change = Change(onset, "flowController", orders=(order,), happenings=(happening,))
    path = ("flowController", *_from("flowValve"))
    return _scenario(
        draw,
        onset,
        "The test bench gets too little coolant since a while, and the engines on it run hot.",
        Culprit(change, ("wrong-set-point", "configuration-change"), path),
    )


def _plant_quiet(draw: random.Random, onset: float) -> Scenario:
    """A heavier test warms the coolant, as it should."""
    heavier = _befalls(onset, "testBench", "bench.heat", draw.uniform(1.25, 1.45))
    return Scenario(
        "The technician at the test bench thinks that the coolant is warmer than before. Is something wrong with it?",
        decoys=(heavier, *_harmless(draw, onset)),
    )


FAULTS = (
    Fault("valve-sticking", "Coolant flow swings", _valve_sticking),
    Fault("bearing-wear", "Coolant loop is loud", _bearing_wear),
    Fault("sensor-drift", "Engines run warm on the test bench", _sensor_drift),
    Fault("cavitation", "Coolant loop rattles", _cavitation),
    Fault("filter-clogged", "Test bench is short of coolant", _filter_clogged),
    Fault("wrong-set-point", "Test bench is short of coolant", _wrong_set_point),
    Fault("plant-quiet", "Coolant seems warm", _plant_quiet, control=True),
)
