"""The memory of a process: what it holds on to, and how it slows down when little is left of its limit."""

from __future__ import annotations

import threading
import time
from pathlib import Path

__all__ = ["LIMIT", "Retention", "resident_bytes"]

LIMIT = 112 * 2**20
"""Bytes that one service may occupy before it is killed: about 80 MiB above what it needs at its start."""

_HIGH = 0.55
_LONGEST_STALL = 2.0


class Retention:
    """Keeps `size` bytes for every request and never lets go; with a size of 0 it does nothing.

    Above a high mark each allocation is made to wait, the longer the nearer the limit, as the kernel does
    with a group of processes above its `memory.high` (cgroup v2). Thread-safe.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: list[bytearray] = []

    def keep(self) -> None:
        if not self._size:
            return
        with self._lock:
            self._kept.append(bytearray(b"\x01") * self._size)
        time.sleep(stall(resident_bytes()))


def stall(resident: int) -> float:
    """Seconds that an allocation waits when so many bytes are resident."""
    excess = (resident / LIMIT - _HIGH) / (1 - _HIGH)
    return _LONGEST_STALL * min(max(excess, 0.0), 1.0)


def resident_bytes(pid: int | str = "self") -> int:
    """What a process occupies; 0 where that cannot be told or the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines() if line.startswith("VmRSS:"))
    return next((int(words[1]) * 1024 for words in lines), 0)
