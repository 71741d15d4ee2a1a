from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from andon.errors import RunNotFound, StorageError
from andon.storage import Ledger, RunSummary, Store
from andon.telemetry import Problem, Status


def observe(store: Store, run: str, content: object) -> None:
    Ledger(store, run).record(
        "logs", "prod", {"c": content}, window=None, status=Status.OK, count=1, content=content
    )


def test_the_journal_keeps_its_order(store: Store) -> None:
    one, other = store.create_run("why?"), store.create_run("why?")
    for number in range(5):
        store.append(one, "step", {"number": number})
        store.append(other, "else", {})
    events = list(store.events(one))
    assert [(event.seq, event.type, event.payload["number"]) for event in events] == [
        (1 + number, "step", number) for number in range(5)
    ]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_an_unknown_run_has_an_empty_journal(store: Store) -> None:
    assert list(store.events("nobody")) == []
    assert list(store.observations("nobody")) == []


def test_an_interrupted_run_keeps_what_was_written(tmp_path: Path) -> None:
    killed = Store(tmp_path)
    run = killed.create_run("why?")
    killed.append(run, "asked", {"question": "why?"})
    observe(killed, run, {"x": 1})
    with closing(sqlite3.connect(tmp_path / "andon.sqlite")) as another:
        assert another.execute("SELECT count(*) FROM event").fetchone() == (1,)
        assert another.execute("SELECT count(*) FROM observation").fetchone() == (1,)
    again = Store(tmp_path)
    assert [event.type for event in again.events(run)] == ["asked"]
    assert [observation.content for observation in again.observations(run)] == [{"x": 1}]
    assert again.find(run).state == "running"
    killed.close()
    again.close()


def test_a_run_is_listed_with_its_state(store: Store) -> None:
    run = store.create_run("why?")
    store.set_state(run, "done")
    (summary,) = store.runs()
    assert (summary.id, summary.question, summary.state) == (run, "why?", "done")


@pytest.fixture
def three(store: Store) -> Store:
    for number, id_ in enumerate(["20260101-000000-aaaa", "20260101-000000-bbbb", "20260202-000000-cccc"]):
        store.adopt(RunSummary(id_, float(number), "why?", "done"), [], [])
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("20260202", "20260202-000000-cccc"),
        ("bbbb", "20260101-000000-bbbb"),
        ("20260101-000000-aaaa", "20260101-000000-aaaa"),
        ("latest", "20260202-000000-cccc"),
    ],
)
def test_a_run_is_found_by_either_end_of_its_id(three: Store, text: str, found: str) -> None:
    assert three.find(text).id == found


@pytest.mark.parametrize(("text", "what"), [("20260101", "2 runs"), ("dddd", "no run"), ("%", "no run")])
def test_what_does_not_name_one_run_is_refused(three: Store, text: str, what: str) -> None:
    with pytest.raises(RunNotFound, match=what) as caught:
        three.find(text)
    assert caught.value.hint


def test_an_empty_store_has_no_latest_run(store: Store) -> None:
    with pytest.raises(RunNotFound):
        store.find("latest")


def test_newest_runs_come_first(three: Store) -> None:
    assert [run.id[-4:] for run in three.runs()] == ["cccc", "bbbb", "aaaa"]


def test_a_run_is_adopted_once(three: Store) -> None:
    with pytest.raises(StorageError, match="already"):
        three.adopt(three.find("aaaa"), [], [])


def test_a_run_from_elsewhere_comes_whole(three: Store, tmp_path: Path) -> None:
    run = "20260101-000000-aaaa"
    observe(three, run, {"x": 1})
    three.append(run, "asked", {"question": "why?"})
    elsewhere = Store(tmp_path / "elsewhere")
    observations = [elsewhere.unpacked(three.packed(o)) for o in three.observations(run)]
    elsewhere.adopt(three.find(run), [("asked", {"question": "why?"})], observations)
    assert list(elsewhere.observations(run)) == list(three.observations(run))
    assert [(event.seq, event.type) for event in elsewhere.events(run)] == [(1, "asked")]
    elsewhere.close()


