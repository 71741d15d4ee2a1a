"""The passages of documents in SQLite, with an FTS5 index of their words, as fresh as the documents are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Protocol, TypeVar

import orjson

from andon.storage.embeddings import SCHEMA as VECTOR_SCHEMA
from andon.storage.embeddings import text_hash
from andon.storage.vocabulary import expanded
from andon.telemetry import Passage, Problem, Result, Status

__all__ = ["SCHEMA", "WHOLE", "PassageTable", "Progress", "Readable", "Refreshed", "silent"]

HEADING_WEIGHT = 3.0
"""What a word in the headings or the file name counts against one in the text."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS file (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL, whole INTEGER NOT NULL,
                                 problems BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS passage (id INTEGER PRIMARY KEY, file TEXT NOT NULL REFERENCES file, first INTEGER NOT NULL,
                      last INTEGER NOT NULL, page INTEGER NOT NULL, headings BLOB NOT NULL, text TEXT NOT NULL,
                      hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passage_of_file ON passage (file);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (heading, body, tokenize = 'porter unicode61 remove_diacritics 2');
{VECTOR_SCHEMA}
"""

_PASSAGE = "SELECT file, first, last, page, headings, text FROM passage"
_INSERT = "INSERT INTO passage (file, first, last, page, headings, text, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_BM25 = "SELECT rowid, bm25(words, ?, 1.0) FROM words WHERE words MATCH ?"

WHOLE = (Status.OK, Status.EMPTY)

Progress = Callable[[str, int, int], None]
"""Is told what is being done (`documents`, `passages`), how many are done and how many there are."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: files read, kept as they were and forgotten, and the passages there are now."""

    read: int
    kept: int
    removed: int
    passages: int


class Readable(Protocol):
    """A document that can be indexed; its file is the same while `stamp`, or else `digest`, stays the same."""

    @property
    def name(self) -> str: ...

    @property
    def stamp(self) -> str: ...

    def digest(self) -> str: ...

    def read(self) -> Result[tuple[Passage, ...]]: ...


D = TypeVar("D", bound=Readable)


class PassageTable:
    """The tables of SCHEMA in a database that commits each statement by itself."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM passage").fetchone()
        return int(count)

    def __getitem__(self, row: int) -> Passage:
        return _passage(self._db.execute(f"{_PASSAGE} WHERE id = ?", (row,)).fetchone())

    def __iter__(self) -> Iterator[Passage]:
        return map(_passage, self._db.execute(f"{_PASSAGE} ORDER BY file, page, first").fetchall())

    def problems(self, *, whole: bool) -> tuple[Problem, ...]:
        """What was told of files that could be read as a whole, or of those that could not."""
        rows = self._db.execute("SELECT problems FROM file WHERE whole = ? ORDER BY name", (whole,))
        return tuple(Problem(*told) for (packed,) in rows for told in orjson.loads(packed))

    def hashes(self) -> list[tuple[int, str]]:
        """Row and text hash of each passage, by place."""
        return self._db.execute("SELECT id, hash FROM passage ORDER BY file, page, first").fetchall()

    def bm25(self, names: Iterable[str]) -> dict[int, float]:
        """How well each passage that holds one of the names (words or phrases) does so, by the best of them."""
        best: dict[int, float] = {}
        for name in names:
            for row, score in self._db.execute(_BM25, (HEADING_WEIGHT, _quoted(name))):
                best[row] = max(best.get(row, 0.0), -score)
        return best

    def refresh(self, listed: Result[tuple[D, ...]], on_progress: Progress = silent) -> Refreshed:
        """Makes the tables say what the documents say, reading only those that changed.

        Files that are not listed any more are forgotten, unless the listing failed as a whole.
        """
        rows = self._db.execute("SELECT name, stamp, digest FROM file")
        known: dict[str, tuple[str, str]] = {name: (stamp, digest) for name, stamp, digest in rows}
        read = 0
        for done, document in enumerate(listed.value, start=1):
            read += self._take(document, known.get(document.name))
            on_progress("documents", done, len(listed.value))
        gone = known.keys() - {document.name for document in listed.value}
        if listed.status is Status.FAILED:
            gone = set()
        for name in gone:
            self._replace(name)
        return Refreshed(read, len(listed.value) - read, len(gone), len(self))

    def _take(self, document: Readable, known: tuple[str, str] | None) -> bool:
        """Whether the document had to be read."""
        if known and known[0] == document.stamp:
            return False
        digest = document.digest()
        if known and digest and known[1] == digest:
            self._db.execute("UPDATE file SET stamp = ? WHERE name = ?", (document.stamp, document.name))
            return False
        result = document.read()
        self._replace(document.name, lambda: self._insert(document, digest, result))
        return True

    def _replace(self, name: str, insert: Callable[[], None] = lambda: None) -> None:
        """Forgets a file with its passages and puts in what follows, all or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(
                "DELETE FROM words WHERE rowid IN (SELECT id FROM passage WHERE file = ?)", (name,)
            )
            self._db.execute("DELETE FROM passage WHERE file = ?", (name,))
            self._db.execute("DELETE FROM file WHERE name = ?", (name,))
            insert()
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _insert(self, document: Readable, digest: str, result: Result[tuple[Passage, ...]]) -> None:
        """What could not be read at all is tried again next time, since that may be no fault of the file."""
        failed = result.status is Status.FAILED
        state = ("", "") if failed else (document.stamp, digest)
        problems = orjson.dumps([astuple(problem) for problem in result.problems])
        file = (document.name, *state, result.status in WHOLE, problems)
        self._db.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?)", file)
        for one in result.value:
            place = (document.name, one.first_line, one.last_line, one.page)
            held = (orjson.dumps(one.headings), one.text, text_hash(one.titled))
            row = self._db.execute(_INSERT, (*place, *held)).lastrowid
            heading = expanded(f"{one.heading} {document.name}")
            self._db.execute(
                "INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)",
                (row, heading, expanded(one.text)),
            )


def _passage(row: tuple[str, int, int, int, bytes, str]) -> Passage:
    file, first, last, page, headings, text = row
    return Passage(file, first, last, text, tuple(orjson.loads(headings)), page)


def _quoted(name: str) -> str:
    """A phrase of FTS5, in which nothing is syntax."""
    return '"{}"'.format(name.replace('"', " "))
