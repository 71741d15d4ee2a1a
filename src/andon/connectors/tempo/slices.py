"""Which parts of a window are searched: even slices of known share, on whole seconds where that can be.

Tempo's searches know whole seconds only. Slices of less than a second would bring whole seconds of spans along, so
of a busy system only the ids of traces are listed, those that start inside a slice are picked, and fetched one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from andon.connectors.sampling import sample
from andon.telemetry import Window

__all__ = ["Density", "Plan", "halves", "pieces", "planned", "probes", "seconds_of"]

_FEWEST = 24
"""Slices of whole seconds below which a window would not be seen evenly."""
_PIECE = 2500
"""Spans that one search should bring along: about two megabytes."""


@dataclass(frozen=True, slots=True)
class Density:
    """About how many traces and spans a window holds."""

    traces: float
    spans: float

    @property
    def size(self) -> float:
        """Spans of a trace, on average."""
        return max(1.0, self.spans / self.traces) if self.traces else 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Windows that do not overlap, and the share of the whole that they cover.

    `one_by_one`: searches list ids only, and each trace is fetched by its id.
    """

    windows: tuple[Window, ...]
    share: float
    one_by_one: bool


def planned(window: Window, density: Density, wanted: int, slices: int, *, one_by_one: bool) -> Plan:
    """So much of the window that about `wanted` spans lie in it, in at most `slices` parts unless it is all."""
    if density.spans <= wanted or not window.seconds:
        return Plan(pieces(window, math.ceil(density.spans / _PIECE)), 1.0, one_by_one)
    seconds = window.seconds * wanted / density.spans
    if not one_by_one and seconds >= _FEWEST:
        length = math.ceil(seconds / slices)
        windows = probes(window, length, max(1, int(seconds / length)))
        return Plan(windows, sum(part.seconds for part in windows) / window.seconds, False)
    even = sample(window, density.spans, wanted, slices)
    return Plan(even.windows, even.share, True)


def probes(window: Window, length: int, count: int) -> tuple[Window, ...]:
    """So many even parts of whole seconds, each `length` long; the window itself when they would fill it."""
    if count * length >= window.seconds:
        return (window,)
    even = sample(window, window.seconds, count * length, count).windows
    starts = (float(math.ceil(part.start)) for part in even)
    # Rounding up keeps neighbours apart: length is whole, so that ends are rounded by as much as starts.
    cut = ((start, min(start + length, window.end)) for start in starts)
    return tuple(Window(start, end) for start, end in cut if end > start)


def pieces(window: Window, count: int) -> tuple[Window, ...]:
    """The window in so many equal parts."""
    count = max(1, count)
    borders = [window.start + window.seconds * i / count for i in range(count)]
    return tuple(Window(start, end) for start, end in pairwise([*borders, window.end]))


def seconds_of(window: Window) -> tuple[int, int]:
    """The whole seconds around a window."""
    start = math.floor(window.start)
    return start, max(math.ceil(window.end), start + 1)


def halves(window: Window) -> tuple[Window, Window] | None:
    """The window cut at a whole second, None when it lies within one."""
    start, end = seconds_of(window)
    if end - start < 2:
        return None
    middle = float((start + end) // 2)
    return Window(window.start, middle), Window(middle, window.end)
