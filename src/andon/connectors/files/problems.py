"""Counting what could not be read, so that a million bad lines make one problem."""

from __future__ import annotations

from dataclasses import dataclass, field

from andon.telemetry import Problem, Status

__all__ = ["ProblemCounter"]

MOST_KINDS_PER_FILE = 50


@dataclass
class ProblemCounter:
    """Collects problems; equal messages about one file are counted and keep their first place.

    `truncated` is set when a limit cut a file off, `denied` holds the files that refused us and
    `failed` those that gave nothing at all.
    """

    truncated: bool = False
    denied: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _first: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    _kinds: dict[str, int] = field(default_factory=dict)

    def add(self, file: str, message: str, *, line: int = 0, count: int = 1, hint: str = "") -> None:
        """Count `message` about `file`; `line` counts from 1, 0 means the whole file."""
        key = (file, message)
        if key not in self._counts:
            kinds = self._kinds[file] = self._kinds.get(file, 0) + 1
            if kinds > MOST_KINDS_PER_FILE:
                key, line, hint = (file, "further problems of other kinds"), 0, ""
            if key not in self._counts:
                self._first[key] = (line, hint)
        self._counts[key] = self._counts.get(key, 0) + count

    def about(self, file: str) -> bool:
        """Whether anything was counted about a file."""
        return file in self._kinds

    def problems(self) -> tuple[Problem, ...]:
        return tuple(
            Problem(f"{file}:{line}" if line else file, message, self._counts[file, message], hint)
            for (file, message), (line, hint) in self._first.items()
        )

    def absorb(self, other: ProblemCounter, lines_before: int = 0) -> None:
        """Adds what was counted in a part of a file that so many lines come before."""
        self.truncated |= other.truncated
        self.denied |= other.denied
        self.failed |= other.failed
        for (file, message), (line, hint) in other._first.items():
            count = other._counts[file, message]
            self.add(file, message, line=line + lines_before if line else 0, count=count, hint=hint)

    def status(self, count: int, files: int) -> Status:
        """The status of a result of `count` items read from `files` files."""
        if count == 0 and files and len(self.denied) == files:
            return Status.DENIED
        if count == 0 and files and len(self.denied | self.failed) == files:
            return Status.FAILED
        if self.truncated:
            return Status.TRUNCATED
        if self._counts:
            return Status.PARTIAL
        return Status.OK if count else Status.EMPTY
