"""Unsteadiness: how much a series swings or scatters about its own course, as a series of its own.

A loop that oscillates, a pump that cavitates, a reading that flickers keep their mean and lose their calm. The measure is
the standard deviation about a straight line over a short moving window: a slow drift does not count, a swing of a few
samples does. Compared between two windows like any series, it tells that the variance rose and since when.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from andon.telemetry import MetricSeries

__all__ = ["WINDOW", "unsteadiness"]

Floats = NDArray[np.float64]

WINDOW = 10
"""Points of the moving window: long enough for a deviation of two significant digits and to hold half a swing of a slow
loop, short enough to date a change within ten samples."""


def unsteadiness(series: MetricSeries) -> MetricSeries | None:
    """The moving deviation (n - WINDOW + 1,), each at the time of the middle of its window; None for too few points."""
    finite = np.isfinite(series.values)
    times, values = series.times[finite], series.values[finite]
    if len(values) < 2 * WINDOW:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW)
    scatter = _about_a_line(windows)
    middle = times[WINDOW // 2 : WINDOW // 2 + len(scatter)]
    return MetricSeries(
        f"unsteadiness of {series.name}", series.service, middle, scatter, series.unit, series.labels
    )


def _about_a_line(windows: Floats) -> Floats:
    """Standard deviation of each row (n, w) about its own least-squares line."""
    width = windows.shape[1]
    ramp = np.arange(width) - (width - 1) / 2
    centred = windows - windows.mean(axis=1, keepdims=True)
    slope = centred @ ramp / float(ramp @ ramp)
    rest = centred - slope[:, None] * ramp
    return np.asarray(np.sqrt((rest**2).sum(axis=1) / (width - 2)), dtype=np.float64)
