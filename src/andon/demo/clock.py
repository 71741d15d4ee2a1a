"""The clock of the host that a process of the estate runs on: it may be wrong, as clocks are.

Whoever stamps what others read (telemetry, tokens, signed requests) asks here. Durations come from
`time.monotonic`, which no wrong clock touches.
"""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["OFFSET", "now", "set_offset", "time_ns"]

OFFSET = "clock.offset"
"""The condition of a service whose host has a wrong clock: seconds, ahead if positive."""

_offset: Callable[[], float] = lambda: 0.0  # noqa: E731


def set_offset(read: Callable[[], float]) -> None:
    """From now on the clock of this process is wrong by what `read` returns (seconds, ahead if positive)."""
    global _offset
    _offset = read


def now() -> float:
    """Unix seconds as this host has them."""
    return time.time() + _offset()


def time_ns() -> int:
    """Unix nanoseconds as this host has them."""
    return time.time_ns() + round(_offset() * 1e9)
