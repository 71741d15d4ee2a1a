"""The times at which a range query is evaluated."""

from __future__ import annotations

import math

from andon.telemetry import Window

__all__ = ["MOST_POINTS", "aligned", "past", "pieces"]

MOST_POINTS = 11_000
"""Points of one series that Prometheus gives in one answer."""


def past(window: Window, now: float) -> Window:
    """The part of a window before now: what comes after is the last samples, for five minutes."""
    return Window(min(window.start, now), min(window.end, now))


def aligned(window: Window, step: float) -> Window | None:
    """From the first to the last multiple of the step inside the window; None when there is none.

    VictoriaMetrics moves other times to multiples of the step, Prometheus takes them as they are: on
    multiples both give the same points.
    """
    first, last = math.ceil(window.start / step), math.ceil(window.end / step) - 1
    return Window(first * step, last * step) if last >= first else None


def pieces(window: Window, step: float, most: int = MOST_POINTS) -> tuple[Window, ...]:
    """An aligned window in parts of at most so many points; no time is in two of them."""
    points = round(window.seconds / step) + 1
    starts = range(0, points, most)
    return tuple(
        Window(window.start + first * step, window.start + (min(first + most, points) - 1) * step)
        for first in starts
    )
