"""The command line, run in this process, with a store of its own for each test."""

from __future__ import annotations

import json
import sqlite3
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from andon.cli.main import main

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "examples" / "door-unlock.zip"
ESTATE = ROOT / "tests" / "fixtures" / "estate"


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Andon = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, and an empty current folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("ANDON_CONFIG", raising=False)
    monkeypatch.setenv("ANDON_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def andon(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Andon:
    """Runs one command as a shell would; an exception that gets out fails the test."""

    def run(*args: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["andon", *map(str, args)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return run


@pytest.fixture
def found(andon: Andon) -> Any:
    """The report on the recorded door fault, as JSON; its run is in the store."""
    return andon("investigate", "-s", DOOR, "--json").json


@pytest.fixture
def tamper(home: Path) -> Callable[[str, Callable[[Any], None]], None]:
    """Changes what the store holds: the report event (`report`) or an observation's content, in place."""

    def change(what: str, edit: Callable[[Any], None]) -> None:
        with sqlite3.connect(home / "andon.sqlite") as db:
            if what == "report":
                query = "SELECT rowid, payload FROM event WHERE type = 'report'"
                rowid, plain = db.execute(query).fetchone()
                table, column, pack = "event", "payload", bytes
            else:
                query = "SELECT c.rowid, c.packed FROM content c JOIN observation USING (sha256) WHERE id = ?"
                rowid, packed = db.execute(query, (what,)).fetchone()
                table, column, plain, pack = "content", "packed", zlib.decompress(packed), zlib.compress
            value = json.loads(plain)
            edit(value)
            changed = pack(json.dumps(value).encode())
            db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, rowid))
        db.close()

    return change
