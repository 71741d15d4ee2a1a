"""Writing to a folder of segments: one process at a time, nothing acknowledged before it is in the file.

What `append` has written survives the death of the process, kill -9 included, since it lies with the
operating system. It survives loss of power only with `fsync`, which costs a flush of the disk a call.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from andon.connectors.received.frames import Frame, damage
from andon.connectors.received.retention import Kept, Retention
from andon.connectors.received.segments import (
    Removed,
    Segment,
    Summary,
    listing,
    opened,
    remove,
    removed,
    replace,
    summary_of,
)
from andon.errors import StorageError

__all__ = ["SegmentWriter"]

_LOCK = "lock"
_MOST_PARTS = 512
"""Buffers that go to the disk in one call; systems allow 1024."""


class SegmentWriter:
    """The one writer of a folder; not to be shared by threads.

    `open` cuts off what an earlier writer left half written, and begins a new segment. Raises
    StorageError when the folder cannot be written or somebody else writes to it.
    """

    def __init__(
        self,
        folder: Path,
        retention: Retention,
        *,
        fsync: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._retention = retention
        self._fsync = fsync
        self._clock = clock
        self._kept: list[Kept] = []
        self._file = -1
        self._begun = 0.0
        self._summary = Summary()
        self._segment = Segment(0, folder, 0)
        self._lock = self._locked()
        try:
            self._adopt()
            self._begin()
        except OSError as error:
            self._unlock()
            raise _unwritable(folder, error) from error

    def append(self, frames: Sequence[Frame]) -> None:
        """Writes the frames, all of them or none. Raises StorageError when the disk does not take them."""
        parts = [part for frame in frames for part in (frame.head(), frame.packed)]
        try:
            self._prepare(sum(map(len, parts)))
            self._write(parts, self._summary.size)
            if self._fsync:
                os.fdatasync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._summary.size)
            raise _unwritable(self._folder, error) from error
        for frame in frames:
            self._summary.add(frame.header, self._summary.size + frame.header.whole)

    def tend(self) -> None:
        """What time alone brings about: an old segment is closed, those beyond the retention go."""
        try:
            if (
                self._file >= 0
                and self._summary.size
                and self._clock() - self._begun > self._retention.segment_seconds
            ):
                self._roll()
            self._make_room(0)
        except OSError as error:
            raise _unwritable(self._folder, error) from error

    def close(self) -> None:
        """Brings everything to the disk and lets others write; safe to call twice."""
        if self._lock < 0:
            return
        try:
            if self._file >= 0:
                os.fsync(self._file)
                self._seal()
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        finally:
            self._unlock()

    def _locked(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise StorageError(
                f"{self._folder}: another receiver writes here", hint="stop it, or name another folder"
            ) from error
        return lock

    def _unlock(self) -> None:
        os.close(self._lock)
        self._lock = -1

    def _adopt(self) -> None:
        """Takes over the segments that are there; the last one may end in half a frame."""
        for segment in listing(self._folder):
            if segment.summary_path.exists():
                summary = summary_of(segment)
            else:
                with opened(segment.path) as file:
                    end, _ = damage(file)
                if end < segment.size:
                    os.truncate(segment.path, end)
                segment = Segment(segment.number, segment.path, end)
                summary = summary_of(segment)
            self._keep(segment, summary)
            self._segment = segment

    def _keep(self, segment: Segment, summary: Summary) -> None:
        if not segment.size:
            remove(segment)
            return
        with suppress(OSError):
            replace(segment.summary_path, summary.written())
        self._kept.append(Kept(segment.number, segment.size, summary.received[1]))

    def _begin(self) -> None:
        number = self._segment.number + 1
        path = self._folder / f"{number:012d}.otlp"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        self._segment, self._summary, self._begun = Segment(number, path, 0), Summary(), self._clock()
        if self._fsync:
            with opened(self._folder) as folder:
                os.fsync(folder)

    def _prepare(self, size: int) -> None:
        """Sees to it that there is a segment with room for so many bytes."""
        if self._file < 0:
            self._begin()
        elif self._summary.size and self._summary.size + size > self._retention.segment_size:
            self._roll()
        self._make_room(size)

    def _roll(self) -> None:
        self._seal()
        self._begin()

    def _seal(self) -> None:
        os.close(self._file)
        self._file = -1
        done = Segment(self._segment.number, self._segment.path, self._summary.size)
        self._keep(done, self._summary)

    def _make_room(self, size: int) -> None:
        going = self._retention.surplus(self._kept, self._clock(), self._summary.size + size)
        for kept in going:
            remove(Segment(kept.number, self._folder / f"{kept.number:012d}.otlp", kept.size))
        if going:
            self._kept = [kept for kept in self._kept if kept not in going]
            last = max(kept.received for kept in going)
            removed(self._folder, Removed(len(going), sum(kept.size for kept in going), last))

    def _write(self, parts: list[bytes], offset: int) -> None:
        for first in range(0, len(parts), _MOST_PARTS):
            waiting = parts[first : first + _MOST_PARTS]
            while waiting:
                written = os.pwritev(self._file, waiting, offset)
                offset += written
                while waiting and written >= len(waiting[0]):
                    written -= len(waiting.pop(0))
                if written:
                    waiting[0] = waiting[0][written:]


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{folder}: cannot be written: {error.strerror or error}",
        hint="check its permissions, and that the disk is not full",
    )
