"""Drops that are written in turn: each holds what came since the one before it was last changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from andon.connectors.historian.drops import DAY, Drop
from andon.telemetry import Window

__all__ = ["written_after"]

_NUMBER = re.compile(r"\d+")
_FEWEST = 4


def written_after(drops: Sequence[Drop], window: Window) -> frozenset[str]:
    """Paths of drops without a day in the name that were begun a day after the window or later.

    Only believed of drops that differ by their number, were changed in the order of it, began before the window
    ended, and where the step from the one before is not far below the usual: drops that were copied to
    the store together, or once more, say nothing of when their rows were written.
    """
    families: dict[str, list[Drop]] = {}
    for drop in drops:
        if drop.day is None:
            families.setdefault(_NUMBER.sub("#", drop.path), []).append(drop)
    return frozenset(path for family in families.values() for path in _later(family, window))


def _later(family: list[Drop], window: Window) -> Iterator[str]:
    latest = window.end + DAY
    ordered = sorted(family, key=lambda drop: [int(number) for number in _NUMBER.findall(drop.path)])
    steps = [drop.changed - before.changed for before, drop in pairwise(ordered)]
    if len(family) < _FEWEST or min(steps) <= 0 or ordered[0].changed > latest:
        return
    usual = median(steps)
    for (before, drop), step in zip(pairwise(ordered), steps, strict=True):
        if before.changed > latest and step >= usual / 2:
            yield drop.path
