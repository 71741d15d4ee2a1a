"""How much may wait at once; what would be more is refused at once instead of being held in memory."""

from __future__ import annotations

import threading
from types import TracebackType

from andon.intake.refusals import Reason, Refusal

__all__ = ["Hold", "Pressure"]


class Pressure:
    """A bound on the bytes and the number of requests that were not answered yet; shared by threads."""

    def __init__(self, most_bytes: int, most_requests: int) -> None:
        self.most_bytes = most_bytes
        self.most_requests = most_requests
        self._lock = threading.Lock()
        self._bytes = 0
        self._requests = 0

    @property
    def bytes(self) -> int:
        """Bytes that are held now."""
        return self._bytes

    def hold(self) -> Hold:
        """A place for one request, to be used as a context. Raises Refusal when there is none."""
        with self._lock:
            if self._requests >= self.most_requests:
                raise Refusal(Reason.OVERLOADED, "too many requests wait to be written; send it again")
            self._requests += 1
        return Hold(self)

    def _take(self, size: int) -> None:
        with self._lock:
            if self._bytes + size > self.most_bytes:
                raise Refusal(Reason.OVERLOADED, "too much waits to be written; send it again")
            self._bytes += size

    def _give_back(self, size: int) -> None:
        with self._lock:
            self._bytes -= size
            self._requests -= 1


class Hold:
    """What one request takes; given back when the context ends."""

    def __init__(self, pressure: Pressure) -> None:
        self._pressure = pressure
        self._size = 0

    def take(self, size: int) -> None:
        """Room for so many more bytes. Raises Refusal when there is none."""
        self._pressure._take(size)
        self._size += size

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pressure._give_back(self._size)
