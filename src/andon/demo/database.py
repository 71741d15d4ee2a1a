"""The subscription database: SQLite behind TCP, with roles, passwords and a log of its own.

One JSON object a line in both directions. A session begins with SCRAM-SHA-256; then `{"query", "arguments"}`
gives `{"rows"}`, and the administrator may also send `{"alter_role", "password"}`. Sessions that are open when
a password changes stay open, as in PostgreSQL.
"""

from __future__ import annotations

import itertools
import json
import secrets
import socketserver
import sqlite3
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from andon.demo.database_job import ReportingJob
from andon.demo.database_storage import VIN_INDEX, Disk, StatementError, Transactions
from andon.demo.emitter import ERROR, INFO, Telemetry
from andon.demo.inventory import SUBSCRIPTION_DB_CREDENTIAL
from andon.demo.population import Customer, population
from andon.demo.runtime import Runtime
from andon.demo.scram import Challenge, Verifier

__all__ = ["ADMIN", "APPLICATION", "DatabaseServer", "main"]

ADMIN, APPLICATION, _JOB = "rds_admin", "subscription_app", "reporting_job"
_SCHEMA = f"""
    create table if not exists subscriptions (
        customer text primary key, vin text, plan text, features text, renews_on text
    );
    create index if not exists {VIN_INDEX} on subscriptions (vin);
"""
_MAX_SESSIONS = 40


class DatabaseServer(socketserver.ThreadingTCPServer):
    """Serves one SQLite file to authenticated sessions."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, port: int, file: Path, passwords: dict[str, str], telemetry: Telemetry, seed: int = 0
    ) -> None:
        self.telemetry = telemetry
        self.sessions = 0
        self._file = file
        self._disk = Disk(seed, telemetry)
        self._processes = itertools.count(301)
        self._lock = threading.Lock()
        self._verifiers = {role: Verifier.of(password) for role, password in passwords.items()}
        for name in (
            "db.connections.opened",
            "db.authentication.failed",
            "db.queries",
            "db.queries.canceled",
        ):
            telemetry.meter.count(name, 0)
        telemetry.meter.gauge("db.sessions.active", lambda: self.sessions)
        super().__init__(("127.0.0.1", port), _Session)

    def verifier(self, role: str) -> Verifier:
        """That of the role, or one that no password satisfies: an unknown role looks as a wrong password."""
        with self._lock:
            return self._verifiers.get(role) or Verifier.of(secrets.token_urlsafe())

    def alter_role(self, role: str, password: str) -> None:
        with self._lock:
            self._verifiers[role] = Verifier.of(password)
        self.telemetry.log(INFO, f'ALTER ROLE "{role}" WITH PASSWORD', role=role)

    def transactions(self, role: str) -> Transactions:
        """A session's view of the tables; those of the application are cancelled when they take too long."""
        process = next(self._processes)
        return Transactions(self._file, self._disk, self.telemetry, process, hurried=role == APPLICATION)

    def adjust_sessions(self, by: int) -> None:
        with self._lock:
            self.sessions += by


class _Session(socketserver.StreamRequestHandler):
    server: DatabaseServer
    disable_nagle_algorithm = True
    timeout = 300

    def handle(self) -> None:
        try:
            role = self._authenticate()
            if role:
                self._serve(role)
        except (OSError, ValueError, KeyError, TypeError):
            return

    def _authenticate(self) -> str | None:
        hello = self._receive()
        role, client_nonce = str(hello["user"]), str(hello["nonce"])
        verifier = self.server.verifier(role)
        nonce = client_nonce + secrets.token_urlsafe(18)
        challenge = Challenge(role, client_nonce, nonce, verifier.salt, verifier.iterations)
        salt = b64encode(verifier.salt).decode()
        self._send({"nonce": nonce, "salt": salt, "iterations": verifier.iterations})
        signature = verifier.check(challenge.auth_message, str(self._receive()["proof"]))
        telemetry = self.server.telemetry
        if signature is None:
            telemetry.meter.count("db.authentication.failed")
            telemetry.log(ERROR, f'FATAL: password authentication failed for user "{role}"', role=role)
            self._send({"error": f'password authentication failed for user "{role}"', "code": "28P01"})
            return None
        if self.server.sessions >= _MAX_SESSIONS and role != ADMIN:
            telemetry.log(ERROR, "FATAL: sorry, too many clients already", role=role)
            self._send({"error": "sorry, too many clients already", "code": "53300"})
            return None
        telemetry.meter.count("db.connections.opened")
        telemetry.log(INFO, f"connection authorized: user={role} database=subscriptions", role=role)
        self._send({"signature": signature})
        return role

    def _serve(self, role: str) -> None:
        transactions = self.server.transactions(role)
        self.server.adjust_sessions(1)
        try:
            while line := self.rfile.readline():
                self._send(self._execute(role, transactions, json.loads(line)))
        finally:
            self.server.adjust_sessions(-1)
            transactions.close()

    def _execute(self, role: str, transactions: Transactions, request: dict[str, Any]) -> dict[str, Any]:
        if "alter_role" in request:
            if role != ADMIN:
                return {"error": "permission denied to alter role", "code": "42501"}
            self.server.alter_role(str(request["alter_role"]), str(request["password"]))
            return {"rows": []}
        started = time.monotonic()
        try:
            rows = transactions.execute(str(request["query"]), request.get("arguments", ()))
        except StatementError as error:
            self.server.telemetry.meter.count("db.queries.canceled")
            return {"error": str(error), "code": error.code}
        except sqlite3.Error as error:
            return {"error": str(error), "code": "42601"}
        self.server.telemetry.meter.count("db.queries")
        self.server.telemetry.meter.duration("db.query.duration", time.monotonic() - started)
        return {"rows": rows}

    def _receive(self) -> dict[str, Any]:
        message = json.loads(self.rfile.readline(65536))
        if not isinstance(message, dict):
            raise TypeError("a message is an object")
        return message

    def _send(self, message: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(message).encode() + b"\n")


def fill(file: Path, customers: Sequence[Customer]) -> None:
    """Creates the table with one subscription for each customer, where it is not there yet."""
    with sqlite3.connect(file) as database:
        database.executescript(_SCHEMA)
        rows = [(c.name, c.vin, c.plan, ",".join(c.features), c.renews_on) for c in customers]
        database.executemany("insert or ignore into subscriptions values (?, ?, ?, ?, ?)", rows)
    database.close()


def main(runtime: Runtime) -> None:
    """Runs the database until it is told to stop."""
    settings = runtime.settings
    file = Path(settings.folder) / "subscriptions.sqlite"
    fill(file, population(settings.seed, settings.affected))
    passwords = {ADMIN: settings.db_admin_password, APPLICATION: settings.secrets[SUBSCRIPTION_DB_CREDENTIAL]}
    port = runtime.port(runtime.name)
    server = DatabaseServer(port, file, passwords, runtime.telemetry, settings.seed)
    runtime.telemetry.log(INFO, "database system is ready to accept connections")
    job = ReportingJob(lambda: server.transactions(_JOB), runtime.telemetry, runtime.conditions)
    job.start()
    runtime.serve(server)
    job.stop()
    runtime.telemetry.log(INFO, "received fast shutdown request")
