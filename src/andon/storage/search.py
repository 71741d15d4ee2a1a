"""Search in passages of documents, by words and by meaning.

Words: SQLite FTS5 with Porter stemming, ranked by BM25 (Robertson and Zaragoza, 2009) with headings above text. Meaning:
other names for the same thing from a thesaurus and, where there is an `Embedder`, nearness of vectors, joined with the
ranking by words by reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). The index is derived from the documents and
can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from andon.errors import AndonError, StorageError
from andon.storage.embeddings import Embedder, Vectors
from andon.storage.passages import SCHEMA, WHOLE, PassageTable, Progress, Readable, Refreshed, silent
from andon.storage.vocabulary import Term, load_thesaurus, terms
from andon.telemetry import Passage, Problem, Result, Status

__all__ = ["Hit", "How", "Index", "index_file"]


SCHEMA_VERSION = 1
OTHER_NAME = 0.5
"""What another name of the thing counts against the word itself."""
FUSION = 60
"""The constant of reciprocal rank fusion that its authors propose."""
FUSED = 50
"""How many of each ranking are fused."""

How = Literal["words", "meaning", "both"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    `score` orders the hits of one question and says nothing beyond it. `share` in [0, 1] is how much of what was asked
    the passage names, rare words counting more, other names OTHER_NAME; 0 where only its vector is near. `how`: by the
    words of the question, by meaning (other names, vectors), or both.
    """

    passage: Passage
    score: float
    how: How
    share: float


def index_file(home: Path, documents: Path) -> Path:
    """Where in the folder of the store the index of a folder of documents is kept."""
    key = hashlib.sha256(str(documents.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return home / "search" / f"{key}.sqlite"


D = TypeVar("D", bound=Readable)


class Index:
    """Passages of a library of documents, in a file or, without one, in memory.

    `name` is how observations call the library. It may be used from several threads. Raises StorageError when the file
    cannot be used.
    """

    def __init__(self, name: str, file: Path | None = None, embedder: Embedder | None = None) -> None:
        self.name = name
        self._lock = threading.RLock()
        self._listed: Result[Any] = Result((), Status.EMPTY, 0)
        self._unembedded: tuple[Problem, ...] = ()
        try:
            self._db = _opened(file)
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"cannot use the search index {file or 'in memory'}: {error}",
                hint="delete it: it is made anew from the documents",
            ) from error
        self._table = PassageTable(self._db)
        self._vectors = Vectors(self._db, embedder) if embedder else None

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of the library could not be read or embedded, so that a search may miss it."""
        with self._lock:
            listed = () if self._listed.status in WHOLE else self._listed.problems
            return listed + self._table.problems(whole=False) + self._unembedded

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """What was told of documents that could be read, and which kinds of files were left alone."""
        with self._lock:
            listed = self._listed.problems if self._listed.status in WHOLE else ()
            return listed + self._table.problems(whole=True)

    def refresh(self, listed: Result[tuple[D, ...]], on_progress: Progress = silent) -> Refreshed:
        """Makes the index say what the documents say, reading and embedding only what changed.

        Files that are not listed any more are forgotten, unless the listing failed as a whole.
        """
        with self._lock:
            self._listed = listed
            done = self._table.refresh(listed, on_progress)
            self._embed(on_progress)
        return done

    def _embed(self, on_progress: Progress) -> None:
        """Gives each passage a vector; where the embedder fails, search goes on without."""
        if self._vectors is None:
            return
        try:
            for done, total in self._vectors.add(passage.titled for passage in self._table):
                on_progress("passages", done, total)
            self._unembedded = ()
        except AndonError as error:
            self._unembedded = (_by_words_only(error),)

    def find(self, query: str, limit: int = 5) -> tuple[Hit, ...]:
        """The passages that answer a question best, best first; the question is words, never a query language."""
        with self._lock:
            near = self._nearest(query)
            found = self._by_words(terms(query, load_thesaurus()))
            if near is None:
                ranked = _ranking({row: match.score for row, match in found.items()})
                scores = {row: found[row].score for row in ranked}
            else:
                ranked, scores = _fuse(_ranking({row: match.score for row, match in found.items()}), near)
            hits = [
                Hit(
                    self._table[row],
                    round(scores[row], 6),
                    _how(found.get(row), near is not None and row in near[:FUSED]),
                    round(found[row].share, 4) if row in found else 0.0,
                )
                for row in ranked[: max(limit, 0)]
            ]
        return tuple(hits)

    def _by_words(self, asked: Sequence[Term]) -> dict[int, _Match]:
        """Passages that name anything of what was asked."""
        total = len(self._table)
        found: defaultdict[int, _Match] = defaultdict(_Match)
        weights = 0.0
        for term in asked:
            own = self._table.bm25([term.word])
            other = self._table.bm25(term.others)
            weight = _rarity(total, len(own.keys() | other.keys()))
            weights += weight
            for row in own.keys() | other.keys():
                found[row].add(own.get(row), other.get(row), weight)
        for match in found.values():
            match.share /= weights
        return dict(found)

    def _nearest(self, query: str) -> list[int] | None:
        """Passages by nearness of their vectors, nearest first; None when there is no embedder that answers."""
        if self._vectors is None or self._unembedded:
            return None
        rows = self._table.hashes()
        which, vectors = self._vectors.matrix([key for _, key in rows])
        if not len(which):
            return []
        try:
            nearness = vectors @ self._vectors.of(query)
        except AndonError as error:
            self._unembedded = (_by_words_only(error),)
            return None
        order = np.argsort(-nearness, kind="stable")
        return [rows[which[at]][0] for at in order]


def _opened(file: Path | None) -> sqlite3.Connection:
    """A database with the tables; a file's folder is made where it does not exist."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(file or ":memory:", timeout=10, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
    elif version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it has schema {version}, this andon knows {SCHEMA_VERSION}")
    return db


class _Match:
    """What of a question one passage names."""

    __slots__ = ("meant", "named", "score", "share")

    def __init__(self) -> None:
        self.score = self.share = 0.0
        self.named = self.meant = False

    def add(self, own: float | None, other: float | None, weight: float) -> None:
        """One more term of the question: BM25 of its own word and of other names for it, None where absent."""
        self.named |= own is not None
        self.meant |= other is not None
        self.score += (own or 0.0) + OTHER_NAME * (other or 0.0)
        self.share += weight * (1.0 if own is not None else OTHER_NAME)


def _rarity(total: int, holding: int) -> float:
    """Inverse document frequency, always positive."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _ranking(scores: Mapping[int, float]) -> list[int]:
    return sorted(scores, key=lambda row: (-round(scores[row], 9), row))


def _fuse(by_words: list[int], by_meaning: list[int]) -> tuple[list[int], dict[int, float]]:
    """Reciprocal rank fusion of two rankings."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in (by_words[:FUSED], by_meaning[:FUSED]):
        for rank, row in enumerate(ranking, start=1):
            scores[row] += 1 / (FUSION + rank)
    return _ranking(scores), dict(scores)


def _how(match: _Match | None, near: bool) -> How:
    named = match is not None and match.named
    meant = near or (match is not None and match.meant)
    return "both" if named and meant else "words" if named else "meaning"


def _by_words_only(error: AndonError) -> Problem:
    return Problem("embeddings", f"search goes by words only: {error.message}", hint=error.hint)
