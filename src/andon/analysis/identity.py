"""Finding rows by their identifiers: which row of a table of texts bears the identifiers that another row names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from andon.telemetry import Texts

__all__ = ["hashes", "last_rows"]

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]

_BLOCK = 65_536
"""Rows that are hashed at once, to bound memory."""
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)
"""The first bytes of a word, by how many of them belong to the text."""
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15))


def last_rows(group: Sequence[str], names: Sequence[str], wanted: Sequence[str]) -> Rows:
    """For each i the last row j with `group[j] == group[i]` and `names[j] == wanted[i]`, else -1; int64 (n,).

    Empty texts are names of nothing. The texts are compared by hashes of 64 bits, and every hit by both of
    its hashes, so that two different pairs are taken for one with a chance of about 2 ** -128.
    """
    groups, own, others = hashes(group), hashes(names), hashes(wanted)
    keys, asked = _mixed(groups + own * _MIX[2]), _mixed(groups + others * _MIX[2])
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    found = order[np.maximum(np.searchsorted(ordered, asked, side="right") - 1, 0)] if len(order) else order
    same = (keys[found] == asked) & (groups[found] == groups) & (own[found] == others)
    return np.where(same & (Texts.of(wanted).lengths > 0), found, -1)


def hashes(texts: Sequence[str]) -> Hashes:
    """A hash of each text (n,); equal texts have equal ones. The mixer is splitmix64 (Steele et al. 2014)."""
    column = Texts.of(texts)
    found = np.zeros(len(column), dtype=np.uint64)
    for block in column.blocks(_BLOCK):
        windows = np.lib.stride_tricks.sliding_window_view(
            np.frombuffer(block.data + bytes(8), dtype=np.uint8), 8
        )
        mixed = _mixed(block.lengths.astype(np.uint64))
        for offset in range(0, int(block.lengths.max()), 8):
            left = np.clip(block.lengths - offset, 0, 8)
            at = np.where(left > 0, block.starts + offset, 0)
            words = windows[at].view("<u8").reshape(-1) & _MASKS[left]
            mixed = np.where(left > 0, _mixed(mixed + words + _MIX[2]), mixed)
        found[block.first : block.first + len(mixed)] = mixed
    return found


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))
