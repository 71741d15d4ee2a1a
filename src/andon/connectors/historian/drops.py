"""Which files of a folder can hold something of a window, and their bytes up to the last whole line."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from andon.connectors.files.bundle import Bundle
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = [
    "DAY",
    "MOST_DROPS",
    "PLAIN",
    "Drop",
    "DropBundle",
    "Drops",
    "Gap",
    "Listing",
    "Opened",
    "day_in",
    "drops_in",
    "may_hold",
]

DAY = 86_400.0
_NAMED_DAY = re.compile(
    r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=\D|$|(?:\d\d){1,3}(?!\d))"
)
_STILL_WRITTEN = 120.0
"""Seconds after its last change in which the end of a file is not believed to be whole."""
MOST_DROPS = 100_000
PLAIN = (".csv", ".tsv", ".txt")
"""How the names of drops end whose complete lines are of use without the rest."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A file: its path below the folder (with `/`), size in bytes, last change and named day (Unix seconds).

    `version` tells an object of a store from what had its key before; files have none.
    """

    path: str
    size: int
    changed: float
    day: float | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is lacking in a list or in a drop, as `Reading.lacking` notes it."""

    status: Status
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Drops in order of their names, the bytes that listing them took, and what is lacking in the list."""

    drops: tuple[Drop, ...]
    size: int = 0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A drop as the file `path` in a bundle, and what is lacking in it."""

    bundle: Bundle
    path: str
    gaps: tuple[Gap, ...] = ()


class Drops(Protocol):
    """Where drops lie: a folder, a bucket. `listed`, `allow` and `opened` raise Unanswered, nothing else."""

    place: str

    def listed(self, pattern: str) -> Listing:
        """The drops that fit a pattern."""

    def holding(self, drops: Sequence[Drop], window: Window) -> list[Drop]:
        """Those that can hold rows of the window."""

    def fetch(self, drops: Sequence[Drop]) -> None:
        """Brings drops here that are to be opened; what fails is told by `allow` and `opened`."""

    def allow(self, drop: Drop) -> None:
        """Raises when the time is over or the budget used up before this drop."""

    def opened(self, drop: Drop) -> Opened:
        """The drop, to be read."""

    def taken(self, drop: Drop) -> int:
        """Bytes that it cost to read the drop, counted towards the budget."""

    def close(self) -> None:
        """Removes what was brought here."""


def drops_in(folder: Path, pattern: str) -> list[Drop]:
    """The files that fit a pattern, in order of their names. Raises Unanswered.

    Hidden files, links that lead out of the folder, and what is no file are left out.
    """
    try:
        if not folder.is_dir():
            raise Unanswered(f"{folder}: there is no such folder", hint="check `path`; is it mounted?")
        next(folder.iterdir(), None)
        root = folder.resolve()
        found = sorted(drop for path in folder.glob(pattern) if (drop := _drop(path, folder, root)))
    except PermissionError as error:
        raise Unanswered(
            f"{folder}: may not be read",
            status=Status.DENIED,
            hint="let the user that andon runs as read and enter the folder",
        ) from error
    except OSError as error:
        raise Unanswered(f"{folder}: cannot be listed ({error.strerror})", hint="is it mounted?") from error
    if len(found) > MOST_DROPS:
        hint = "state `files`, a narrower pattern"
        raise Unanswered(f"{folder}: more than {MOST_DROPS:,} files", status=Status.TRUNCATED, hint=hint)
    return [drop for _, drop in found]


def _drop(path: Path, folder: Path, root: Path) -> tuple[str, Drop] | None:
    below = path.relative_to(folder)
    if any(part.startswith(".") for part in below.parts) or not path.is_file():
        return None
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return None
    about = path.stat()
    text = below.as_posix()
    return text, Drop(text, about.st_size, about.st_mtime, day_in(text))


def may_hold(drop: Drop, window: Window) -> bool:
    """Whether a file can hold rows of the window, with a day of tolerance for zones and clocks.

    A file named by a day holds that day; any other one nothing that is later than its last change.
    """
    if drop.day is not None:
        return drop.day - DAY < window.end and window.start < drop.day + 2 * DAY
    return drop.changed > window.start - DAY


def day_in(path: str) -> float | None:
    """The day that a path names, the last one if it names several: 2026-06-19, 20260619, 2026_06_19."""
    found = None
    for match in _NAMED_DAY.finditer(path):
        try:
            day = date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
        found = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    return found


@dataclass
class DropBundle(Bundle):
    """One file of a folder as a bundle; while it is still written, its last line counts only when it is whole."""

    drop: Drop | None = None

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of the file; see Bundle."""
        changed = self.drop.changed if self.drop else 0.0
        if not path.lower().endswith(PLAIN) or time.time() - changed > _STILL_WRITTEN:
            yield from super().chunks(path)
            return
        held = b""
        for chunk in super().chunks(path):
            whole, end, rest = chunk.rpartition(b"\n")
            if end:
                yield held + whole + end
                held = rest
            else:
                held += chunk

    def _walk(self) -> Iterator[tuple[str, int]]:
        if self.drop is not None:
            yield self.drop.path, self.drop.size
