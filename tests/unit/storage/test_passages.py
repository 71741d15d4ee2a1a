from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from andon.storage.passages import SCHEMA, PassageTable, Refreshed
from andon.telemetry import Passage, Problem, Result, Status
from unit.storage.documents import Paper, listed


@pytest.fixture
def table() -> Iterator[PassageTable]:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    yield PassageTable(db)
    db.close()


def test_passages_are_kept_as_they_were_read(table: PassageTable):
    table.refresh(listed(Paper("b.md", ("one", "two"), ("A", "B")), Paper("a.md", ("three",))))
    assert list(table) == [
        Passage("a.md", 1, 1, "three"),
        Passage("b.md", 1, 1, "one", ("A", "B")),
        Passage("b.md", 2, 2, "two", ("A", "B")),
    ]


def test_only_what_changed_is_read(table: PassageTable):
    same, touched, changed = Paper("a", ("x",)), Paper("b", ("y",)), Paper("c", ("z",))
    assert table.refresh(listed(same, touched, changed)) == Refreshed(3, 0, 0, 3)
    touched.stamp = changed.stamp = "2"
    changed.texts = ("z", "more")
    assert table.refresh(listed(same, touched, changed)) == Refreshed(1, 2, 0, 4)
    assert (len(same.reads), len(touched.reads), len(changed.reads)) == (1, 1, 2)
    assert table.refresh(listed(same, touched, changed)) == Refreshed(0, 3, 0, 4)


def test_what_is_gone_is_forgotten(table: PassageTable):
    table.refresh(listed(Paper("a", ("pool",)), Paper("b", ("pool",))))
    assert table.refresh(listed(Paper("b", ("pool",)))) == Refreshed(0, 1, 1, 1)
    assert len(table.bm25(["pool"])) == 1


def test_a_listing_that_failed_forgets_nothing(table: PassageTable):
    table.refresh(listed(Paper("a", ("pool",))))
    table.refresh(Result((), Status.FAILED, 0, (Problem("folder", "is gone"),)))
    assert len(table) == 1


def test_what_could_not_be_read_is_tried_again(table: PassageTable):
    paper = Paper(
        "a.pdf", (), status=Status.FAILED, problems=(Problem("a.pdf", "is encrypted", 2, "a hint"),)
    )
    table.refresh(listed(paper))
    assert table.problems(whole=False) == paper.problems and table.problems(whole=True) == ()
    paper.texts, paper.status, paper.problems = ("text",), Status.OK, ()
    table.refresh(listed(paper))
    assert len(table) == 1 and table.problems(whole=False) == ()


def test_a_failure_while_writing_leaves_the_file_as_it_was(table: PassageTable):
    table.refresh(listed(Paper("a", ("old",))))
    with pytest.raises(sqlite3.Error):
        table.refresh(listed(Paper("a", ("new", b"\0".__class__), stamp="2")))  # A class cannot be stored.
    assert [passage.text for passage in table] == ["old"]


def test_names_are_phrases_and_the_best_counts(table: PassageTable):
    table.refresh(listed(Paper("a", ("out of memory",)), Paper("b", ("memory ran out",)), *_others()))
    assert len(table.bm25(["out of memory"])) == 1
    assert len(table.bm25(["out of memory", "memory"])) == 2
    assert table.bm25([]) == {}


def test_headings_count_more_than_text(table: PassageTable):
    table.refresh(listed(Paper("a", ("pool",)), Paper("b", ("words",), ("pool",)), *_others()))
    scores = {table[row].file: score for row, score in table.bm25(["pool"]).items()}
    assert scores["b"] > scores["a"] > 0


def _others() -> list[Paper]:
    """Without other texts a word that is in half of them tells nothing."""
    return [Paper(f"other {number}", (f"something else {number}",)) for number in range(5)]
