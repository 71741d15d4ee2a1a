"""An instrumented HTTP client with a connection pool, timeouts and one retry."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

from andon.demo.emitter import WARN, Telemetry
from andon.demo.services.endpoint import Endpoint
from andon.demo.services.freshness import dated
from andon.demo.services.usage import CLIENT_HEADER
from andon.demo.tracing import CLIENT, ActiveSpan

__all__ = ["Upstream", "UpstreamError"]

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
_ATTEMPTS = 2
_MAX_AGE = 4.0


class UpstreamError(Exception):
    """The service that was called failed; `status` is what to tell one's own caller."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class _Pool:
    """Idle connections, each discarded a few seconds after it was opened."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self.in_use = 0

    def take(self) -> tuple[float, http.client.HTTPConnection, bool]:
        """When it was opened, the connection, and whether it is new. Raises OSError."""
        with self._lock:
            self.in_use += 1
            while self._idle:
                opened, connection = self._idle.pop()
                if time.monotonic() - opened < _MAX_AGE:
                    return opened, connection, False
                connection.close()
        try:
            connection = self._endpoint.connect(CONNECT_SECONDS)
        except OSError:
            with self._lock:
                self.in_use -= 1
            raise
        connection.sock.settimeout(READ_SECONDS)
        return time.monotonic(), connection, True

    def give(self, opened: float, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self.in_use -= 1
            self._idle.append((opened, connection))

    def clear(self) -> None:
        with self._lock:
            for _, connection in self._idle:
                connection.close()
            self._idle.clear()

    def drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        with self._lock:
            self.in_use -= 1


class Upstream:
    """Calls one service. `peer` is its `service.name`, `alias` the short name in log lines."""

    def __init__(self, telemetry: Telemetry, peer: str, endpoint: Endpoint, alias: str = "") -> None:
        self._telemetry = telemetry
        self._peer = peer
        self._alias = alias or peer
        self._endpoint = endpoint
        self._pool = _Pool(endpoint)
        telemetry.meter.gauge("connection_pool.in_use", lambda: self._pool.in_use, pool=self._alias)

    def close(self) -> None:
        """Closes the idle connections."""
        self._pool.clear()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        route: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """The status (below 500) and the decoded answer.

        Raises UpstreamError after a second timeout or refused connection, and at once for an answer of
        5xx. `route` is the path with its parameters unfilled.
        """
        name = f"{method} {route or path}"
        described = {"http.request.method": method, "peer.service": self._peer, "server.address": self._peer}
        started = time.monotonic()
        with self._telemetry.span(name, CLIENT, described) as span:
            try:
                status, payload = self._attempts(span, method, path, body, headers or {})
                span.attributes["http.response.status_code"] = status
                if status >= 500:
                    said = payload.get("message", "") if isinstance(payload, dict) else ""
                    passed_on = status if status in (503, 504) else 502
                    raise UpstreamError(f"{self._alias} answered {status}: {said}", passed_on)
                if status >= 400:
                    span.attributes["error.type"] = str(status)
                    span.fail(f"{self._alias} answered {status}")
            finally:
                elapsed = time.monotonic() - started
                self._telemetry.meter.duration("http.client.request.duration", elapsed, peer=self._alias)
        return status, payload

    def _attempts(
        self,
        span: ActiveSpan,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        sent = {
            "Content-Type": "application/json",
            "traceparent": span.context.traceparent,
            CLIENT_HEADER: self._telemetry.service,
            **dated(),
            **headers,
        }
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._exchange(method, path, content, sent)
            except UpstreamError as error:
                self._telemetry.log(WARN, f"{error} (attempt {attempt} of {_ATTEMPTS})", peer=self._peer)
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        while True:
            opened, connection, new = self._connect()
            try:
                connection.request(method, path, content, dict(headers))
                response = connection.getresponse()
                answer = response.read()
            except TimeoutError as error:
                self._pool.drop(connection)
                raise UpstreamError(
                    f"read from {self._alias} timed out after {READ_SECONDS * 1000:.0f} ms", 504
                ) from error
            except (OSError, http.client.HTTPException) as error:
                self._pool.drop(connection)
                if not new:
                    continue
                raise UpstreamError(f"{self._alias} closed the connection", 502) from error
            if response.will_close:
                self._pool.drop(connection)
            else:
                self._pool.give(opened, connection)
            return response.status, json.loads(answer) if answer else None

    def _connect(self) -> tuple[float, http.client.HTTPConnection, bool]:
        try:
            return self._pool.take()
        except TimeoutError as error:
            message = f"connect to {self._alias} timed out after {CONNECT_SECONDS * 1000:.0f} ms"
            raise UpstreamError(message, 504) from error
        except socket.gaierror as error:
            raise UpstreamError(f"failed to resolve '{self._endpoint.name}' ({error})", 502) from error
        except ssl.SSLError as error:
            raise UpstreamError(f"connect to {self._alias} failed: {error}", 502) from error
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            message = f"connect to {self._alias} failed: connection refused{where}"
            raise UpstreamError(message, 502) from error
