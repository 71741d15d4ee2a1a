"""Medians, quartiles and spreads of many short arrays, without what `np.median` costs beyond the selection.

All values are finite; results are those of `np.median` and `np.percentile` (linear interpolation).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["center_and_spread", "median", "medians", "robust_spread"]

Floats = NDArray[np.float64]

_FLOOR = 0.05
"""The least spread as a share of the level: a nearly constant series must not shout."""


def median(values: Floats) -> float:
    """The median of finite values (n,), n >= 1."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    parted = np.partition(values, (half - 1, half))
    return float((parted[half - 1] + parted[half]) / 2)


def medians(rows: Floats) -> Floats:
    """The median of each row of finite values (m, n), n >= 1; shape (m,)."""
    half = rows.shape[1] // 2
    ordered = np.sort(rows, axis=1)
    if rows.shape[1] % 2:
        return np.asarray(ordered[:, half])
    return np.asarray((ordered[:, half - 1] + ordered[:, half]) / 2)


def center_and_spread(values: Floats) -> tuple[float, float]:
    """The median of finite values (n,), n >= 1, and their spread as a standard deviation.

    The spread is the larger of interquartile range and median absolute deviation, both scaled to a
    standard deviation, and at least five per cent of the median.
    """
    ordered = np.sort(values)
    quarter, middle, three_quarters = (_at(ordered, share) for share in (0.25, 0.5, 0.75))
    mad = median(np.abs(ordered - middle))
    spread = max((three_quarters - quarter) / 1.349, 1.4826 * mad, _FLOOR * abs(middle))
    if spread > 0:
        return middle, spread
    around = float(np.std(values))
    return middle, around if around > 0 else 1e-9 + _FLOOR * float(np.max(np.abs(values)))


def robust_spread(values: Floats) -> float:
    """Spread of finite values (n,), n >= 1, as `center_and_spread` gives it."""
    return center_and_spread(values)[1]


def _at(ordered: Floats, share: float) -> float:
    """The value at a share of the way through ascending values, between two of them by linear interpolation."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    part = place - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
