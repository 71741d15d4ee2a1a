"""The SQL connector keeps the contract; it is given its faults by hand, for databases do not speak HTTP."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.sql import SqlConnector
from andon.telemetry import Result, Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault

SECRET = "s3cr3t-password-of-the-contract"
DEADLINE = 3.0
TOLERANCE = 2.0
START = 1_781_863_000.0
NEED = Need(Window(START, START + 3000))
READINGS = {"table": "readings", "signal": "metrics", "time": "at", "timezone": "UTC", "service": "machine", "name": "tag", "value": "value"}  # fmt: skip
ORDERS = {"table": "orders", "signal": "changes", "time": "at", "timezone": "UTC", "id": "number", "target": "asset"}  # fmt: skip
EVENTS = {"table": "events", "signal": "logs", "time": "at", "timezone": "UTC", "message": "text", "level": "level"}  # fmt: skip


def denied(code: str, message: str) -> bytes:
    """PostgreSQL's ErrorResponse (protocol 3.0)."""
    fields = b"SFATAL\0VFATAL\0C" + code.encode() + b"\0M" + message.encode() + b"\0\0"
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDON_CONTRACT_SECRET", SECRET)


def opened(url: str, session: Session, **options: Any) -> SqlConnector:
    secret = {} if url.startswith("sqlite") else {"password": "${env:ANDON_CONTRACT_SECRET}"}
    options = {"url": url, "tables": [READINGS, ORDERS, EVENTS]} | secret | options
    options["limits"] = {"timeout": 2.0} | options.get("limits", {})
    connector = open_class(SqlConnector, "under-test", options, session)
    assert isinstance(connector, SqlConnector)
    return connector


def answers(connector: SqlConnector) -> list[Result[Any]]:
    return [connector.metrics(NEED), connector.changes(NEED), connector.logs(NEED)]


FAULTS = {
    "refused": (FaultyLine(LineFault.REFUSED), {}, Status.FAILED, "cannot be reached"),
    "stalled": (FaultyLine(LineFault.STALLED), {}, Status.FAILED, ""),
    "dropped": (FaultyLine(LineFault.DROPPED), {}, Status.FAILED, ""),
    "garbage": (FaultyLine(LineFault.GARBAGE), {}, Status.FAILED, ""),
    "wrong password": (
        FaultyLine(LineFault.SAID, says=denied("28P01", f'password authentication failed, {SECRET} is wrong')),
        {}, Status.DENIED, "does not let us in",
    ),
    "no such database": (
        FaultyLine(LineFault.SAID, says=denied("3D000", 'database "mes" does not exist')),
        {}, Status.FAILED, "has no such database",
    ),
    "no TLS offered": (FaultyLine(LineFault.SAID, says=b"N"), {"encrypted": True}, Status.FAILED, "TLS"),
    "untrusted": (FaultyLine(LineFault.UNTRUSTED, says=b"S"), {"encrypted": True}, Status.FAILED, "cannot be trusted"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_told_and_nothing_breaks(name: str) -> None:
    line, options, status, words = FAULTS[name]
    with FaultyLine(line.fault, says=line.says) as server, Session(DEADLINE) as session:
        connector = opened(f"postgresql://andon@localhost:{server.port}/mes", session, **options)
        began = time.monotonic()
        found = answers(connector)
        assert time.monotonic() - began < DEADLINE + TOLERANCE
        assert {result.status for result in found} == {status}, found
        assert all(not result.count and result.problems for result in found)
        assert words in found[0].problems[0].message
        checks = connector.check()
        assert any(check.state == "failed" for check in checks)
        assert SECRET not in repr((found, checks))
        connector.close()


def test_cancelling_ends_it_at_once() -> None:
    with FaultyLine(LineFault.STALLED) as server, Session(60.0) as session:
        connector = opened(f"postgresql://andon@localhost:{server.port}/mes", session)
        session.cancel()
        began = time.monotonic()
        assert {result.status for result in answers(connector)} == {Status.FAILED}
        assert time.monotonic() - began < TOLERANCE


class TestSqlite:
    def made(self, folder: Path, rows: int = 3) -> str:
        file = folder / "plant.db"
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE readings (at INTEGER, machine TEXT, tag TEXT, value)")
            db.execute("CREATE TABLE orders (at TEXT, number TEXT, asset TEXT)")
            db.execute("CREATE TABLE events (at TEXT, level TEXT, text TEXT)")
            many = ((int(START + i % 3000), "press", f"t{i % 7}", i) for i in range(rows))
            db.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", many)
        db.close()
        return f"sqlite:///{file}"

    def test_no_file(self, tmp_path: Path) -> None:
        with Session(DEADLINE) as session:
            found = answers(opened(f"sqlite:///{tmp_path}/absent.db", session))
            assert {result.status for result in found} == {Status.FAILED}
            assert not (tmp_path / "absent.db").exists()

    def test_no_database(self, tmp_path: Path) -> None:
        file = tmp_path / "plant.db"
        file.write_bytes(os.urandom(8192))
        with Session(DEADLINE) as session:
            found = answers(opened(f"sqlite:///{file}", session))
            assert {result.status for result in found} == {Status.FAILED}
            assert "no database" in found[0].problems[0].message

    def test_empty(self, tmp_path: Path) -> None:
        with Session(DEADLINE) as session:
            found = answers(opened(self.made(tmp_path, 0), session))
            assert [result.status for result in found] == [Status.EMPTY] * 3
            assert all(result.fetches for result in found)

    def test_huge(self, tmp_path: Path) -> None:
        url = self.made(tmp_path, 20_000)
        with Session(20.0) as session:
            limits = {"answer_bytes": 16_384}
            result = opened(url, session, limits=limits).metrics(NEED)
            assert result.status is Status.TRUNCATED and not result.count
        with Session(20.0) as session:
            connector = opened(url, session, limits={"bytes": 1024})
            assert connector.metrics(NEED).status is Status.TRUNCATED

    def test_what_it_holds_arrives_and_is_asked_once(self, tmp_path: Path) -> None:
        with Session(20.0) as session:
            connector = opened(self.made(tmp_path), session)
            first = connector.metrics(NEED)
            spent = session.spent("under-test")
            again = connector.metrics(NEED)
            assert first.status is Status.OK and first.count == again.count == 3
            assert session.spent("under-test") == spent > 0
            assert all(fetch.source == "under-test" and "SELECT" in fetch.query for fetch in first.fetches)

    def test_it_only_reads(self, tmp_path: Path) -> None:
        with Session(20.0) as session:
            connector = opened(self.made(tmp_path), session)
            from sqlalchemy import text

            def write(connection: Any) -> None:
                connection.execute(text("INSERT INTO readings VALUES (1, 'a', 'b', 2)"))

            with pytest.raises(Exception, match="readonly"):
                connector.database.inspected(write, "write")
