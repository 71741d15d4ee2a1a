"""Vectors of texts, kept so that no text is embedded twice by the same model."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from andon.errors import StorageError

__all__ = ["Embedder", "Vectors", "text_hash"]

BATCH = 8
SCHEMA = "CREATE TABLE IF NOT EXISTS vector (model TEXT, hash TEXT, numbers BLOB NOT NULL, PRIMARY KEY (model, hash)) WITHOUT ROWID;"

Floats = NDArray[np.float32]


class Embedder(Protocol):
    """Something that turns texts into vectors; near means alike in meaning.

    `name` tells models apart whose vectors must not be mixed. Called with n texts it returns (n, d) float32, with
    the same d each time; it may raise any AndonError.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, texts: Sequence[str]) -> Floats: ...


def text_hash(text: str) -> str:
    """What a vector is kept by."""
    return hashlib.sha256(text.encode()).hexdigest()


class Vectors:
    """The vectors of one embedder in a database that has the table of SCHEMA; each of length 1."""

    def __init__(self, db: sqlite3.Connection, embedder: Embedder) -> None:
        self._db = db
        self._embedder = embedder

    def of(self, text: str) -> Floats:
        """The vector of a question, float32 (d,); not kept."""
        vector: Floats = self._embed([text])[0]
        return vector

    def add(self, texts: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Embeds what has no vector yet, a batch at a time, each kept at once; tells how many of how many are done."""
        rows = self._db.execute("SELECT hash FROM vector WHERE model = ?", (self._embedder.name,))
        held = {key for (key,) in rows}
        lacking = {key: text for text in texts if (key := text_hash(text)) not in held}
        keys = list(lacking)
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            vectors = self._embed([lacking[key] for key in batch])
            entries = [
                (self._embedder.name, key, vector.astype("<f4").tobytes())
                for key, vector in zip(batch, vectors, strict=True)
            ]
            self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", entries)
            yield start + len(batch), len(keys)

    def matrix(self, keys: Sequence[str]) -> tuple[NDArray[np.int64], Floats]:
        """Which of the keys have a vector (m,), and those vectors (m, d)."""
        held = dict(
            self._db.execute("SELECT hash, numbers FROM vector WHERE model = ?", (self._embedder.name,))
        )
        rows = [row for row, key in enumerate(keys) if key in held]
        if not rows:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        vectors = np.frombuffer(b"".join(held[keys[row]] for row in rows), "<f4").reshape(len(rows), -1)
        return np.array(rows), vectors.astype(np.float32)

    def _embed(self, texts: list[str]) -> Floats:
        vectors = np.asarray(self._embedder(texts), np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise StorageError(f"the embedder {self._embedder.name} gave no vectors for {len(texts)} texts")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
