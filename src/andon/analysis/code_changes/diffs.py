"""Unified-diff text as hunks of removed, added and unchanged lines.

Reads what `git diff` writes and the looser forms that change feeds carry: hunk headers that name a
file or a function instead of line ranges, and bodies without any header. Every text gives a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "MAX_WIDTH", "Diff", "DiffLine", "Hunk", "Side", "parse_diff"]

MAX_LINES = 3_000
"""Lines read of one diff; generated and vendored bulk lies beyond it."""
MAX_WIDTH = 600
"""Characters read of one line; minified code lies beyond it."""
MAX_CHARACTERS = 200_000
"""Characters read of one diff."""

_RANGES = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?")
_PATH = re.compile(r"[\w.@+-]{0,80}(?:/[\w.@+-]{1,120}){1,20}|[\w+-]{1,80}\.[A-Za-z][A-Za-z0-9]{0,9}")
_NOTES = ("index ", "new file mode ", "deleted file mode ", "old mode ", "new mode ", "similarity index ")
_MORE_NOTES = ("rename from ", "rename to ", "copy from ", "copy to ", "Binary files ", "\\ No newline")


class Side(StrEnum):
    """What a line of a diff does, as its leading marker says."""

    REMOVED = "-"
    ADDED = "+"
    CONTEXT = " "


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: `number` counts from 1 in the diff text, `text` lacks the leading marker.

    `run` numbers the unbroken stretches of changed lines within the diff; context lines carry the
    number of the stretch that they follow.
    """

    number: int
    side: Side
    text: str
    run: int

    @property
    def verbatim(self) -> str:
        return f"{self.side}{self.text}"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch of one file; `heading` is what the header says besides the file, often a function."""

    file: str
    heading: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All hunks; `truncated` says that lines or columns beyond the limits were left out."""

    hunks: tuple[Hunk, ...]
    truncated: bool = False


def parse_diff(text: str, files: Sequence[str] = ()) -> Diff:
    """The hunks of a unified diff; `files` are the paths that the change is known to touch.

    A hunk whose header names no file belongs to the file named last, or to the first of `files`.
    """
    raw = text[:MAX_CHARACTERS].split("\n", MAX_LINES)
    truncated = len(text) > MAX_CHARACTERS or len(raw) > MAX_LINES
    truncated = truncated or any(len(line) > MAX_WIDTH for line in raw[:MAX_LINES])
    lines = [line[:MAX_WIDTH].rstrip("\r") for line in raw[:MAX_LINES]]
    hunks: list[Hunk] = []
    for file, heading, body in _hunks(lines, files):
        if any(line.side is not Side.CONTEXT for line in body) or any(line.text.strip() for line in body):
            hunks.append(Hunk(file, heading, tuple(body)))
    return Diff(tuple(hunks), truncated)


def _hunks(lines: Sequence[str], files: Sequence[str]) -> Iterator[tuple[str, str, list[DiffLine]]]:
    file, heading, run, changing = (files[0] if files else ""), "", 0, False
    body: list[DiffLine] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        named = _file_header(lines, i)
        if named is not None or line.startswith("@@"):
            yield file, heading, body
            body, changing = [], False
            if named is None:
                file, heading = _hunk_header(line, file, files)
            else:
                file, heading, i = named[0], "", i + named[1] - 1
        elif not line.startswith(_NOTES + _MORE_NOTES):
            side = Side(line[0]) if line[:1] in ("-", "+") else Side.CONTEXT
            run += side is not Side.CONTEXT and not changing
            changing = side is not Side.CONTEXT
            body.append(DiffLine(i + 1, side, line[1:] if line[:1] in ("-", "+", " ") else line, run))
        i += 1
    yield file, heading, body


def _file_header(lines: Sequence[str], i: int) -> tuple[str, int] | None:
    """The file that a header at line i names and how many lines the header takes, or None."""
    line = lines[i]
    if line.startswith("diff --git "):
        return _bare(line.rpartition(" ")[2]), 1
    if line.startswith("--- ") and i + 1 < len(lines) and lines[i + 1].startswith("+++ "):
        after = _bare(lines[i + 1][4:])
        return (_bare(line[4:]) if after == "/dev/null" else after), 2
    return None


def _bare(path: str) -> str:
    path = path.partition("\t")[0].strip().strip('"')
    return path[2:] if path[:2] in ("a/", "b/") else path


def _hunk_header(line: str, current: str, files: Sequence[str]) -> tuple[str, str]:
    ranges = _RANGES.match(line)
    if ranges:
        return current, line[ranges.end() :].strip()
    content = line.strip("@ ")
    named = max((f for f in files if f and content.startswith(f)), key=len, default="")
    if not named:
        path = _PATH.match(content)
        named = path.group() if path and content[path.end() : path.end() + 1] in ("", " ", ":") else ""
    return (named or current), content[len(named) :].strip(" :@")
