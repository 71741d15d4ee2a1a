"""The subscription database: SQLite behind TCP, with roles, passwords and a log of its own.

One JSON object a line in both directions. A session begins with SCRAM-SHA-256; then `{"query", "arguments"}`
gives `{"rows"}`, and the administrator may also send `{"alter_role", "password"}`. Sessions that are open when
a password changes stay open, as in PostgreSQL.
"""

from __future__ import annotations

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

from andon.demo.emitter import ERROR, INFO, Telemetry
from andon.demo.inventory import SUBSCRIPTION_DB_CREDENTIAL
from andon.demo.population import Customer, population
from andon.demo.runtime import Runtime
from andon.demo.scram import Challenge, Verifier

__all__ = ["ADMIN", "APPLICATION", "DatabaseServer", "main"]

ADMIN, APPLICATION = "rds_admin", "subscription_app"
_SCHEMA = """
    create table subscriptions (
        customer text primary key, vin text, plan text, features text, renews_on text
    )
"""


class DatabaseServer(socketserver.ThreadingTCPServer):
    """Serves one SQLite file to authenticated sessions."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, file: Path, passwords: dict[str, str], telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.file = file
        self.sessions = 0
        self._lock = threading.Lock()
        self._verifiers = {role: Verifier.of(password) for role, password in passwords.items()}
        for name in ("db.connections.opened", "db.authentication.failed", "db.queries"):
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

    def adjust_sessions(self, by: int) -> None:
        with self._lock:
            self.sessions += by


class _Session(socketserver.StreamRequestHandler):
    server: DatabaseServer
    disable_nagle_algorithm = True
    timeout = 30

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
        telemetry.meter.count("db.connections.opened")
        telemetry.log(INFO, f"connection authorized: user={role} database=subscriptions", role=role)
        self._send({"signature": signature})
        return role

    def _serve(self, role: str) -> None:
        database = sqlite3.connect(self.server.file)
        self.server.adjust_sessions(1)
        try:
            while line := self.rfile.readline():
                self._send(self._execute(role, database, json.loads(line)))
        finally:
            self.server.adjust_sessions(-1)
            database.close()

    def _execute(self, role: str, database: sqlite3.Connection, request: dict[str, Any]) -> dict[str, Any]:
        if "alter_role" in request:
            if role != ADMIN:
                return {"error": "permission denied to alter role", "code": "42501"}
            self.server.alter_role(str(request["alter_role"]), str(request["password"]))
            return {"rows": []}
        started = time.monotonic()
        try:
            rows = database.execute(request["query"], request.get("arguments", ())).fetchall()
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
    """Creates the table with one subscription for each customer."""
    with sqlite3.connect(file) as database:
        database.execute(_SCHEMA)
        rows = [(c.name, c.vin, c.plan, ",".join(c.features), c.renews_on) for c in customers]
        database.executemany("insert into subscriptions values (?, ?, ?, ?, ?)", rows)
    database.close()


def main(runtime: Runtime) -> None:
    """Runs the database, filled anew, until it is told to stop."""
    file = Path(runtime.settings.folder) / "subscriptions.sqlite"
    fill(file, population(runtime.settings.seed, runtime.settings.affected))
    settings = runtime.settings
    passwords = {ADMIN: settings.db_admin_password, APPLICATION: settings.secrets[SUBSCRIPTION_DB_CREDENTIAL]}
    runtime.serve(DatabaseServer(runtime.port(runtime.name), file, passwords, runtime.telemetry))
