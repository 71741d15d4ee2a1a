from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.documents import list_documents
from andon.errors import StorageError
from andon.storage import Index, index_file
from andon.storage import search as module
from andon.telemetry import Problem, Result, Status
from unit.storage.documents import Ideas, Paper, index, listed

FIXTURES = Path(__file__).parents[2] / "fixtures"
POOL = Paper("pool.md", ("`ConnectionPoolExhausted`: raise db_pool_max",), ("Database", "Pool exhausted"))
QUOTA = Paper("quota.md", ("PAY-503 means that the quota is used up",))
OTHERS = tuple(Paper(f"{number}.md", (f"chapter {number} on other things",)) for number in range(6))


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("connection pool", "pool.md"),
        ("connectionpoolexhausted", "pool.md"),
        ("DbPoolMax", "pool.md"),
        ("pay 503", "quota.md"),
        ("PAY_503", "quota.md"),
        ("quotas", "quota.md"),
    ],
)
def test_compounds_and_endings_do_not_matter(question: str, file: str):
    assert index(POOL, QUOTA, *OTHERS).find(question)[0].passage.file == file


def test_a_hit_says_how_and_how_much():
    found = index(POOL, QUOTA, *OTHERS)
    (named,) = found.find("pool")
    assert (named.how, named.share) == ("both", 1.0), "`connection pool` is another name that is there too"
    (partly,) = found.find("quota elephants")
    assert partly.how == "words" and 0.3 < partly.share < 0.7
    meant = found.find("depleted")
    assert {hit.passage.file for hit in meant} == {"pool.md", "quota.md"}
    assert {hit.how for hit in meant} == {"meaning"} and {hit.share for hit in meant} == {0.5}
    assert found.find("elephants") == ()


def test_hits_are_ordered_and_limited():
    papers = [Paper(f"{n}.md", ("pool " * n + "filler " * (20 - n),)) for n in range(1, 9)]
    hits = index(*papers, *(Paper(f"x{n}", ("nothing",)) for n in range(20))).find("pool", 3)
    assert len(hits) == 3 and hits[0].passage.file == "8.md"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


SHELF = index(POOL, QUOTA, *OTHERS)


@given(
    st.text(max_size=200)
    | st.sampled_from(['"', "pool OR *", "heading:pool", "NEAR(a b)", "-pool", "pool^2", "a AND NOT b"])
)
def test_no_question_is_a_query_language(question: str):
    SHELF.find(question)


def test_nothing_is_found_where_nothing_is():
    assert Index("empty").find("pool") == ()


def test_an_index_in_a_file_is_there_the_next_time(tmp_path: Path):
    file = index_file(tmp_path, tmp_path / "runbooks")
    paper = Paper("a.md", ("pool",))
    first = Index("runbooks", file)
    first.refresh(listed(paper))
    first.close()
    again = Index("runbooks", file)
    assert again.refresh(listed(paper)).read == 0 and len(paper.reads) == 1
    assert len(again.find("pool")) == 1
    again.close()
    assert index_file(tmp_path, tmp_path / "others") != file


def test_a_file_that_is_no_index_is_told(tmp_path: Path):
    (tmp_path / "index").write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(StorageError, match="cannot use the search index"):
        Index("runbooks", tmp_path / "index")


def test_an_index_of_another_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Index("runbooks", tmp_path / "index").close()
    monkeypatch.setattr(module, "SCHEMA_VERSION", 2)
    with pytest.raises(StorageError, match="schema 1"):
        Index("runbooks", tmp_path / "index")


