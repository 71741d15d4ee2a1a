"""When a change began, and how sure that is.

A two-segment split of the series: the point at which the difference of the two means, over their
pooled robust noise, is most telling (the CUSUM statistic of a single change point; Page 1954,
Hinkley 1970). Values are first clipped to a robust range, so that one spike does not make a change.
The bounds hold 95 % of what is believed of the place when all places were alike before the data
(Smith 1975), with noise taken from what the two means leave and widened where neighbouring values go
together; they are never closer than one sampling step. A simulation in the tests says how often they
hold the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.quantiles import center_and_spread, median

__all__ = ["Onset", "find_onset", "split"]

Floats = NDArray[np.float64]

_CLIP = 6.0
"""Spreads from the median at which values are clipped; one farther out tells no more of the place."""
_BELIEF = 0.95
"""The part of the belief that lies within the bounds."""
_LARGEST_CORRELATION = 0.95
"""Correlation of neighbours above which a series wanders rather than scatters, and no split is sure."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Unix seconds with bounds; `score` is the size of the change in standard errors."""

    time: float
    low: float
    high: float
    score: float


@dataclass(frozen=True, slots=True)
class Split:
    """The first index of the second segment, bounds of it, and the score."""

    index: int
    low: int
    high: int
    score: float


def split(values: Floats, *, smallest: int = 2) -> Split | None:
    """The best split of finite values (n,) into two levels; None for fewer than 2 x `smallest` points."""
    n = len(values)
    if n < 2 * smallest:
        return None
    noise = max(_noise(values), 1e-12)
    middle, spread = center_and_spread(values)
    reach = _CLIP * max(spread, noise)
    clipped = np.clip(values, middle - reach, middle + reach)
    sums = np.cumsum(clipped)[:-1]
    left = np.arange(1, n)
    right = n - left
    gap = (sums[-1] + clipped[-1] - sums) / right - sums / left
    gain = gap**2 * left * right / n
    gain[: smallest - 1] = 0
    gain[n - smallest :] = 0
    best = int(np.argmax(gain))
    if gain[best] <= 0:
        return None
    low, high = _bounds(clipped, gain, best, (smallest, noise))
    return Split(best + 1, low + 1, high + 1, float(np.sqrt(gain[best]) / noise))


def _bounds(values: Floats, gain: Floats, best: int, least: tuple[int, float]) -> tuple[int, int]:
    """First and last place (as indices of `gain`) of the smallest set that holds 95 % of the belief, and `best`.

    `least` is how short a segment and how small the noise may be.
    """
    (smallest, noise), n = least, len(values)
    left = np.arange(1, n)
    rest = np.concatenate(
        (values[: best + 1] - values[: best + 1].mean(), values[best + 1 :] - values[best + 1 :].mean())
    )
    power = float(rest @ rest)
    correlation = float(rest[1:] @ rest[:-1]) / power if power > 0 else 0.0
    correlation = min(max((correlation * n + 1) / max(n - 3, 1), 0.0), _LARGEST_CORRELATION)
    variance = max(power / max(n - 2, 1), (1e-3 * noise) ** 2) * (1 + correlation) / (1 - correlation)
    belief = (gain - gain[best]) / (2 * variance) - np.log(left * (n - left)) / 2
    belief[: smallest - 1] = belief[n - smallest :] = -np.inf
    weights = np.exp(belief - belief.max())
    order = np.argsort(-weights, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(weights[order]), _BELIEF * weights.sum())) + 1]
    return min(int(held.min()), best), max(int(held.max()), best)


def _noise(values: Floats) -> float:
    """Standard deviation of the noise, from first differences, which a level change hardly touches."""
    steps = np.abs(np.diff(values))
    noise = 1.4826 * median(steps) / np.sqrt(2)
    if noise > 0:
        return float(noise)
    scale = float(np.mean(steps)) if len(steps) else 0.0
    return scale / np.sqrt(2) if scale > 0 else 1e-9 * (1 + abs(float(values[0])))


def find_onset(times: Floats, values: Floats, *, smallest: int = 2) -> Onset | None:
    """Onset of the largest lasting change in a series (n,); None when it has no change at all."""
    finite = np.isfinite(values)
    times, values = times[finite], values[finite]
    found = split(values, smallest=smallest)
    if found is None:
        return None
    step = median(np.diff(times))
    low = min(float(times[found.low]), float(times[found.index]) - step)
    high = max(float(times[found.high]), float(times[found.index]))
    return Onset(float(times[found.index]), low, high, found.score)
