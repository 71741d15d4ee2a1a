"""How seldom a value comes: its return period, from the largest values of past blocks.

A value that lasts makes one episode, not as many as it has rows; so what is counted are blocks of rows whose
largest value reaches it (block maxima; Gumbel 1958; Coles 2001, chapter 3). Beyond the largest one seen, the
return period grows exponentially with the distance, in units of the mean excess of the largest block maxima.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "HISTORY", "BlockMaxima"]

Floats = NDArray[np.float64]

BLOCK = 64
"""Rows after which the past takes in what has been seen: an hour of minutes. All lengths divide it."""
HISTORY = 80 * BLOCK
"""Rows of the past that count: 5,120, three and a half days of minutes or 17 days of five minutes."""
_FEWEST = 8
"""Past blocks below which nothing is called rare."""
_TOP_SHARE, _TOP_FEWEST = 0.1, 10
"""The part of block maxima that the tail is drawn from; fewer than ten make its scale a matter of luck."""
_LARGEST = 12.0
"""Nothing is called rarer than once in 10**12 rows: no history bears that out."""
_LEVEL_SHARE = 0.05
"""Where the past has no scatter at all, a step of this part of its level is one unit (as in `deviation`)."""


class BlockMaxima:
    """The past of views (v, rows) as maxima of blocks of `length` rows, for as many rows as count."""

    def __init__(self, views: int, length: int) -> None:
        self.length = length
        self._maxima: Floats = np.empty((views, 0))
        self._sorted: Floats = self._maxima
        self._scale: Floats = np.ones(views)

    def restart(self, values: Floats) -> None:
        """Takes values (v, rows) for all of the past; rows in front that fill no block are left out."""
        self._maxima = np.empty((len(values), 0))
        self.append(values[:, values.shape[1] % self.length :])

    def append(self, values: Floats) -> None:
        """Adds rows (v, a multiple of `length`) that follow the past."""
        blocks = values.reshape(len(values), -1, self.length).max(axis=2)
        self._maxima = np.concatenate((self._maxima, blocks), axis=1)[:, -(HISTORY // self.length) :]
        self._sorted = np.sort(self._maxima, axis=1)
        if self._maxima.shape[1] >= _FEWEST:
            self._scale = _scale(self._sorted)

    def rarity(self, values: Floats) -> Floats:
        """Log10 of the return period in rows of values (v, n); 0 while the past is too short."""
        past, blocks = self._sorted, self._sorted.shape[1]
        if blocks < _FEWEST:
            return np.zeros(values.shape)
        reached = np.array(
            [blocks - np.searchsorted(row, value) for row, value in zip(past, values, strict=True)]
        )
        scale = self._scale[:, None]
        beyond = np.clip(values - past[:, -1:], 0, _LARGEST * math.log(10) * scale) / scale
        rarity: Floats = np.log10(self.length * (blocks + 2) / (reached + 1)) + beyond / math.log(10)
        return np.minimum(rarity, _LARGEST, out=rarity)


def _scale(past: Floats) -> Floats:
    """The mean excess (v,) of the largest maxima over the next one; a substitute where they are all alike."""
    top = min(past.shape[1] - 1, max(_TOP_FEWEST, int(_TOP_SHARE * past.shape[1])))
    scale: Floats = past[:, -top:].sum(axis=1) / top - past[:, -top - 1]
    if (scale <= 0).any():
        spare = np.maximum(np.std(past, axis=1), np.maximum(_LEVEL_SHARE * np.abs(past[:, -1]), 1e-9))
        scale = np.where(scale > 0, scale, spare)
    return np.maximum(scale, 1e-300)
