"""Bytes that are gathered while files are read: in memory at first, beyond a limit in a temporary file."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import IO

__all__ = ["IN_MEMORY", "Spool"]

IN_MEMORY = 64 << 20
"""A spool this large goes to the disk; an ordinary incident stays below and touches none."""


class Spool:
    """A buffer that grows at its end. Its file has no name, so it goes when the process does."""

    def __init__(self, limit: int = IN_MEMORY) -> None:
        self.size = 0
        self._limit = limit
        self._held = bytearray()
        self._file: IO[bytes] | None = None

    @classmethod
    def of(cls, data: bytes) -> Spool:
        spool = cls()
        spool.append(data)
        return spool

    def append(self, data: bytes) -> None:
        if self._file is None and self.size + len(data) > self._limit:
            self._file = tempfile.TemporaryFile(prefix="andon-")  # noqa: SIM115
            weakref.finalize(self, self._file.close)
            _write(self._file, self._held, 0)
            self._held = bytearray()
        if self._file is None:
            self._held += data
        else:
            _write(self._file, data, self.size)
        self.size += len(data)

    def read(self, start: int, stop: int) -> bytes:
        if self._file is None:
            return bytes(memoryview(self._held)[start:stop])
        parts = []
        while start < stop and (part := os.pread(self._file.fileno(), stop - start, start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        return Spool.of, (self.read(0, self.size),)


def _write(file: IO[bytes], data: bytes | bytearray, offset: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(file.fileno(), left, offset)
        left, offset = left[written:], offset + written
