"""Statements of the subscription database: what they wait for, and what they cost.

SQLite executes them: a table that is locked is locked, and its planner says whether a table is scanned. Only
the length of a scan is imitated. The estate fills in the few rows that somebody asks for; a table of
millions would be read from a disk of few channels, and so a scan occupies one of them for a while.
"""

from __future__ import annotations

import random
import re
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from andon.demo.emitter import ERROR, INFO, Telemetry

__all__ = ["VIN_INDEX", "Disk", "StatementError", "Transactions"]

VIN_INDEX = "subscriptions_vin_idx"
_TABLE_LOCK = re.compile(r"\s*(alter|lock|cluster)\s+table|\s*(vacuum full|reindex)", re.IGNORECASE)
_DEFINITION = re.compile(r"\s*(alter|lock|cluster|vacuum|reindex|drop|create)\b", re.IGNORECASE)
_LOCK = "AccessShareLock on relation 16402 of database 16386"
_TELL_SECONDS = 1.0
_STATEMENT_SECONDS = 1.6
_LOG_FROM_SECONDS = 0.5
_CHANNELS = 4
_BLOCKS = 61_300


class StatementError(Exception):
    """A statement that failed; `code` is its SQLSTATE."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Disk:
    """Reads whole tables, a few at a time; how long one takes is drawn from the seed."""

    def __init__(self, seed: int, telemetry: Telemetry) -> None:
        self._seconds = random.Random(f"disk {seed}").uniform(0.7, 1.15)
        self._channels = threading.Semaphore(_CHANNELS)
        self._meter = telemetry.meter
        for name in ("db.blocks.read", "db.table.seq_scans"):
            self._meter.count(name, 0)

    def scan(self, deadline: float) -> None:
        """Raises TimeoutError when it cannot be done before the deadline, at the deadline."""
        if not self._channels.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise TimeoutError
        try:
            self._meter.count("db.table.seq_scans")
            allowed = max(deadline - time.monotonic(), 0)
            time.sleep(min(self._seconds, allowed))
            self._meter.count("db.blocks.read", round(_BLOCKS * min(allowed / self._seconds, 1)))
            if allowed < self._seconds:
                raise TimeoutError
        finally:
            self._channels.release()


class Transactions:
    """The statements of one session. `hurried` ones are cancelled after the statement timeout."""

    def __init__(self, file: Path, disk: Disk, telemetry: Telemetry, process: int, *, hurried: bool) -> None:
        # A plan that is kept would outlive the index that it names.
        self._database = sqlite3.connect(
            file, timeout=_TELL_SECONDS, isolation_level=None, cached_statements=0
        )
        self._disk = disk
        self._telemetry = telemetry
        self._process = process
        self._hurried = hurried

    def close(self) -> None:
        """Ends the session; a transaction that is open is rolled back."""
        self._database.close()

    def execute(self, statement: str, arguments: Sequence[Any] = ()) -> list[Any]:
        """The rows. Raises StatementError, and sqlite3.Error for a statement that is wrong."""
        if _DEFINITION.match(statement):
            self._telemetry.log(INFO, f"statement: {statement}")
        if _TABLE_LOCK.match(statement):
            statement = "begin exclusive"
        started = time.monotonic()
        deadline = started + (_STATEMENT_SECONDS if self._hurried else 60)
        try:
            plan, rows = self._once_unlocked(statement, arguments, deadline)
            scanned = any(step[3].startswith("SCAN subscriptions") for step in plan)
            if scanned:
                self._disk.scan(deadline)
        except TimeoutError:
            reason = "canceling statement due to statement timeout"
            self._telemetry.log(ERROR, f"{reason}\nSTATEMENT: {statement}")
            raise StatementError(reason, "57014") from None
        self._log_slow(statement, time.monotonic() - started, scanned=scanned)
        return rows

    def _once_unlocked(
        self, statement: str, arguments: Sequence[Any], deadline: float
    ) -> tuple[list[Any], list[Any]]:
        """Plan and rows, as soon as nobody else holds the table. Raises TimeoutError."""
        started = time.monotonic()
        for patience in (_TELL_SECONDS, deadline - started - _TELL_SECONDS):
            self._database.execute(f"pragma busy_timeout = {patience * 1000:.0f}")
            try:
                plan = self._database.execute(f"explain query plan {statement}", arguments).fetchall()
                rows = self._database.execute(statement, arguments).fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                if patience == _TELL_SECONDS:
                    self._tell(f"still waiting for {_LOCK}", started)
                continue
            if time.monotonic() - started > _TELL_SECONDS:
                self._tell(f"acquired {_LOCK}", started)
            return plan, rows
        raise TimeoutError

    def _tell(self, what: str, since: float) -> None:
        elapsed = (time.monotonic() - since) * 1000
        self._telemetry.log(INFO, f"process {self._process} {what} after {elapsed:.3f} ms")

    def _log_slow(self, statement: str, seconds: float, *, scanned: bool) -> None:
        if seconds < _LOG_FROM_SECONDS:
            return
        line = f"duration: {seconds * 1000:.3f} ms  "
        if scanned:
            node = f"Seq Scan on subscriptions  (cost=0.00..{_BLOCKS * 1.5:.2f} rows=1 width=71)"
            line += f"plan:\nQuery Text: {statement}\n{node}"
        else:
            line += f"statement: {statement}"
        self._telemetry.log(INFO, line)
