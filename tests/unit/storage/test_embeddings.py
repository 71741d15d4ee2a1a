from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from andon.errors import StorageError
from andon.storage.embeddings import SCHEMA, Vectors, text_hash
from unit.storage.documents import Ideas


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.executescript(SCHEMA)
    yield opened
    opened.close()


def test_nothing_is_embedded_twice(db: sqlite3.Connection):
    embedder = Ideas()
    assert list(Vectors(db, embedder).add(["cat", "dog", "cat"])) == [(2, 2)]
    assert list(Vectors(db, embedder).add(["dog", "canine"])) == [(1, 1)]
    assert embedder.texts == ["cat", "dog", "canine"]


def test_vectors_have_length_one_and_know_their_text(db: sqlite3.Connection):
    vectors = Vectors(db, Ideas())
    list(vectors.add(["a cat", "a dog"]))
    which, matrix = vectors.matrix([text_hash("a dog"), text_hash("unknown"), text_hash("a cat")])
    assert which.tolist() == [0, 2]
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, rtol=1e-6)
    assert matrix.argmax(axis=1).tolist() == [1, 0]


def test_models_do_not_mix(db: sqlite3.Connection):
    other = Ideas()
    other.name = "other"
    list(Vectors(db, Ideas()).add(["a cat"]))
    which, _ = Vectors(db, other).matrix([text_hash("a cat")])
    assert which.tolist() == []


@pytest.mark.parametrize("answer", [np.zeros((1, 2)), np.zeros(2), np.full((2, 2), np.nan)])
def test_an_embedder_that_answers_nonsense_is_refused(db: sqlite3.Connection, answer: np.ndarray):
    class Broken(Ideas):
        def __call__(self, texts: Sequence[str]) -> np.ndarray:
            return answer

    with pytest.raises(StorageError, match="no vectors for 2 texts"):
        list(Vectors(db, Broken()).add(["one", "two"]))


def test_what_was_embedded_before_a_failure_is_kept(db: sqlite3.Connection):
    class Dying(Ideas):
        def __call__(self, texts: Sequence[str]) -> np.ndarray:
            self.fails = len(self.texts) > 0
            return super().__call__(texts)

    with pytest.raises(Exception, match="died"):
        list(Vectors(db, Dying()).add([f"text {number}" for number in range(40)]))
    assert db.execute("SELECT count(*) FROM vector").fetchone() == (8,)
