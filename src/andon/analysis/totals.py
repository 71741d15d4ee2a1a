"""Totals: counts that a source splits by label, added up again for each service.

Ten operations that each lose one call in a second say less, one by one, than the ten together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from andon.analysis.signals import SignalKind, signal_kind, words
from andon.telemetry import MetricSeries

__all__ = ["TOTAL", "with_totals"]

TOTAL = "all"
"""The value of the label `total` on an added series."""

_COUNTS = (SignalKind.REQUESTS, SignalKind.SUCCESSES, SignalKind.ERRORS)
_NOT_COUNTS = frozenset(["ratio", "rate", "percent", "pct", "share", "utilization", "mean", "average"])


def with_totals(series: Sequence[MetricSeries]) -> tuple[MetricSeries, ...]:
    """The series, and after them one total for each service's count that comes in several series."""
    groups: dict[tuple[str, str], list[MetricSeries]] = {}
    for one in series:
        counts = signal_kind(one.name, one.unit, one.labels) in _COUNTS
        if counts and one.labels and len(one.times) and not _NOT_COUNTS & set(words(one.name)):
            groups.setdefault((one.service, one.name), []).append(one)
    return (*series, *(_total(parts) for parts in groups.values() if len(parts) > 1))


def _total(parts: Sequence[MetricSeries]) -> MetricSeries:
    """Sum on the grid of the longest part; each point of the others goes to the nearest of its times."""
    longest = max(parts, key=lambda part: len(part.times))
    grid = longest.times
    borders = (grid[1:] + grid[:-1]) / 2
    values = np.zeros(len(grid))
    for part in parts:
        np.add.at(values, np.searchsorted(borders, part.times), np.nan_to_num(part.values))
    return MetricSeries(longest.name, longest.service, grid, values, longest.unit, {"total": TOTAL})
