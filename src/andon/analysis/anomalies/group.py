"""Which of many series are abnormal now, with one bound on false alarms for all of them together.

Every series is cut into windows as long as the present one. An early part of the past gives its level, spread
and scatter; the rest of the past and the present are measured by these in the same way. What the past windows of all series
show is the null that the present ones are held against (split conformal p values, pooled; Vovk et al. 2005;
Bates et al. 2023), and Benjamini and Hochberg's rule bounds the share of false alarms among the alarms.
It rests on series whose recent past, all in all, is like their present when nothing is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.statistics import benjamini_hochberg

__all__ = ["GroupAlarms", "abnormal_now"]

Floats = NDArray[np.float64]

_REFERENCE = 0.5
"""The part of the past that levels and spreads are taken from; the other half is the null."""
_FEWEST = 4
"""Windows in each half below which a series is not judged."""
_SHARE = 0.05
"""Share of false alarms among the alarms that is allowed by default, the usual five per cent."""


@dataclass(frozen=True, slots=True)
class GroupAlarms:
    """For each series (n,): `strangeness` in its own units of scatter, `p`, `q` (the false discovery rate at which
    it would be called), `abnormal`; `judged` is False where too much is missing, and p and q are then 1.
    `missing` counts values that are not finite.
    """

    strangeness: Floats
    p: Floats
    q: Floats
    abnormal: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    missing: int


def abnormal_now(values: Floats, recent: int, share: float = _SHARE) -> GroupAlarms:
    """Which series of values (n, rows) are abnormal in their last `recent` rows.

    Raises ValueError when `recent` is not at least 1 or the share not between 0 and 1.
    """
    if recent < 1 or not 0 < share < 1:
        raise ValueError("recent must be at least 1 and share between 0 and 1")
    series, rows = values.shape
    windows = rows // recent
    finite = np.isfinite(values)
    missing = int(values.size - finite.sum())
    reference = int(_REFERENCE * (windows - 1))
    none = np.ones(series)
    if reference < _FEWEST or not series:
        unjudged = np.zeros(series, dtype=bool)
        return GroupAlarms(np.zeros(series), none, none.copy(), unjudged, unjudged.copy(), missing)
    cut = np.where(finite, values, np.nan)[:, rows - windows * recent :].reshape(series, windows, recent)
    strange = _strangeness(cut, reference)
    judged = np.isfinite(strange[:, -1]) & (np.isfinite(strange[:, :-1]).sum(axis=1) >= _FEWEST)
    null = np.sort(strange[judged, :-1][np.isfinite(strange[judged, :-1])])
    present = np.where(judged, strange[:, -1], 0.0)
    p, q = none, none.copy()
    if judged.any():
        p[judged] = (1 + len(null) - np.searchsorted(null, present[judged])) / (1 + len(null))
        q[judged] = benjamini_hochberg(p[judged])
    return GroupAlarms(present, p, q, judged & (q <= share), judged, missing)


def _strangeness(cut: Floats, reference: int) -> Floats:
    """How far windows after the first `reference` ones lie off (n, windows - reference); NaN where nothing is known.

    The larger of two distances, of a window's mean and of its farthest value, each over the scatter that the
    reference windows show.
    """
    known = np.isfinite(cut)
    counts = known.sum(axis=2)
    level = _level(cut[:, :reference])
    off = np.where(known, cut - level[:, None, None], 0.0)
    means = np.divide(off.sum(axis=2), counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    farthest = np.where(counts > 0, np.abs(off).max(axis=2), np.nan)
    return np.maximum(_in_scatter(np.abs(means), reference), _in_scatter(farthest, reference))


def _level(cut: Floats) -> Floats:
    """The median (n,) of windows (n, windows, rows); NaN where no value is known."""
    flat = cut.reshape(len(cut), -1)
    ordered = np.sort(flat, axis=1)
    count = np.isfinite(flat).sum(axis=1)
    rows = np.arange(len(flat))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, flat.shape[1] - 1)
    return np.where(count > 0, (ordered[rows, low] + ordered[rows, high]) / 2, np.nan)


def _in_scatter(distance: Floats, reference: int) -> Floats:
    """Distances (n, windows) after the reference over the largest one in it, which heavy tails move as well."""
    past = distance[:, :reference]
    enough = np.isfinite(past).sum(axis=1) >= _FEWEST
    largest = np.max(np.where(np.isfinite(past), past, 0.0), axis=1)
    smallest = np.where(largest > 0, largest, np.inf)
    scatter = np.where(largest > 0, largest, min(1.0, float(np.min(smallest))))
    scaled: Floats = distance[:, reference:] / scatter[:, None]
    return np.where(enough[:, None], scaled, np.nan)
