"""Reading one file, or one part of a large one, here or in a worker; nothing that it meets is raised.

A large file is cut where a record begins. The parts depend on the file and the limits alone, so what
is read does not depend on how many processes share the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from andon.connectors.files.bundle import Bundle
from andon.connectors.files.columns import Collected
from andon.connectors.files.logs_text import opens_record
from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader
from andon.connectors.files.registry import format_named
from andon.connectors.files.times import TimeParser
from andon.errors import ParseError

__all__ = ["Part", "PartRead", "Span", "parts_of", "read_part"]

SEARCHED = 1 << 20
"""So far beyond the wished end of a part is looked for the beginning of a record."""
SAMPLED = 1 << 16

Span = tuple[int, int]
"""The bytes of a part: first, and one after the last."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be read: all of a file, or the bytes of `span`."""

    bundle: Bundle
    path: str
    entry: FileEntry
    times: TimeParser
    span: Span | None = None


@dataclass(slots=True)
class PartRead:
    """What a part gave. `error` is set when it is not what its format says: line, message, hint."""

    collected: Collected = field(default_factory=Collected)
    problems: ProblemCounter = field(default_factory=ProblemCounter)
    times: TimeParser = field(default_factory=TimeParser)
    lines: int = 0
    error: tuple[int, str, str] | None = None


def read_part(part: Part) -> PartRead:
    """Parses a part. A corrupt file costs nothing but itself, whatever it makes a parser do."""
    entry, path = part.entry, part.path
    read = PartRead(times=part.times)
    file = FileReader(
        path, part.bundle, read.problems, read.times, entry.columns, entry.service, entry.unit, part.span
    )
    try:
        format_named(entry.signal, entry.format).parse(file, read.collected)
    except ParseError as error:
        message = error.message.removeprefix(f"{path}:{error.line}: ").removeprefix(f"{path}: ")
        read.error = (error.line, message, error.hint)
    except Exception as error:
        message = f"reading failed ({type(error).__name__}: {str(error)[:200]})"
        file.problem(message, hint="please report this file's kind")
    read.lines = file.lines
    return read


def parts_of(part: Part) -> Iterator[Part]:
    """A whole file as it is, or in parts where its format and its size call for them."""
    cut = format_named(part.entry.signal, part.entry.format).cut
    size, length = part.bundle.plain_size(part.path), part.bundle.limits.part
    if not cut or size <= 2 * length or not _divisible(part, cut):
        yield part
        return
    bounds = [0]
    with part.bundle.real_file(part.path) as path, path.open("rb") as file:
        for wished in range(length, size - length // 2, length):
            bound = _bound(file, wished, cut)
            if bounds[-1] < bound < size:
                bounds.append(bound)
    for span in zip(bounds, [*bounds[1:], size], strict=True):
        yield replace(part, times=part.times.anew(), span=span)


def _divisible(part: Part, cut: str) -> bool:
    """Whether the file is text in one byte a letter of ASCII, and JSON a line where it is JSON."""
    file = FileReader(part.path, part.bundle, ProblemCounter())
    start = next(iter(file.raw_chunks()), b"")[:SAMPLED]
    return b"\0" not in start and (cut == "records" or file.holds_lines() is True)


def _bound(file: IO[bytes], wished: int, cut: str) -> int:
    """Where the first record begins at or after the wished place; -1 when none does nearby."""
    file.seek(wished - 1)
    file.readline()
    at = file.tell()
    if cut == "lines":
        return at
    while at < wished + SEARCHED and (line := file.readline(SEARCHED)):
        if opens_record(line):
            return at
        at += len(line)
    return -1
