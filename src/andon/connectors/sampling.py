"""Even samples of a window: what is asked of a source that holds more than is needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import ceil, floor

from andon.telemetry import Window

__all__ = ["Sample", "sample"]

_FINEST = 1000
"""Parts of a second: sources round finer borders, and neighbouring slices would then overlap or leave gaps."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Windows in ascending time that do not overlap, and the share of the whole that they cover (0 < share <= 1)."""

    windows: tuple[Window, ...]
    share: float


def sample(window: Window, there: float, wanted: int, slices: int = 120) -> Sample:
    """So much of the window that about `wanted` of the `there` items lie in it; all of it when that is enough.

    The window is cut into `slices` equal parts and one piece is taken of each, all of the same length, at places that
    look random and are the same every time: so nothing periodic is always or never hit, every part of the
    window is seen, and shares and means of a sample are those of the whole (stratified sampling).
    """
    if there <= wanted or not window.seconds:
        return Sample((window,), 1.0)
    first, part = window.start * _FINEST, window.seconds * _FINEST / slices
    length = max(1, round(part * wanted / there))
    if length > part - 1:
        return Sample((window,), 1.0)
    found = []
    for number in range(slices):
        earliest, latest = ceil(first + number * part), floor(first + (number + 1) * part) - length
        start = earliest + int(_unit(f"{window.start}:{number}") * (latest - earliest + 1))
        found.append(Window(start / _FINEST, (start + length) / _FINEST))
    return Sample(tuple(found), length / part)


def _unit(text: str) -> float:
    """A number in [0, 1) that the text decides."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / (1 << 48)
