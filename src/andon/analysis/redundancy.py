"""Redundancy: where instruments that must agree do not.

Two checks, each as a series of its own. *Tracking*: an actuator reports a position beside its command, and the two should
differ by a lag only; a valve that sticks shows here first (Jelali and Huang, Detection and Diagnosis of Stiction in Control
Loops, 2010). *Departure*: along one flow, the flow meters and the pressure drops over fixed resistances all tell the same
flow, for a drop grows with its square; what departs from the median of the others has changed its resistance (a drop) or
its calibration (a meter). At least three are needed, or none can be blamed: two out of three, as in safety systems
(IEC 61511).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from andon.analysis.signals import words
from andon.telemetry import MetricSeries

__all__ = ["departures", "is_drop", "is_flow", "tracking"]

Floats = NDArray[np.float64]

FEWEST = 3
"""Instruments of one flow below which a majority cannot be told from a minority."""
_COMMANDS = frozenset(["command", "demand", "cmd", "output"])
_POSITIONS = frozenset(["position", "feedback", "travel", "stroke"])
_TARGETS = frozenset(["setpoint", "set", "sp", "target", "limit"])
_FLOW_UNITS = frozenset(
    [
        "m3/h",
        "m3/s",
        "m3/min",
        "l/min",
        "L/min",
        "l/s",
        "L/s",
        "l/h",
        "L/h",
        "kg/s",
        "kg/h",
        "t/h",
        "[gal_us]/min",
    ]
)
_DROP_WORDS = frozenset(["differential", "drop", "delta", "dp", "pdt"])
_LEAST = 1e-6
"""What a reading counts at least before its logarithm is taken."""


def is_flow(series: MetricSeries) -> bool:
    """Whether a series is a measured flow, by its unit and name."""
    found = set(words(series.name))
    return series.unit in _FLOW_UNITS and "flow" in found and not found & _TARGETS


def is_drop(series: MetricSeries) -> bool:
    """Whether a series is a pressure drop over something that the flow passes."""
    found = set(words(series.name))
    return "pressure" in found and bool(found & _DROP_WORDS)


def tracking(series: Sequence[MetricSeries]) -> Iterator[tuple[MetricSeries, MetricSeries]]:
    """Each position that has its command beside it, and the distance between them in the unit of both."""
    for position in series:
        for command in series:
            if command.service == position.service and _are_a_pair(command.name, position.name):
                aimed = np.interp(position.times, command.times, command.values)
                name = f"distance of {position.name} from its command"
                yield (
                    position,
                    _made(name, position, position.times, np.abs(position.values - aimed), position.unit),
                )


def departures(series: Sequence[MetricSeries]) -> Iterator[tuple[MetricSeries, MetricSeries]]:
    """Each instrument of one flow, and by how many per cent its flow departs from the median of all; nothing below three."""
    members = [one for one in series if (is_flow(one) or is_drop(one)) and len(one.times) > 1]
    if len(members) < FEWEST:
        return
    times = max(members, key=lambda one: len(one.times)).times
    implied = np.array([_implied(one, times) for one in members])
    common = np.median(implied, axis=0)
    for one, own in zip(members, implied - common, strict=True):
        name = f"flow by {one.name} against the others"
        yield one, _made(name, one, times, 100 * np.expm1(own), "%")


def _implied(series: MetricSeries, times: Floats) -> Floats:
    """The logarithm of the flow that a reading implies, about its own median."""
    finite = np.isfinite(series.values)
    logs = np.log(np.maximum(series.values[finite], _LEAST)) * (0.5 if is_drop(series) else 1.0)
    there = np.interp(times, series.times[finite], logs) if finite.any() else np.zeros(len(times))
    return np.asarray(there - np.median(there), dtype=np.float64)


def _are_a_pair(command: str, position: str) -> bool:
    """`valve.command` and `valve.position`: the same words but for the last."""
    first, second = words(command), words(position)
    return (
        first[:-1] == second[:-1]
        and {*first[-1:]} <= _COMMANDS
        and {*second[-1:]} <= _POSITIONS
        and first != second
    )


def _made(name: str, of: MetricSeries, times: Floats, values: Floats, unit: str) -> MetricSeries:
    return MetricSeries(name, of.service, times, values, unit, of.labels)
