"""Periods: how often a series repeats itself, found in its past, and what is left when that is taken out.

The period is the lag of the first of the highest peaks of the autocorrelation after it first falls below zero
(Box and Jenkins 1970). What is left of a value is its distance from the median of the values one, two and three
periods earlier.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_period", "out_of_season"]

Floats = NDArray[np.float64]

_SHORTEST = 12
"""Rows: a shorter period is texture, which the jumps show."""
_CORRELATION = 0.3
"""Autocorrelation below which a peak is chance; three times its standard error (1/sqrt(n)) at 100 rows."""
_AS_GOOD = 0.9
"""A peak within a tenth of the highest one is as good, and the first of these is taken: a day, not two."""
_WORTHWHILE = 0.7
"""A season counts when taking it out leaves less than this part of the spread (as in `season`)."""
_CLIP = (1.0, 99.0)
"""Percentiles at which values are clipped first, so that one spike makes no correlation."""
_SPREAD = (5.0, 95.0)
"""Percentiles between which a spread is measured: wide enough to see a course that is flat most of the time."""
_NEAR = 0.75
"""Sampling steps by which an earlier value may miss its time."""


def find_period(times: Floats, values: Floats) -> float:
    """The period in seconds of finite values (n,) at times (n,) that ascend; 0 where there is none.

    Steps may be irregular; two whole periods must have been seen.
    """
    if len(values) < 4 * _SHORTEST:
        return 0.0
    steps = np.diff(times)
    step = float(np.median(steps))
    if step <= 0:
        return 0.0
    if np.max(np.abs(steps - step)) > step / 2:
        grid = np.arange(times[0], times[-1], max(step, (times[-1] - times[0]) / (4 * len(times))))
        step, values_on_grid = float(grid[1] - grid[0]), np.interp(grid, times, values)
    else:
        values_on_grid = values
    period = _lag(values_on_grid) * step
    if period:
        left = out_of_season(times, values, period)
        known = np.isfinite(left)
        if not known.any() or _width(left[known]) > _WORTHWHILE * _width(values):
            return 0.0
    return float(period)


def out_of_season(times: Floats, values: Floats, period: float, first: int = 0) -> Floats:
    """Values from row `first` on less the median of those one to three periods earlier; NaN where none is known."""
    step = float(np.median(np.diff(times)))
    wanted = times[first:]
    earlier = []
    for count in (1, 2, 3):
        then = wanted - count * period
        rows = np.minimum(np.searchsorted(times, then - step / 2), len(times) - 1)
        known = np.abs(times[rows] - then) <= _NEAR * step
        earlier.append(np.where(known, values[rows], np.nan))
    one, two, three = earlier
    two, three = np.where(np.isnan(two), one, two), np.where(np.isnan(three), one, three)
    middle = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
    left: Floats = values[first:] - middle
    return left


def _lag(values: Floats) -> int:
    """The lag in rows at which values (n,) on a regular grid repeat themselves; 0 where they do not."""
    rows, half = len(values), len(values) // 2
    clipped = np.clip(values, *np.percentile(values, _CLIP))
    clipped = clipped - np.mean(clipped)
    if half <= _SHORTEST or not np.any(np.abs(clipped) > 1e-9 * (1 + np.max(np.abs(values)))):
        return 0
    size = 1 << int(np.ceil(np.log2(rows + half)))
    power = np.abs(np.fft.rfft(clipped, size)) ** 2
    raw = np.fft.irfft(power, size)[:half]
    correlation = raw / raw[0] * rows / (rows - np.arange(half))
    below = np.flatnonzero(correlation < 0)
    start = max(int(below[0]), _SHORTEST // 2) if len(below) else half
    if start >= half - 1:
        return 0
    if correlation[start:].max() < _CORRELATION:
        return 0
    high = start + np.flatnonzero(correlation[start:] >= _AS_GOOD * correlation[start:].max())
    peak = high[: int(np.argmax(np.append(np.diff(high) > 1, True))) + 1]
    lag = int(peak[np.argmax(correlation[peak])])
    return lag if lag >= _SHORTEST else 0


def _width(values: Floats) -> float:
    low, high = np.percentile(values, _SPREAD)
    return float(high - low)