def test_a_run_that_holds_an_observation_twice_does_not_come_at_all(three: Store) -> None:
    run = "20260101-000000-aaaa"
    observe(three, run, {"x": 1})
    (one,) = three.observations(run)
    broken = RunSummary("20260303-000000-dddd", 9.0, "why?", "done")
    with pytest.raises(StorageError, match="twice"):
        three.adopt(broken, [], [one, one])
    assert broken not in three.runs()
    three.append(run, "the store still works", {})


def test_a_forged_hash_does_not_stand_in_for_an_honest_content(three: Store) -> None:
    source, victim = "20260101-000000-aaaa", "20260202-000000-cccc"
    honest = Ledger().record(
        "logs", "prod", {}, window=None, status=Status.OK, count=1, content={"errors": 0}
    )
    three.put(source, dataclasses.replace(honest, content={"errors": 9}))
    three.put(victim, honest)
    assert not next(three.observations(source)).intact
    assert next(three.observations(victim)) == honest


def test_the_same_id_twice_leaves_the_store_usable(three: Store) -> None:
    run = "20260101-000000-aaaa"
    observe(three, run, {"x": 1})
    (one,) = three.observations(run)
    with pytest.raises(sqlite3.IntegrityError):
        three.put(run, one)
    observe(three, run, {"x": 2})
    assert len(list(three.observations(run))) == 2


def test_observations_are_given_to_another_run(three: Store) -> None:
    source, target = "20260101-000000-aaaa", "20260202-000000-cccc"
    for content in ({"x": 1}, ["y"], {"x": 1}):
        three.append(source, "noise", {})
        observe(three, source, content)
    three.copy_observations(source, target)
    copied = list(three.observations(target))
    assert copied == list(three.observations(source))
    assert all(observation.intact for observation in copied)
    assert list(three.events(target)) == []


def test_equal_contents_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for _ in range(3):
        observe(store, store.create_run("why?"), {"same": "content"})
    with closing(sqlite3.connect(tmp_path / "andon.sqlite")) as another:
        assert another.execute("SELECT count(*) FROM content").fetchone() == (1,)
    store.close()


def test_a_store_of_the_first_schema_is_upgraded_in_place(tmp_path: Path) -> None:
    old = Store(tmp_path)
    run = old.create_run("why?")
    old.append(run, "asked", {"question": "why?"})
    observe(old, run, {"x": 1})
    old.close()
    with closing(sqlite3.connect(tmp_path / "andon.sqlite")) as another:
        another.executescript("DROP TABLE verdict; PRAGMA user_version = 1;")
    upgraded, beside = Store(tmp_path), Store(tmp_path)
    upgraded.judge(run, {"component": "a"})
    assert [(r, body) for r, _, body in beside.judgements()] == [(run, {"component": "a"})]
    assert [event.type for event in upgraded.events(run)] == ["asked"]
    assert [observation.content for observation in upgraded.observations(run)] == [{"x": 1}]
    with closing(sqlite3.connect(tmp_path / "andon.sqlite")) as another:
        assert another.execute("PRAGMA user_version").fetchone() == (2,)
    upgraded.close()
    beside.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "andon.sqlite")) as another:
        another.execute("PRAGMA user_version = 999")
    with pytest.raises(StorageError, match="999"):
        Store(tmp_path)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "andon.sqlite").write_text("not a database, but long enough to be taken for one" * 50)
    with pytest.raises(StorageError) as caught:
        Store(tmp_path)
    assert caught.value.hint


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file") as caught:
        Store(tmp_path / "file" / "folder")
    assert caught.value.hint


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        Store(tmp_path / "locked")


def test_others_may_not_look_into_the_folder(tmp_path: Path) -> None:
    Store(tmp_path / "new").close()
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_hostile_text_is_kept(store: Store) -> None:
    run = store.create_run("why \udcff?")
    store.append(run, "asked", {"question": "why \udcff?", "n": 2**80})
    Ledger(store, run).record(
        "logs",
        "prod",
        {"q": "\ud800"},
        window=None,
        status=Status.PARTIAL,
        count=1,
        content="\ud800",
        problems=(Problem("a.log\ud800:1", "no text"),),
    )
    assert store.find("latest").question.startswith("why ")
    assert next(store.events(run)).payload["n"] == str(2**80)
    assert next(store.observations(run)).intact
