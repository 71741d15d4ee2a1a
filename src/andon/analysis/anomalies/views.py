"""Views of a series: the sides that it is looked at from. In each, higher is stranger.

A level (high or low, of one row or of 16), a jump (over one, four or 16 rows), a rare stretch (64 rows whose
values or steps are each uncommon), a flat stretch. Sums start afresh at each block, so that a series that
comes in pieces gives to the last bit what it gives at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTEXT", "LENGTHS", "NAMES", "rareness", "stretches", "views"]

Floats = NDArray[np.float64]

_SHORT, _LONG, _FLAT = 4, 16, 32
"""Rows over which means are taken: by factors of four from one row to the 64 of a block, so that each lasting
change has a scale within a factor of two of its own; flatness needs enough rows for a spread."""
CONTEXT = 64
"""Rows before a block that views need, and over which a stretch is judged."""
NAMES = (
    *("high", "low", "jump", "jump of 4"),
    *("high level", "low level", "jump of 16"),
    "flat",
    *("rare values", "rare jumps"),
    "out of season",
)
LENGTHS = {8: slice(0, 4), 16: slice(4, 7), 32: slice(7, 8), 64: slice(8, 10)}
"""Rows of the blocks whose maxima make the past of a view, at least as long as what it is a mean of."""
_RAREST = 4.0
"""A single row counts no more than once in 10**4 rows, so that one spike is no rare stretch."""


def views(values: Floats, floor: float) -> Floats:
    """The first eight views (8, n) of values (CONTEXT + n,); `floor` is a spread that counts as none."""
    rows = slice(CONTEXT - len(values), None)
    moved = values - values[0]
    mean4, mean16 = _means(moved, _SHORT), _means(moved, _LONG)
    level, level16 = values[rows], mean16[rows] + values[0]
    step = np.abs(np.diff(values))[rows]
    step4 = np.abs(mean4[_SHORT:] - mean4[:-_SHORT])[rows]
    step16 = np.abs(mean16[_LONG:] - mean16[:-_LONG])[rows]
    square, mean32 = _means(moved * moved, _FLAT)[rows], _means(moved, _FLAT)[rows]
    spread = np.sqrt(np.maximum(square - mean32 * mean32, 0))
    flat = -np.log(spread + floor)
    return np.stack((level, -level, step, step4, level16, -level16, step16, flat))


def _means(values: Floats, length: int) -> Floats:
    """Means of `length` rows up to each row (len(values) - length + 1,)."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means: Floats = (sums[length:] - sums[:-length]) / length
    return means


def rareness(values: Floats, past: Floats, sides: int) -> Floats:
    """-log10 of the share of the sorted past (m,) that lies as far out as values (n,), at most 4.

    `sides` is 2 where low values count as well as high ones.
    """
    reached = len(past) - np.searchsorted(past, values)
    if sides == 2:
        reached = np.minimum(reached, np.searchsorted(past, values, side="right"))
    return np.minimum(-np.log10((reached + 1) / (len(past) + 2)), _RAREST)


def stretches(rare: Floats) -> Floats:
    """Mean rareness (v, n) over the last 64 rows, of rareness (v, CONTEXT + n)."""
    sums = np.cumsum(np.concatenate((np.zeros((len(rare), 1)), rare), axis=1), axis=1)
    means: Floats = (sums[:, CONTEXT + 1 :] - sums[:, 1:-CONTEXT]) / CONTEXT
    return means
