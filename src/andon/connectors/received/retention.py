"""How long and how much is kept, and which segments go when it is too long or too much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from andon.errors import ConfigError

__all__ = ["Kept", "Retention", "bytes_of", "seconds_of"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}  # fmt: skip
_SEGMENT_BYTES = 64 << 20
_PARTS = 16
"""A segment is at most this part of what is kept, so that little more goes than has to."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment that is no longer written: its number, bytes, and when its last request arrived (Unix seconds)."""

    number: int
    size: int
    received: float


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: requests that arrived in the last `seconds`, and no more than `size` bytes on disk."""

    seconds: float = 7 * 86_400
    size: int = 5 * 10**9

    @property
    def segment_size(self) -> int:
        """Bytes at which a new segment is begun."""
        return min(_SEGMENT_BYTES, max(1, self.size // _PARTS))

    @property
    def segment_seconds(self) -> float:
        """Age at which a new segment is begun."""
        return self.seconds / _PARTS

    def surplus(self, kept: Sequence[Kept], now: float, taken: int) -> tuple[Kept, ...]:
        """Those that have to go, the oldest first; `taken` bytes are or will be in use besides."""
        total = taken + sum(segment.size for segment in kept)
        going: list[Kept] = []
        for segment in sorted(kept, key=lambda each: each.number):
            if total <= self.size and segment.received >= now - self.seconds:
                break
            going.append(segment)
            total -= segment.size
        return tuple(going)


def seconds_of(text: str) -> float:
    """Seconds of `90s`, `30m`, `12h`, `7d` or `2w`. Raises ConfigError for anything else, and for nothing."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", text.lower())
    if not found or not float(found[1]):
        raise ConfigError(f"{text!r} is no duration", hint="write 90s, 30m, 12h, 7d or 2w")
    return float(found[1]) * _SECONDS[found[2]]


def bytes_of(text: str) -> int:
    """Bytes of `500MB`, `5GB` or `2GiB`. Raises ConfigError for anything else, and for nothing."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?b|b|)\s*", text.lower())
    if not found or int(float(found[1]) * _BYTES[found[2]]) < 1:
        raise ConfigError(f"{text!r} is no size", hint="write 500MB, 5GB or 2GiB")
    return int(float(found[1]) * _BYTES[found[2]])
