"""Whether likelihoods mean what they say: of what is called 80 % likely, 80 % should be right.

`likelihoods` are floats (n,) in [0, 1], `right` booleans (n,): whether what was held so likely was so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Bin", "Binning", "brier_score", "calibration_error", "reliability"]

Floats = NDArray[np.float64]

_BINS = 10
_LEAST = 10
"""Cases that a bin of equal mass holds at least: the share right of fewer says next to nothing."""


class Binning(StrEnum):
    """Bins of equal width over [0, 1], or of about the same number of cases.

    Leading likelihoods crowd near the top, where bins of equal width are too coarse and elsewhere nearly empty.
    So equal mass is what we quote; equal width stands beside it because others quote that.
    """

    WIDTH = "equal width"
    MASS = "equal mass"


@dataclass(frozen=True, slots=True)
class Bin:
    """`count` likelihoods from `low` to `high`: their mean, and the share of them that were right."""

    low: float
    high: float
    count: int
    likelihood: float
    right: int

    @property
    def share(self) -> float:
        return self.right / self.count

    @property
    def gap(self) -> float:
        """How far the likelihoods promise more than was right; negative where they promise less."""
        return self.likelihood - self.share


def brier_score(likelihoods: ArrayLike, right: ArrayLike) -> float:
    """The mean squared error of the likelihoods (Brier 1950), 0 at best; NaN for no cases."""
    promised, came = _arrays(likelihoods, right)
    return float(np.mean((promised - came) ** 2)) if len(promised) else math.nan


def calibration_error(
    likelihoods: ArrayLike, right: ArrayLike, binning: Binning = Binning.MASS, bins: int = _BINS
) -> float:
    """Expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015): the mean gap of the bins by their cases.

    With few cases it is too large even for perfect likelihoods, since chance alone opens gaps. NaN for no cases.
    """
    table = reliability(likelihoods, right, binning, bins)
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.gap) for row in table) / total if total else math.nan


def reliability(
    likelihoods: ArrayLike, right: ArrayLike, binning: Binning = Binning.MASS, bins: int = _BINS
) -> tuple[Bin, ...]:
    """The bins that hold anything, ascending.

    Of equal mass there are at most `bins`, fewer where they would hold under ten cases; equal likelihoods are never
    parted, so the order of the cases does not matter.
    """
    promised, came = _arrays(likelihoods, right)
    if not len(promised):
        return ()
    equal = binning is Binning.WIDTH
    edges = np.linspace(0, 1, bins + 1) if equal else _starts(promised, bins)
    place = np.clip(np.searchsorted(edges, promised, side="right") - 1, 0, bins - 1)
    found = []
    for i in np.unique(place):
        chosen = promised[place == i]
        low, high = (edges[i], edges[i + 1]) if equal else (chosen.min(), chosen.max())
        hits = int(came[place == i].sum())
        found.append(Bin(float(low), float(high), len(chosen), float(chosen.mean()), hits))
    return tuple(found)


def _starts(promised: Floats, bins: int) -> Floats:
    """The lowest likelihood of each bin of equal mass: a bin is closed once it holds its part of the cases."""
    enough = max(_LEAST, -(-len(promised) // bins))
    values, counts = np.unique(promised, return_counts=True)
    starts, held, left = [values[0]], 0, len(promised)
    for value, count in zip(values, counts, strict=True):
        if held >= enough and left >= _LEAST:
            starts.append(value)
            held = 0
        held += count
        left -= count
    return np.array(starts)


def _arrays(likelihoods: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    promised, came = np.asarray(likelihoods, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if promised.shape != came.shape or promised.ndim != 1:
        raise ValueError(f"likelihoods {promised.shape} and outcomes {came.shape} differ")
    return promised, came
