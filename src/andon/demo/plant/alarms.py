"""Alarms as a controller writes them: raised after a delay, returned to normal behind a dead band (ISA-18.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from andon.demo.plant.instruments import Reading

__all__ = ["LIMITS", "Alarm", "Alarms", "Limit"]

_DELAY = 2
"""Readings in a row beyond the limit before the alarm is raised."""
_DEAD_BAND = 0.03
"""Part of the limit that a value must come back before the alarm returns to normal."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An alarm limit of one reading; `high` alarms above, otherwise below. `point` is the name of the alarm."""

    tag: str
    metric: str
    value: float
    high: bool
    point: str
    text: str

    def beyond(self, value: float, slack: float = 0.0) -> bool:
        """Whether a value lies beyond the limit, or not yet `slack` behind it."""
        return value > self.value * (1 - slack) if self.high else value < self.value * (1 + slack)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One line of the alarm log; `raised` is false for the return to normal."""

    tag: str
    raised: bool
    text: str


LIMITS = (
    Limit("FT-105", "flow.rate", 10.2, False, "FT-105", "low flow alarm"),
    Limit("FT-105", "flow.rate", 13.6, True, "FT-105", "high flow alarm"),
    Limit("F-103", "filter.differential_pressure", 0.6, True, "PDT-103", "high differential pressure alarm"),
    Limit(
        "S-102", "strainer.differential_pressure", 0.2, True, "PDT-102", "high differential pressure alarm"
    ),
    Limit("P-101", "vibration.velocity", 4.5, True, "VT-101", "high vibration alarm"),
    Limit("P-101", "bearing.temperature", 62.0, True, "TT-101", "high bearing temperature alarm"),
    Limit("P-101", "suction.pressure", 0.8, False, "PT-101", "low suction pressure alarm"),
    Limit("T-100", "tank.level", 0.9, False, "LT-100", "low level alarm"),
    Limit("TB-106", "return.temperature", 77.0, True, "TT-106", "high return temperature alarm"),
)


class Alarms:
    """The state of every limit."""

    def __init__(self, limits: Sequence[Limit] = LIMITS) -> None:
        self._limits = limits
        self._beyond = dict.fromkeys(limits, 0)

    def check(self, readings: Sequence[Reading]) -> Iterator[Alarm]:
        """The alarms that these readings raise or end."""
        values = {(reading.tag, reading.metric): reading for reading in readings}
        for limit in self._limits:
            reading = values[limit.tag, limit.metric]
            standing = self._beyond[limit] >= _DELAY
            if standing and not limit.beyond(reading.value, _DEAD_BAND):
                self._beyond[limit] = 0
                yield Alarm(limit.tag, False, f"{limit.point} {limit.text} returned to normal")
            elif not standing:
                self._beyond[limit] = self._beyond[limit] + 1 if limit.beyond(reading.value) else 0
                if self._beyond[limit] >= _DELAY:
                    measured = f"{reading.value:.2f} {reading.unit}, limit {limit.value:g}"
                    yield Alarm(limit.tag, True, f"{limit.point} {limit.text}: {measured}")
