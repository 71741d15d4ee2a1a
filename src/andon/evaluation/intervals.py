"""How sure a figure is: intervals of shares, and of any statistic of cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["bootstrap", "wilson"]

Indices = NDArray[np.intp]

_DRAWS = 1000
"""Resamples: the ends of a 95 % interval then rest on 25 draws each."""


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), 95 % by default; (0, 1) for no cases."""
    if not n:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


def bootstrap(
    statistic: Callable[[Indices], float],
    groups: Sequence[Hashable],
    *,
    draws: int = _DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """The percentile interval of a statistic under resampling (Efron 1979).

    `groups` names the group of each of n cases, and whole groups are drawn with replacement (Davison and Hinkley,
    Bootstrap Methods, 3.8): cases of one fault resemble each other, so each counts for less than an independent one.
    Let every case be its own group where they are independent. `statistic` takes the indices of the cases drawn;
    what is not a number is left out. (nan, nan) for no cases.
    """
    members: dict[Hashable, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    parts = [np.array(indices, dtype=np.intp) for indices in members.values()]
    chance = np.random.default_rng(seed)
    found = [
        statistic(np.concatenate([parts[i] for i in chance.integers(len(parts), size=len(parts))]))
        for _ in range(draws if parts else 0)
    ]
    kept = [value for value in found if not math.isnan(value)]
    if not kept:
        return math.nan, math.nan
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
