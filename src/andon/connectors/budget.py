"""What all systems of a run may be asked for together."""

from __future__ import annotations

import threading
import time

__all__ = ["Budget"]


class Budget:
    """Seconds from now on, and bytes of answers; shared by the sessions of a run, and by threads."""

    def __init__(self, seconds: float, size: int) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._left = size

    def remaining(self) -> float:
        """Seconds left, 0 when the time is over."""
        return max(0.0, self._ends - time.monotonic())

    def left(self) -> int:
        """Bytes that answers may still hold; never below 0."""
        return max(0, self._left)

    def spend(self, size: int) -> None:
        with self._lock:
            self._left -= size