def test_it_can_be_asked_from_several_threads():
    found = index(POOL, QUOTA, *OTHERS)
    hits: list[int] = []
    threads = [Thread(target=lambda: hits.append(len(found.find("pool")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hits == [1] * 4


def test_problems_are_what_a_search_may_miss():
    broken = Paper("b.pdf", (), problems=(Problem("b.pdf", "is broken"),), status=Status.FAILED)
    latin = Paper("l.txt", ("text",), problems=(Problem("l.txt", "was read as Latin-1"),))
    found = Index("papers")
    kinds = Problem("papers", "not read: .png", 3)
    found.refresh(Result((broken, latin), Status.OK, 2, (kinds,)))
    assert [problem.place for problem in found.problems] == ["b.pdf"]
    assert [problem.place for problem in found.remarks] == ["papers", "l.txt"]
    found.refresh(Result((), Status.FAILED, 0, (Problem("papers", "is gone"),)))
    assert [problem.place for problem in found.problems] == ["papers", "b.pdf"]


def test_progress_is_told():
    told: list[tuple[str, int, int]] = []
    Index("papers", embedder=Ideas()).refresh(listed(POOL, QUOTA), lambda *step: told.append(step))
    assert told == [("documents", 1, 2), ("documents", 2, 2), ("passages", 2, 2)]


CAT, DOG = Paper("a.md", ("the feline sleeps",)), Paper("b.md", ("the canine barks",))


def test_vectors_find_what_has_no_word_in_common():
    hit = index(CAT, DOG, *OTHERS, embedder=Ideas()).find("my cat", 1)[0]
    assert (hit.passage.file, hit.how, hit.share) == ("a.md", "meaning", 0.0)


def test_words_and_vectors_together_come_first():
    both = Paper("c.md", ("the dog barks",))
    hits = index(CAT, DOG, both, *OTHERS, embedder=Ideas()).find("dog")
    assert [hit.passage.file for hit in hits[:2]] == ["c.md", "b.md"]
    assert (hits[0].how, hits[1].how) == ("both", "meaning")
    assert hits[0].score == pytest.approx(1 / 61 + 1 / 62, abs=1e-6), (
        "first by words, second of two alike by meaning"
    )


def test_an_embedder_that_fails_leaves_the_words():
    embedder = Ideas()
    found = index(CAT, DOG, *OTHERS, embedder=embedder)
    embedder.fails = True
    assert found.find("feline")[0].how == "words"
    assert found.problems == (
        Problem("embeddings", "search goes by words only: the engine died", hint="look at it"),
    )
    embedder.fails = False
    found.refresh(listed(CAT, DOG))
    assert found.problems == ()


def test_an_embedder_that_never_worked_leaves_the_words():
    embedder = Ideas()
    embedder.fails = True
    found = index(CAT, DOG, embedder=embedder)
    assert found.find("canine")[0].passage.file == "b.md" and found.problems


@pytest.fixture(scope="module")
def runbooks() -> Index:
    found = Index("runbooks")
    found.refresh(list_documents(FIXTURES / "runbooks"))
    return found


QUESTIONS = yaml.safe_load((FIXTURES / "runbook-questions.yaml").read_text(encoding="utf-8"))


def ranks(runbooks: Index) -> list[int]:
    """Where the right passage stands for each question, 1 first, 99 nowhere."""
    found = []
    for question in QUESTIONS["questions"]:
        hits = [hit.passage for hit in runbooks.find(question["ask"], 3)]
        under = question.get("under", "")
        right = [hit.file == question["wanted"] and under in hit.heading for hit in hits]
        found.append(right.index(True) + 1 if True in right else 99)
    return found


def test_questions_in_other_words_find_their_runbook(runbooks: Index):
    found = ranks(runbooks)
    assert len(found) == 40
    assert sum(rank == 1 for rank in found) >= 32 and sum(rank <= 3 for rank in found) >= 37


def test_the_thesaurus_is_what_finds_them(runbooks: Index, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "load_thesaurus", lambda: None)
    assert sum(rank <= 3 for rank in ranks(runbooks)) <= 25


def test_what_no_runbook_is_about_names_little_of_any(runbooks: Index):
    shares = [hit.share for question in QUESTIONS["off topic"] for hit in runbooks.find(question)]
    assert max(shares) < 0.4
