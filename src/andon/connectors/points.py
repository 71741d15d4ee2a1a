"""From points as they arrive to metric series: sorted, one value a time, nothing infinite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from andon.connectors.reading import Reading
from andon.telemetry import MetricSeries, Status, Window

__all__ = ["Points", "SeriesKey"]

_LARGEST = 1e150
"""What lies beyond cannot be squared, and counts as infinite."""


class SeriesKey(NamedTuple):
    """What tells one series from another; `labels` in ascending order of their names."""

    name: str
    service: str = ""
    unit: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, name: str, service: str = "", unit: str = "", labels: Mapping[str, str] | None = None
    ) -> SeriesKey:
        return cls(name, service, unit, tuple(sorted((labels or {}).items())))


@dataclass(slots=True)
class Points:
    """Points gathered by series while an answer is read; times are Unix seconds.

    Values that are infinite, or too large to be squared, become NaN; of points with the same time the last one
    stays. Both are counted, and told by `series`.
    """

    held: dict[SeriesKey, tuple[list[float], list[float]]] = field(default_factory=dict)

    def add(self, key: SeriesKey, time: float, value: float) -> None:
        times, values = self.held.setdefault(key, ([], []))
        times.append(time)
        values.append(value if abs(value) <= _LARGEST else math.nan)

    def series(
        self, window: Window, reading: Reading | None = None, place: str = ""
    ) -> tuple[MetricSeries, ...]:
        """The series with points in the window, by service, name and labels."""
        found = [one for key in sorted(self.held) if len((one := self._one(key, reading, place)).times)]
        return tuple(cut for one in found if len((cut := one.within(window)).times))

    def _one(self, key: SeriesKey, reading: Reading | None, place: str) -> MetricSeries:
        times, values = (np.array(column, dtype=np.float64) for column in self.held[key])
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        last = np.append(times[1:] != times[:-1], True)[: len(times)]
        if reading is not None and not last.all():
            message = f"{key.name}: several points at the same time, the last one was kept"
            reading.lacking(Status.PARTIAL, message, place=place, hint="name further columns under `labels`")
        return MetricSeries(key.name, key.service, times[last], values[last], key.unit, dict(key.labels))
