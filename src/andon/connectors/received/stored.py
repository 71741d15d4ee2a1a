"""Requests as they lie in the segments of a folder, found by kind and time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from andon.connectors.files.problems import ProblemCounter
from andon.connectors.received.frames import Header, Kind, payload, walk
from andon.connectors.received.segments import Segment, Stretch, Summary, listing, opened, summary_of
from andon.telemetry import Window

__all__ = ["StoredRequest", "StoredRequests"]

_DAMAGED = "damaged request left out"
_HINT = "the disk, or somebody, changed the file; the other requests were read"


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """One request: the name of its segment, where it begins there, its header and itself."""

    segment: str
    offset: int
    header: Header
    plain: bytes


class StoredRequests:
    """The requests in a folder; may be shared by threads, while another process writes.

    What is known of a segment is kept: one that is no longer written is summed up once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: dict[int, Summary] = {}

    def summaries(self) -> tuple[tuple[Segment, Summary], ...]:
        """All segments with what they hold, the oldest first; those that go meanwhile are left out."""
        with self._lock:
            found = []
            for segment in listing(self.folder):
                with suppress(FileNotFoundError):
                    found.append((segment, self._summary(segment)))
            self._known = {segment.number: summary for segment, summary in found}
            return tuple(found)

    def items(self, kind: Kind, window: Window) -> float:
        """About how many items of a kind lie in the window: those of a request are taken to be spread evenly over it."""
        total = 0.0
        for file, _ in self._files(kind, (window,)):
            for _, header in walk(file):
                if header.kind is kind and _overlap(header, window):
                    inside = min(header.last, window.end) - max(header.first, window.start)
                    whole = header.last - header.first
                    total += header.items * (inside / whole if whole else 1.0)
        return total

    def read(
        self, kind: Kind, windows: Sequence[Window], problems: ProblemCounter
    ) -> Iterator[StoredRequest]:
        """The requests of a kind that may hold something of one of the windows, in the order in which they came.

        One that was sent twice comes once; damaged ones are counted.
        """
        seen: set[tuple[object, ...]] = set()
        for file, segment in self._files(kind, windows):
            for offset, header in walk(file):
                if header.kind is not kind or not any(_overlap(header, window) for window in windows):
                    continue
                twin = (header.checksum, header.size, header.items, header.first, header.last)
                if twin in seen:
                    continue
                plain = payload(file, offset, header)
                if plain is None:
                    problems.add(segment.path.name, _DAMAGED, hint=_HINT)
                    continue
                seen.add(twin)
                yield StoredRequest(segment.path.name, offset, header, plain)

    def _files(self, kind: Kind, windows: Sequence[Window]) -> Iterator[tuple[int, Segment]]:
        """Segments that may hold something of the kind and a window, open for reading."""
        for segment, summary in self.summaries():
            stretch = summary.stretches.get(kind)
            if stretch is not None and any(_overlap(stretch, window) for window in windows):
                with suppress(FileNotFoundError), opened(segment.path) as file:
                    yield file, segment

    def _summary(self, segment: Segment) -> Summary:
        known = self._known.get(segment.number)
        return known if known and known.size == segment.size else summary_of(segment, known)


def _overlap(stretch: Header | Stretch, window: Window) -> bool:
    return stretch.first < window.end and stretch.last >= window.start
