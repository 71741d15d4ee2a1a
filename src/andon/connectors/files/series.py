"""From points as they come to metric series: sorted, one value a time, no infinities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from andon.connectors.files.fields import unit_of
from andon.connectors.files.reader import FileReader
from andon.telemetry import MetricSeries

__all__ = ["Points", "SeriesTable", "make_series", "merge_series"]


@dataclass(slots=True)
class Points:
    """Times (Unix seconds) and values of one series, in the order of arrival."""

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


@dataclass
class SeriesTable:
    """Points gathered by (name, service, unit, labels) while a file is read."""

    points: dict[tuple[str, str, str, tuple[tuple[str, str], ...]], Points] = field(default_factory=dict)

    def add(
        self,
        name: str,
        service: str,
        unit: str,
        labels: tuple[tuple[str, str], ...],
        time: float,
        value: float,
    ) -> None:
        key = (name, service, unit, labels)
        points = self.points.get(key)
        if points is None:
            points = self.points[key] = Points()
        points.times.append(time)
        points.values.append(value)

    def series(self, file: FileReader) -> list[MetricSeries]:
        return [
            make_series(file, name, service, points.times, points.values, unit, dict(labels))
            for (name, service, unit, labels), points in self.points.items()
        ]


_LARGEST = 1e150
"""What lies beyond cannot be squared, and counts as infinite."""


def make_series(
    file: FileReader,
    name: str,
    service: str,
    times: ArrayLike,
    values: ArrayLike,
    unit: str = "",
    labels: Mapping[str, str] | None = None,
) -> MetricSeries:
    """A series from points in any order; drops and replacements are counted as problems of the file."""
    t = np.asarray(times, dtype=np.float64)
    v = np.array(values, dtype=np.float64)
    infinite = np.isinf(v) | (np.abs(v) > _LARGEST)
    if infinite.any():
        v[infinite] = np.nan
        file.problem("infinite values were set to NaN", count=int(infinite.sum()))
    t, v, duplicates = _ordered(t, v)
    if duplicates:
        file.problem("points with the same time: the last one was kept", count=duplicates)
    return MetricSeries(name, service or file.service, t, v, unit or file.unit or unit_of(name), labels or {})


def merge_series(parts: Sequence[MetricSeries]) -> tuple[tuple[MetricSeries, ...], int]:
    """Series of the same key joined into one, and how many points of equal time gave way to later files."""
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[MetricSeries]] = {}
    for part in parts:
        groups.setdefault((part.service, part.name, tuple(sorted(part.labels.items()))), []).append(part)
    merged: list[MetricSeries] = []
    dropped = 0
    for group in groups.values():
        if len(group) == 1:
            merged.append(group[0])
            continue
        times, values, duplicates = _ordered(*(np.concatenate(column) for column in _columns(group)))
        dropped += duplicates
        first = group[0]
        unit = next((part.unit for part in group if part.unit), "")
        merged.append(MetricSeries(first.name, first.service, times, values, unit, first.labels))
    return tuple(merged), dropped


def _columns(group: Iterable[MetricSeries]) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    parts = list(group)
    return [part.times for part in parts], [part.values for part in parts]


def _ordered(
    t: NDArray[np.float64], v: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Sorted by time, the last of equal times kept, and how many were dropped."""
    if len(t) < 2 or bool(np.all(t[1:] > t[:-1])):
        return t, v, 0
    order = np.argsort(t, kind="stable")
    t, v = t[order], v[order]
    last = np.append(t[1:] != t[:-1], True)
    return t[last], v[last], int(len(t) - last.sum())
