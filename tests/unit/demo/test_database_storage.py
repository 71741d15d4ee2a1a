from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from andon.demo import database_storage as module
from andon.demo.database import fill
from andon.demo.database_storage import VIN_INDEX, Disk, StatementError, Transactions
from andon.demo.emitter import Telemetry
from andon.demo.population import population

BY_VIN = "select plan from subscriptions where vin = ?"


@pytest.fixture
def telemetry(monkeypatch) -> Telemetry:
    monkeypatch.setattr(module, "_TELL_SECONDS", 0.02)
    monkeypatch.setattr(module, "_STATEMENT_SECONDS", 0.05)
    monkeypatch.setattr(module, "_LOG_FROM_SECONDS", 0.0)
    return Telemetry("subscription-db", "1.0.0", "339104872215", receiver=9)


@pytest.fixture
def file(tmp_path) -> Path:
    fill(tmp_path / "db.sqlite", population(seed=1, affected=0.5))
    return tmp_path / "db.sqlite"


@pytest.fixture
def disk(telemetry, monkeypatch) -> Disk:
    disk = Disk(1, telemetry)
    assert 0.5 < disk._seconds < 1.5
    monkeypatch.setattr(disk, "_seconds", 0.01)
    return disk


def said(telemetry: Telemetry) -> str:
    return "\n".join(record["body"]["stringValue"] for record in telemetry._records)


def test_a_table_that_is_locked_makes_others_wait_and_then_cancels_them(file, disk, telemetry):
    holder = Transactions(file, disk, telemetry, 301, hurried=False)
    waiter = Transactions(file, disk, telemetry, 302, hurried=True)
    holder.execute("ALTER TABLE subscriptions ADD COLUMN churn_score numeric")
    with pytest.raises(StatementError, match="statement timeout") as cancelled:
        waiter.execute(BY_VIN, ("W",))
    assert cancelled.value.code == "57014"
    assert "process 302 still waiting for AccessShareLock" in said(telemetry)
    holder.close()
    assert waiter.execute(BY_VIN, ("W",)) == []
    waiter.close()


def test_a_statement_goes_on_when_the_lock_is_gone(file, disk, telemetry, monkeypatch):
    monkeypatch.setattr(module, "_STATEMENT_SECONDS", 5.0)
    holder = Transactions(file, disk, telemetry, 301, hurried=False)
    waiter = Transactions(file, disk, telemetry, 302, hurried=True)
    holder.execute("LOCK TABLE subscriptions IN ACCESS EXCLUSIVE MODE")
    tell = waiter._tell

    def release(what: str, since: float) -> None:
        tell(what, since)
        if what.startswith("still waiting"):
            holder.execute("commit")

    monkeypatch.setattr(waiter, "_tell", release)
    waiter.execute(BY_VIN, ("W",))
    assert "process 302 acquired AccessShareLock" in said(telemetry)
    holder.close()
    waiter.close()


def test_without_its_index_the_table_is_scanned(file, disk, telemetry):
    session = Transactions(file, disk, telemetry, 301, hurried=True)
    session.execute(BY_VIN, ("W",))
    assert "Seq Scan" not in said(telemetry)
    session.execute(f"DROP INDEX {VIN_INDEX}")
    session.execute(BY_VIN, ("W",))
    assert "Seq Scan on subscriptions" in said(telemetry)
    assert f"statement: DROP INDEX {VIN_INDEX}" in said(telemetry)
    session.close()


def test_scans_queue_for_the_disk_until_they_are_cancelled(disk):
    for _ in range(module._CHANNELS):
        assert disk._channels.acquire(blocking=False)
    with pytest.raises(TimeoutError):
        disk.scan(time.monotonic() + 0.01)


def test_a_scan_that_is_too_long_ends_at_the_deadline(file, disk, telemetry, monkeypatch):
    monkeypatch.setattr(disk, "_seconds", 60.0)
    session = Transactions(file, disk, telemetry, 301, hurried=True)
    with pytest.raises(StatementError, match="statement timeout"):
        session.execute("select count(*), plan from subscriptions group by plan")
    session.close()


def test_a_wrong_statement_is_not_a_wait(file, disk, telemetry):
    session = Transactions(file, disk, telemetry, 301, hurried=True)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        session.execute("select * from elsewhere")
    session.close()
