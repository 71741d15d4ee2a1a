"""An episode: when a series turned bad, and when it recovered if it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.onset import Onset, find_onset

__all__ = ["Episode", "find_episode"]

Floats = NDArray[np.float64]

_FEWEST = 6
"""Points from which on a turn and its end can be told from a spike."""
_SMALLEST = 3
"""Points that a side of a turn holds at least: two may agree by chance."""


@dataclass(frozen=True, slots=True)
class Episode:
    """`end` is None while it lasts. `before` and `after` are mean values outside and inside."""

    onset: Onset
    end: float | None
    before: float
    after: float


def find_episode(times: Floats, values: Floats, bad: int) -> Episode | None:
    """The largest lasting turn for the worse in a series (n,).

    `bad` is +1 where a rise is bad, -1 where a fall is, 0 where both are. When the largest turn is one
    for the better, it is a recovery, and the onset is looked for before it. None when nothing turned
    or there are too few points to tell.
    """
    finite = np.isfinite(values)
    times, values = times[finite], values[finite]
    if len(values) < _FEWEST:
        return None
    turn = find_onset(times, values, smallest=_SMALLEST)
    if turn is None:
        return None
    end: float | None = None
    if _direction(times, values, turn) == -bad and bad:
        end = turn.time
        before_end = times < end
        times, values = times[before_end], values[before_end]
        if len(values) < _FEWEST:
            return None
        turn = find_onset(times, values, smallest=_SMALLEST)
        if turn is None or _direction(times, values, turn) != bad:
            return None
    inside = times >= turn.time
    return Episode(turn, end, float(np.mean(values[~inside])), float(np.mean(values[inside])))


def _direction(times: Floats, values: Floats, turn: Onset) -> int:
    inside = times >= turn.time
    return 1 if float(np.mean(values[inside])) > float(np.mean(values[~inside])) else -1
