"""From the answers of range queries to metric series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.connectors.prometheus.queries import MARK, Ask
from andon.connectors.prometheus.scope import PrometheusScope
from andon.telemetry import MetricSeries

__all__ = ["Gathered", "points_of"]

Floats = NDArray[np.float64]
Labels = tuple[tuple[str, str], ...]

_ROUNDING = 1e-6
"""Relative distance to a whole number within which a count is that number."""
_FAR = 1e150
"""What lies beyond cannot be squared, and counts as infinite."""
_ERROR_WORDS = ("error", "fail", "exception", "timeout", "reject", "drop", "panic", "abort")


@dataclass(slots=True)
class Gathered:
    """Collects answers of many queries; `series` turns them into values of telemetry.

    `malformed` are answers that are no series of ours, `foreign` those outside of the scope or of services that
    nobody asked for, `infinite` points that are no numbers.
    """

    scope: PrometheusScope
    services: frozenset[str] = frozenset()
    malformed: int = 0
    foreign: int = 0
    infinite: int = 0
    _parts: dict[tuple[Ask, Labels], list[tuple[Floats, Floats]]] = field(default_factory=dict)

    def add(self, asks: Sequence[Ask], result: Iterable[Mapping[str, Any]]) -> int:
        """Takes one answer to a batch of these asks; how many points it held."""
        points = 0
        for one in result:
            labels, values = one.get("metric"), one.get("values")
            if not isinstance(labels, dict) or not isinstance(values, list):
                self.malformed += 1
                continue
            texts = {str(name): str(value) for name, value in labels.items()}
            number = texts.pop(MARK, "")
            if not number.isdecimal() or int(number) >= len(asks):
                self.malformed += 1
                continue
            times, numbers, bad = points_of(values)
            points += len(times)
            self.malformed += bad
            ask = asks[int(number)]
            if not self.scope.admits(texts) or (
                self.services and ask.owner.service(texts) not in self.services
            ):
                self.foreign += 1
                continue
            infinite = np.abs(numbers) > _FAR
            self.infinite += int(infinite.sum())
            key = (ask, tuple(sorted(texts.items())))
            self._parts.setdefault(key, []).append((times, np.where(infinite, np.nan, numbers)))
        return points

    def series(self) -> tuple[MetricSeries, ...]:
        """One series for each name, service and kept labels, sorted; parts that add up are summed."""
        groups: dict[tuple[str, str, Labels], list[tuple[Ask, Labels, Floats, Floats]]] = {}
        for (ask, labels), parts in self._parts.items():
            times, values = _joined(parts)
            if len(times):
                key = (ask.name, ask.owner.service(dict(labels)), self._kept(ask, labels))
                groups.setdefault(key, []).append((ask, labels, times, values))
        found: list[MetricSeries] = []
        counters: list[int] = []
        for (name, service, kept), members in sorted(groups.items(), key=lambda group: group[0]):
            for ask, label_set, times, values in _merged(members, kept):
                if ask.adds_up:
                    counters.append(len(found))
                found.append(MetricSeries(name, service, times, values, ask.unit, dict(label_set)))
        return _with_zeros(found, counters)

    def _kept(self, ask: Ask, labels: Labels) -> Labels:
        """The labels that stay: neither owners nor those that the scope holds to one value."""
        single = {name for name, values in self.scope.match.items() if len(values) == 1}
        kept = {n: v for n, v in labels if n not in ask.owner.labels and n not in single}
        return tuple(sorted({**kept, **dict(ask.stated)}.items()))


def points_of(values: Sequence[Any]) -> tuple[Floats, Floats, int]:
    """Times and values (n,) of `[[seconds, "text"], …]`, and how many of them are none."""
    times, numbers = [], []
    for point in values:
        try:
            time, number = float(point[0]), float(point[1])
        except (TypeError, ValueError, IndexError, KeyError, OverflowError):
            continue
        if math.isfinite(time):
            times.append(time)
            numbers.append(number)
    return np.array(times, dtype=np.float64), np.array(numbers, dtype=np.float64), len(values) - len(times)


def _joined(parts: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Parts of one series in ascending time, each time once."""
    times = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    times, first = np.unique(times, return_index=True)
    return times, values[first]


def _merged(
    members: Sequence[tuple[Ask, Labels, Floats, Floats]], kept: Labels
) -> list[tuple[Ask, Labels, Floats, Floats]]:
    """Members of one series: summed where that has a meaning, else told apart by the labels that differ."""
    if len(members) == 1 or members[0][0].adds_up:
        ask = members[0][0]
        times = np.unique(np.concatenate([member[2] for member in members]))
        values = np.zeros(len(times))
        for _, _, at, part in members:
            values[np.searchsorted(times, at)] += np.nan_to_num(part) if len(members) > 1 else part
        return [(ask, kept, times, _whole(values) if ask.counts else values)]
    differing = {name for _, labels, _, _ in members for name, value in labels} - {name for name, _ in kept}
    return [
        (
            ask,
            tuple(sorted({**{n: v for n, v in labels if n in differing}, **dict(kept)}.items())),
            times,
            values,
        )
        for ask, labels, times, values in members
    ]


def _whole(values: Floats) -> Floats:
    """Counts without the dust that multiplying a rate leaves."""
    near = np.round(values)
    return np.where(np.abs(values - near) <= _ROUNDING * np.maximum(1.0, np.abs(near)), near, values)


def _with_zeros(series: list[MetricSeries], counters: Sequence[int]) -> tuple[MetricSeries, ...]:
    """Counts with a zero at each time at which others of the same counter and service have a point.

    A counter that was never raised with a label is not there, which means zero. One that counts errors and has
    no others beside it is held against all counters of its service.
    """
    same: dict[tuple[str, str], list[Floats]] = {}
    whole: dict[str, list[Floats]] = {}
    for i in counters:
        same.setdefault((series[i].service, series[i].name), []).append(series[i].times)
        whole.setdefault(series[i].service, []).append(series[i].times)
    for i in counters:
        one = series[i]
        errors = any(word in one.name.lower() for word in _ERROR_WORDS)
        grids = whole[one.service] if errors and one.service else same[one.service, one.name]
        grid = np.unique(np.concatenate(grids))
        if len(grid) > len(one.times):
            values = np.zeros(len(grid))
            values[np.searchsorted(grid, one.times)] = one.values
            series[i] = MetricSeries(one.name, one.service, grid, values, one.unit, one.labels)
    return tuple(series)
