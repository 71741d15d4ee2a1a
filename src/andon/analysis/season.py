"""Seasons: the daily or weekly course of a series, taken out where its history shows one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from andon.analysis.quantiles import median, robust_spread
from andon.telemetry import Window

__all__ = ["without_season"]

Floats = NDArray[np.float64]

DAY, WEEK = 86_400.0, 604_800.0

_PERIODS_NEEDED = 2.0
"""Whole periods that must be seen before one repetition counts as a season."""
_WORTHWHILE = 0.7
"""What taking a season out must leave of the spread at most; a smaller gain is noise fitted to noise."""
_PHASES = 96
"""Parts of a period: a quarter of an hour of a day."""


def without_season(times: Floats, values: Floats, baseline: Window) -> tuple[Floats, float]:
    """Values (n,) less their seasonal course, and the period in seconds (0: no season was found).

    The course is the median of the baseline at each phase, relative to its overall median. A period
    counts when the baseline holds it at least twice and taking it out leaves less than 70 % of the
    spread.
    """
    low, high = np.searchsorted(times, (baseline.start, baseline.end))
    if high - low < 4 * _PHASES // 8 or times[high - 1] - times[low] < _PERIODS_NEEDED * DAY * 0.98:
        return values, 0.0
    quiet_times, quiet = times[low:high], values[low:high]
    finite = np.isfinite(quiet)
    if finite.sum() < _PHASES // 2:
        return values, 0.0
    raw = robust_spread(quiet[finite])
    for period in (WEEK, DAY):
        if quiet_times[-1] - quiet_times[0] < _PERIODS_NEEDED * period * 0.98:
            continue
        course = _course(quiet_times[finite], quiet[finite], period)
        left = quiet[finite] - course[_phase(quiet_times[finite], period)]
        if robust_spread(left + median(quiet[finite])) < _WORTHWHILE * raw:
            return values - course[_phase(times, period)], period
    return values, 0.0


def _phase(times: Floats, period: float) -> NDArray[np.int64]:
    return ((times % period) / period * _PHASES).astype(np.int64) % _PHASES


def _course(times: Floats, values: Floats, period: float) -> Floats:
    """Median at each phase less the overall median (PHASES,); phases never seen are zero."""
    phase = _phase(times, period)
    order = np.argsort(phase, kind="stable")
    bounds = np.searchsorted(phase[order], np.arange(_PHASES + 1))
    overall = median(values)
    return np.array([median(values[order[a:b]]) - overall if b > a else 0.0 for a, b in pairwise(bounds)])
