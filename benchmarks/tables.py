"""Metrics as one table, which every ranking method takes: rows are moments, columns belong to nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from andon.telemetry import MetricSeries, Window

__all__ = ["Column", "Graph", "MetricCase", "Table", "gathered"]

Column = tuple[str, str, str]
"""Node, metric, statistic."""
Graph = Mapping[str, tuple[str, ...]]
"""Node to the nodes that it calls."""


@dataclass(frozen=True)
class Table:
    """Times (n,) in Unix seconds, values (n, m) with NaN for no value, and node, metric, statistic of each column."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    columns: tuple[Column, ...]

    def rows(self, start: int, end: int) -> Table:
        return Table(self.times[start:end], self.values[start:end], self.columns)

    def window(self) -> Window:
        """From the first row to the last, which is in it."""
        return Window(float(self.times[0]), float(self.times[-1]) + 1)

    def shifted(self, seconds: float) -> Table:
        return Table(self.times + seconds, self.values, self.columns)

    def then(self, other: Table) -> Table:
        """Both, one after the other, with the columns that either has."""
        columns = tuple(dict.fromkeys(self.columns + other.columns))
        values = np.vstack([part._aligned(columns) for part in (self, other)])
        return Table(np.concatenate([self.times, other.times]), values, columns)

    def _aligned(self, columns: Sequence[Column]) -> NDArray[np.float64]:
        at = {column: i for i, column in enumerate(self.columns)}
        blank = np.full(len(self.times), np.nan)
        return np.stack([self.values[:, at[c]] if c in at else blank for c in columns], axis=1)


class MetricCase(Protocol):
    """What a ranking method is told: metrics, who calls whom, where it hurts, and both windows."""

    @property
    def table(self) -> Table: ...

    @property
    def graph(self) -> Graph: ...

    @property
    def target(self) -> str: ...

    @property
    def baseline(self) -> Window: ...

    @property
    def incident(self) -> Window: ...


def gathered(series: Sequence[MetricSeries], window: Window, step: float) -> Table:
    """Series of services on a common grid of `step` seconds over the window; a cell holds its last point.

    A cell without a point holds the last one before it, and NaN before the first.
    """
    times = np.arange(window.start, window.end, step)
    named = [each for each in series if each.service and len(each.times)]
    values = np.full((len(times), len(named)), np.nan)
    for i, each in enumerate(named):
        last = np.searchsorted(each.times, times + step, side="left") - 1
        seen = last >= 0
        values[seen, i] = each.values[last[seen]]
    columns = tuple((each.service, each.key.partition(" ")[2], "value") for each in named)
    return Table(times, values, columns)
