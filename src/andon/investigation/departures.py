"""Departures: what equipment adds to what the common flow explains.

In a plant everything that one flow joins moves together. A component's own share of a trouble is what it adds beyond
that: a resistance that grew, a meter that disagrees, a valve off its command, a bearing that shakes. Swings count where
nothing else departs, for they travel.
"""

from __future__ import annotations

from andon.analysis.signals import words
from andon.investigation.findings import Findings, Row
from andon.investigation.tools.instruments import Check, InstrumentChange

__all__ = ["clearness", "own_departures"]

_OWN = frozenset(["level", "vibration", "bearing", "winding", "setpoint", "speed", "leakage", "acceleration"])
"""Words of quantities that a component has of its own, whatever flows: condition (ISO 17359, annex A), stock and target."""
_TOLERANCE = 5.0
"""Per cent by which instruments of one flow may differ: beyond the usual accuracy of meters in the field (1 to 2 per cent)."""
_SWING = 2.0
"""By how much a scatter must grow: a fourfold variance, well beyond the F test's bound at one in a thousand (about 3) for
the thirty degrees of freedom that a minute of readings holds."""
_FULL = 12.0
"""Standard deviations at which a change counts whole, as for the metrics of software."""


def clearness(row: Row[InstrumentChange]) -> float:
    """How clearly a check changed: 0 to 1."""
    change = row.value.change
    return min(1.0, max(abs(change.z), abs(change.peak_z) / 2) / _FULL) if _counts(row.value) else 0.0


def _counts(found: InstrumentChange) -> bool:
    change = found.change
    if not change.changed:
        return False
    if found.check in (Check.METER, Check.RESISTANCE):
        return abs(change.incident - change.baseline) >= _TOLERANCE
    if found.check is Check.UNSTEADINESS:
        return change.incident >= _SWING * change.baseline and change.shape != "spike"
    if found.check is Check.TRACKING:
        return change.direction > 0 and change.shape != "spike"
    return change.shape != "spike"


def own_departures(findings: Findings) -> tuple[Row[InstrumentChange], ...]:
    """Everything that the common flow does not explain; where nothing is, what became unsteady."""
    rows = [row for row in findings.instruments if _counts(row.value)]
    own = [
        row
        for row in rows
        if row.value.check in (Check.TRACKING, Check.METER, Check.RESISTANCE) or _is_own(row)
    ]
    return tuple(own or [row for row in rows if row.value.check is Check.UNSTEADINESS])


def _is_own(row: Row[InstrumentChange]) -> bool:
    return row.value.check is Check.READING and bool(_OWN & set(words(row.value.of)))
