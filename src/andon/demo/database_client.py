"""Sessions and a connection pool for the subscription database."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from andon.demo.emitter import ERROR, Telemetry
from andon.demo.scram import Challenge, client_proof
from andon.demo.tracing import CLIENT

__all__ = ["DatabaseError", "DatabasePool", "PoolTimeoutError", "Session"]

_TIMEOUT = 2.5
_LIFETIME = 3.0
_SIZE = 8
_TAKE_SECONDS = 2.0


class DatabaseError(Exception):
    """The database refused; `code` is the SQLSTATE, `08006` for a lost connection."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Session:
    """One authenticated session. Raises DatabaseError when it cannot be opened or a statement fails."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.opened = time.monotonic()
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT)
        except OSError as error:
            raise DatabaseError(f"could not connect to server: {error}", "08001") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        try:
            self._authenticate(user, password)
        except BaseException:
            self.close()
            raise

    def _authenticate(self, user: str, password: str) -> None:
        client_nonce = secrets.token_urlsafe(18)
        first = self._exchange({"user": user, "nonce": client_nonce})
        salt = b64decode(first["salt"])
        challenge = Challenge(user, client_nonce, first["nonce"], salt, int(first["iterations"]))
        proof, expected = client_proof(password, challenge)
        if self._exchange({"proof": proof})["signature"] != expected:
            raise DatabaseError("the server does not know the password either", "08P01")

    def query(self, statement: str, *arguments: Any) -> list[list[Any]]:
        rows: list[list[Any]] = self._exchange({"query": statement, "arguments": arguments})["rows"]
        return rows

    def alter_role(self, role: str, password: str) -> None:
        self._exchange({"alter_role": role, "password": password})

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
            line = self._stream.readline()
        except OSError as error:
            raise DatabaseError(f"connection lost: {error}", "08006") from error
        if not line:
            raise DatabaseError("server closed the connection unexpectedly", "08006")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise DatabaseError(answer["error"], answer["code"])
        return answer


class PoolTimeoutError(DatabaseError):
    """All sessions of the pool stayed in use for as long as one may wait."""

    def __init__(self) -> None:
        limits = f"QueuePool limit of size {_SIZE} overflow 0 reached"
        super().__init__(f"{limits}, connection timed out, timeout {_TAKE_SECONDS:.2f}", "")


class DatabasePool:
    """A limited number of sessions of one user, each closed a few seconds after it was opened."""

    def __init__(self, telemetry: Telemetry, port: int, user: str, password: str) -> None:
        self._telemetry = telemetry
        self._port, self._user, self._password = port, user, password
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(_SIZE)
        self._idle: list[Session] = []
        self._in_use = self._waiting = 0
        telemetry.meter.gauge("connection_pool.in_use", lambda: self._in_use, pool="subscription-db")
        telemetry.meter.gauge("connection_pool.pending", lambda: self._waiting, pool="subscription-db")

    def query(self, statement: str, *arguments: Any, summary: str) -> Sequence[Sequence[Any]]:
        """The rows, under a client span that carries `summary`. Raises DatabaseError.

        As in common instrumentation, the span begins when there is a session: waiting for one is the caller's.
        """
        described = {
            "db.system.name": "postgresql",
            "db.query.summary": summary,
            "peer.service": "subscription-db",
        }
        self._wait()
        try:
            with self._telemetry.span(summary, CLIENT, described):
                session = self._take()
                try:
                    rows = session.query(statement, *arguments)
                except DatabaseError:
                    session.close()
                    raise
        except DatabaseError as error:
            self._give_place()
            self._telemetry.log(ERROR, f"subscription-db: {error} (SQLSTATE {error.code})")
            raise
        self.release(session)
        return rows

    def close(self) -> None:
        """Closes the idle sessions."""
        with self._lock:
            for session in self._idle:
                session.close()
            self._idle.clear()

    def acquire(self) -> Session:
        """A session that nobody else has until it is released. Raises DatabaseError."""
        self._wait()
        try:
            return self._take()
        except DatabaseError:
            self._give_place()
            raise

    def release(self, session: Session) -> None:
        """Gives a session back that was acquired."""
        with self._lock:
            self._idle.append(session)
        self._give_place()

    def _wait(self) -> None:
        with self._lock:
            self._waiting += 1
        free = self._free.acquire(timeout=_TAKE_SECONDS)
        with self._lock:
            self._waiting -= 1
            self._in_use += free
        if not free:
            error = PoolTimeoutError()
            self._telemetry.log(ERROR, f"subscription-db: {error}")
            raise error

    def _give_place(self) -> None:
        with self._lock:
            self._in_use -= 1
        self._free.release()

    def _take(self) -> Session:
        with self._lock:
            while self._idle:
                session = self._idle.pop()
                if time.monotonic() - session.opened < _LIFETIME:
                    return session
                session.close()
        return Session(self._port, self._user, self._password)
