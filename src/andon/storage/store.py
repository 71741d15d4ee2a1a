"""The embedded store: runs, their journals and their observations in one SQLite file.

Every write is committed at once, so what a run had found when it was interrupted is still there.
Contents are kept once for each hash.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import orjson

from andon.errors import RunNotFound, StorageError
from andon.storage.observation import Observation, canonical
from andon.telemetry import Problem, Status, Window

__all__ = ["Event", "RunSummary", "Store"]

SCHEMA_VERSION = 2

_SCHEMA = """
CREATE TABLE run (id TEXT PRIMARY KEY, created REAL NOT NULL, question TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE event (run TEXT NOT NULL REFERENCES run, seq INTEGER NOT NULL, at REAL NOT NULL,
                    type TEXT NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (run, seq));
CREATE TABLE content (sha256 TEXT PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE observation (run TEXT NOT NULL REFERENCES run, id TEXT NOT NULL, meta BLOB NOT NULL,
                          sha256 TEXT NOT NULL REFERENCES content, PRIMARY KEY (run, id));
"""

_LATER = {
    2: "CREATE TABLE IF NOT EXISTS verdict (id INTEGER PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL, body BLOB NOT NULL);",
}
"""What each later schema adds to the one before."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a run's journal; `seq` counts from 1."""

    seq: int
    at: float
    type: str
    payload: Any


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as a list shows it; `state` is running, done or interrupted."""

    id: str
    created: float
    question: str
    state: str


class Store:
    """Opens (and makes, where it does not exist) the store in a folder.

    Raises StorageError when the folder or the file cannot be used, RunNotFound for an unknown run.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(
                folder / "andon.sqlite", timeout=10, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"cannot use the store in {folder}: {error}", hint="set ANDON_HOME to a folder you may write"
            ) from error

    def _prepare(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StorageError(f"the store has schema {version}, this andon knows up to {SCHEMA_VERSION}")
        if version == 0:
            self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version=1; COMMIT;")
        for number, added in _LATER.items():
            if version < number:
                self._db.executescript(f"BEGIN IMMEDIATE; {added} PRAGMA user_version={number}; COMMIT;")

    def close(self) -> None:
        self._db.close()

    def create_run(self, question: str) -> str:
        """A new run in state running; its id sorts by time of creation."""
        now = time.time()
        run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(2)}"
        self._db.execute("INSERT INTO run VALUES (?, ?, ?, 'running')", (run, now, _text(question)))
        return run

    def set_state(self, run: str, state: str) -> None:
        self._db.execute("UPDATE run SET state = ? WHERE id = ?", (state, run))

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, newest first."""
        rows = self._db.execute(
            "SELECT id, created, question, state FROM run ORDER BY created DESC, rowid DESC"
        )
        return tuple(RunSummary(*row) for row in rows)

    def find(self, prefix: str) -> RunSummary:
        """The run whose id starts or ends with the text; `latest` is the newest."""
        runs = self.runs()
        if prefix == "latest" and runs:
            return runs[0]
        found = [run for run in runs if run.id.startswith(prefix) or run.id.endswith(prefix)]
        if len(found) == 1:
            return found[0]
        what = "no run" if not found else f"{len(found)} runs"
        raise RunNotFound(f"{what} match {prefix!r}", hint="`andon runs` lists them")

    def append(self, run: str, type_: str, payload: Mapping[str, Any]) -> None:
        """Adds one event to the run's journal."""
        with self._lock:
            self._db.execute(
                "INSERT INTO event SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ? FROM event WHERE run = ?",
                (run, time.time(), type_, canonical(payload), run),
            )

    def events(self, run: str) -> Iterator[Event]:
        """The run's journal in order."""
        rows = self._db.execute("SELECT seq, at, type, payload FROM event WHERE run = ? ORDER BY seq", (run,))
        for seq, at, type_, payload in rows:
            yield Event(seq, at, type_, orjson.loads(payload))

    def judge(self, run: str, body: Mapping[str, Any]) -> float:
        """Keeps what somebody found a run to be worth, with the time (Unix seconds), which is returned."""
        now = time.time()
        self._db.execute("INSERT INTO verdict (run, at, body) VALUES (?, ?, ?)", (run, now, canonical(body)))
        return now

    def judgements(self) -> Iterator[tuple[str, float, Any]]:
        """All that was kept by `judge`: run, time and body, oldest first."""
        for run, at, body in self._db.execute("SELECT run, at, body FROM verdict ORDER BY id"):
            yield run, at, orjson.loads(body)

    def put(self, run: str, observation: Observation) -> None:
        """Keeps the observation; the same id twice in a run is our bug."""
        with self._whole():
            self._insert(run, observation)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All of the writes inside, or none; threads wait for each other."""
        with self._lock:
            self._db.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _insert(self, run: str, observation: Observation) -> None:
        """Contents go by what they really hash to, so that a forged hash cannot stand in for another content."""
        plain = canonical(observation.content)
        key = hashlib.sha256(plain).hexdigest()
        self._db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (key, zlib.compress(plain, 1)))
        self._db.execute(
            "INSERT INTO observation VALUES (?, ?, ?, ?)", (run, observation.id, _meta(observation), key)
        )

    def observations(self, run: str) -> Iterator[Observation]:
        """Everything the run observed, in the order of recording."""
        rows = self._db.execute(
            "SELECT meta, packed FROM observation JOIN content USING (sha256) "
            "WHERE run = ? ORDER BY observation.rowid",
            (run,),
        )
        for meta, packed in rows:
            yield observation_of(orjson.loads(meta), orjson.loads(zlib.decompress(packed)))

    def copy_observations(self, source: str, target: str) -> None:
        """Gives another run all that this one observed, without copying contents."""
        self._db.execute(
            "INSERT INTO observation SELECT ?, id, meta, sha256 FROM observation WHERE run = ? ORDER BY rowid",
            (target, source),
        )

    def adopt(
        self,
        summary: RunSummary,
        events: Sequence[tuple[str, Mapping[str, Any]]],
        observations: Sequence[Observation],
    ) -> None:
        """Adds a run that was made elsewhere, whole or not at all.

        Raises StorageError when it is here already, or holds an observation twice.
        """
        row = summary.id, summary.created, summary.question, summary.state
        try:
            with self._whole():
                self._db.execute("INSERT INTO run VALUES (?, ?, ?, ?)", row)
                for observation in observations:
                    self._insert(summary.id, observation)
                for type_, payload in events:
                    self.append(summary.id, type_, payload)
        except sqlite3.IntegrityError as error:
            twice = "an observation twice" if str(error).startswith("UNIQUE constraint failed: obs") else ""
            what = (
                f"run {summary.id} holds {twice}" if twice else f"run {summary.id} is in this store already"
            )
            raise StorageError(what) from error

    @staticmethod
    def packed(observation: Observation) -> dict[str, Any]:
        """An observation as plain JSON values."""
        return {"meta": orjson.loads(_meta(observation)), "content": observation.content}

    @staticmethod
    def unpacked(packed: Mapping[str, Any]) -> Observation:
        """An observation from what `packed` gave."""
        return observation_of(packed["meta"], packed["content"])


def _text(words: str) -> str:
    """Words as the database takes them: bytes of a terminal that are no UTF-8 stand there escaped."""
    return words.encode("utf-8", "backslashreplace").decode()


def _meta(observation: Observation) -> bytes:
    window = observation.window
    return canonical(
        {
            "id": observation.id,
            "tool": observation.tool,
            "source": observation.source,
            "query": dict(observation.query),
            "window": [window.start, window.end] if window else None,
            "status": observation.status,
            "count": observation.count,
            "sha256": observation.sha256,
            "problems": [[p.place, p.message, p.count, p.hint] for p in observation.problems],
            "at": observation.at,
            "origins": list(observation.origins),
        }
    )


def observation_of(meta: Mapping[str, Any], content: Any) -> Observation:
    """An observation from its stored parts."""
    return Observation(
        id=meta["id"],
        tool=meta["tool"],
        source=meta["source"],
        query=meta["query"],
        window=Window(*meta["window"]) if meta["window"] else None,
        status=Status(meta["status"]),
        count=meta["count"],
        content=content,
        sha256=meta["sha256"],
        problems=tuple(Problem(*problem) for problem in meta["problems"]),
        at=meta["at"],
        origins=tuple(meta.get("origins", ())),
    )
