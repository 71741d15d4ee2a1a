"""Segment files: a folder of them, and what is known of each without reading its requests.

`000000000017.otlp` holds frames; beside it `000000000017.json` sums them up once it is no longer written
(a summary that is missing or does not fit the file is made anew). `removed.json` says what has gone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from andon.connectors.received.frames import Header, Kind, walk

__all__ = [
    "Removed",
    "Segment",
    "Stretch",
    "Summary",
    "listing",
    "opened",
    "remove",
    "removed",
    "replace",
    "summary_of",
]

_NAME = re.compile(r"(\d{12})\.otlp")
_REMOVED = "removed.json"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of frames."""

    number: int
    path: Path
    size: int

    @property
    def summary_path(self) -> Path:
        return self.path.with_suffix(".json")


@dataclass(slots=True)
class Stretch:
    """What a segment holds of one kind: items, bytes unpacked, and the earliest and latest moment (Unix seconds)."""

    items: int
    unpacked: int
    first: float
    last: float

    def add(self, header: Header) -> None:
        self.items += header.items
        self.unpacked += header.unpacked
        self.first, self.last = min(self.first, header.first), max(self.last, header.last)


@dataclass(slots=True)
class Summary:
    """What a segment holds: a stretch of each kind, when its requests arrived, and up to which byte this is true."""

    stretches: dict[Kind, Stretch] = field(default_factory=dict)
    received: tuple[float, float] = (float("inf"), float("-inf"))
    size: int = 0

    def add(self, header: Header, end: int) -> None:
        """Counts a frame that ends at this byte."""
        stretch = self.stretches.get(header.kind)
        if stretch is None:
            self.stretches[header.kind] = Stretch(header.items, header.unpacked, header.first, header.last)
        else:
            stretch.add(header)
        self.received = min(self.received[0], header.received), max(self.received[1], header.received)
        self.size = end

    def written(self) -> str:
        """As JSON."""
        kinds = {
            kind.name.lower(): [stretch.items, stretch.unpacked, stretch.first, stretch.last]
            for kind, stretch in self.stretches.items()
        }
        return json.dumps({"size": self.size, "received": self.received, "kinds": kinds})

    @classmethod
    def read(cls, text: str) -> Summary:
        """From JSON. Raises ValueError when it is none of ours."""
        try:
            told = json.loads(text)
            stretches = {
                Kind[name.upper()]: Stretch(int(items), int(unpacked), float(first), float(last))
                for name, (items, unpacked, first, last) in told["kinds"].items()
            }
            begin, end = told["received"]
            return cls(stretches, (float(begin), float(end)), int(told["size"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a summary") from error


@dataclass(frozen=True, slots=True)
class Removed:
    """What retention took: how many segments and bytes, and when the last of their requests arrived (0: never any)."""

    segments: int = 0
    size: int = 0
    received: float = 0.0


def listing(folder: Path) -> tuple[Segment, ...]:
    """The segments of a folder, the oldest first; those that go meanwhile are left out."""
    found = []
    for entry in os.scandir(folder):
        if name := _NAME.fullmatch(entry.name):
            with suppress(FileNotFoundError):
                found.append(Segment(int(name[1]), Path(entry.path), entry.stat().st_size))
    return tuple(sorted(found, key=lambda segment: segment.number))


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The file, open for reading."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def summary_of(segment: Segment, known: Summary | None = None) -> Summary:
    """What a segment holds: as its summary says, or as its headers do from where the `known` one ends.

    Raises OSError when the segment cannot be read.
    """
    with suppress(OSError, ValueError):
        told = Summary.read(segment.summary_path.read_text(encoding="utf-8"))
        if told.size == segment.size:
            return told
    summary = known or Summary()
    with opened(segment.path) as file:
        for offset, header in walk(file, summary.size):
            summary.add(header, offset + header.whole)
    return summary


def remove(segment: Segment) -> None:
    """Takes a segment away; a reader that has it open reads on."""
    for path in (segment.summary_path, segment.path):
        path.unlink(missing_ok=True)


def removed(folder: Path, more: Removed | None = None) -> Removed:
    """What retention took from this folder so far; with `more`, that is added and kept."""
    path = folder / _REMOVED
    before = Removed()
    with suppress(OSError, ValueError, TypeError):
        told: Mapping[str, float] = json.loads(path.read_text(encoding="utf-8"))
        before = Removed(int(told["segments"]), int(told["bytes"]), float(told["received"]))
    if more is None:
        return before
    now = Removed(
        before.segments + more.segments, before.size + more.size, max(before.received, more.received)
    )
    replace(path, json.dumps({"segments": now.segments, "bytes": now.size, "received": now.received}))
    return now


def replace(path: Path, text: str) -> None:
    """Writes a small file so that readers see the old one or the new one, whole."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
