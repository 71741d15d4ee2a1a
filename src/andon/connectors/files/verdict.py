"""What looking at one file gave."""

from __future__ import annotations

from dataclasses import dataclass

from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.times import TimeParser
from andon.connectors.source import Signal

__all__ = ["Question", "Verdict"]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the user can answer, and the key of incident.yaml that takes the answer."""

    path: str
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text} (`{self.key}`)" if self.path else f"{self.text} (`{self.key}`)"

    @staticmethod
    def zone(path: str, read: TimeParser) -> tuple[Question, ...]:
        """The question for the zone of times without one, if the parser met any."""
        if not read.naive:
            return ()
        return (Question(path, "timezone", "In which time zone are its times? They are read as UTC."),)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Entries for the manifest, or none; then `ignore` says that leaving the file out is right.

    `times` are times seen in it, in Unix seconds.
    """

    entries: tuple[FileEntry, ...] = ()
    why: str = ""
    questions: tuple[Question, ...] = ()
    times: tuple[float, ...] = ()
    ignore: bool = False

    @classmethod
    def of(cls, path: str, signal: Signal, name: str, why: str) -> Verdict:
        return cls((FileEntry(path=path, signal=signal, format=name),), why)

    @classmethod
    def unknown(cls, why: str) -> Verdict:
        return cls(why=why)
