"""A small HTTP server that stands in for a system which cannot be installed, and that can be made to fail.

An imitation speaks the wire format of its system, executes the queries that andon sends on data that it is given,
and enforces the limits that the system's documentation states. What one fault after another does to
a connector is the same for all of them, so the faults live here.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import orjson

__all__ = ["Asked", "Fault", "Imitation", "Told", "json_told"]

HUGE = 50 << 20
"""Bytes of the answer that is far too large."""
STALL = 10.0
"""Seconds for which a stalled answer hangs, unless the client goes away before."""


class Fault(StrEnum):
    """What can go wrong on the way to a system and in it."""

    REFUSED = "refused"
    RESET = "reset in the middle of the body"
    STALLED = "no answer for ten seconds"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    BUSY = "429 with Retry-After"
    BROKEN = "500"
    NOT_JSON = "an answer that is not JSON"
    WRONG_JSON = "JSON of another shape"
    EMPTY = "an empty body"
    HUGE = "an answer of 50 MB"
    SKEWED = "a clock that is 60 s ahead"
    UNTRUSTED = "a certificate that nobody signed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `params` in the order of the address, header names in lower case."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.params if key == name), default)

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.params if key == name)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Told:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_told(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Told:
    """An answer in JSON."""
    try:
        body = orjson.dumps(content)
    except TypeError:  # Integers beyond 64 bits are JSON all the same.
        body = json.dumps(content).encode()
    return Told(status, body, {"content-type": "application/json"} | dict(headers or {}))


class Imitation:
    """Answers on a free loopback port while the `with` block lasts; subclasses override `answer`.

    `asked` is every request so far, `sent` the bytes of all bodies. `fault` makes every answer go wrong, `spared`
    answers first stay right. With `token`, requests without `Authorization: Bearer TOKEN` get 401. `skew` is by how
    many seconds its clock is ahead. `compress` packs answers for clients that take gzip.
    """

    def __init__(
        self,
        *,
        fault: Fault | None = None,
        spared: int = 0,
        token: str = "",
        skew: float = 0.0,
        compress: bool = False,
    ) -> None:
        self.fault = fault
        self.spared = spared
        self.token = token
        self.skew = 60.0 if fault is Fault.SKEWED else skew
        self.compress = compress
        self.asked: list[Asked] = []
        self.sent = 0
        self.lock = threading.RLock()
        self._stopping = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._closed_port = 0

    def answer(self, asked: Asked) -> Told:
        """The answer to one request; called with `lock` not held, from many threads at once."""
        raise NotImplementedError

    def now(self) -> float:
        """What its clock says, Unix seconds."""
        return time.time() + self.skew

    @property
    def url(self) -> str:
        if self._server is None:
            return f"http://127.0.0.1:{self._closed_port}"
        scheme = "https" if self.fault is Fault.UNTRUSTED else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        if self.fault is Fault.REFUSED:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self._closed_port = free.getsockname()[1]
            return self
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if self.fault is Fault.UNTRUSTED:
            self._server.socket = _untrusted().wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Reads the request, notes it, and answers or fails as it should."""
        asked = _asked(handler)
        with self.lock:
            self.asked.append(asked)
            faulty = self.fault is not None and len(self.asked) > self.spared
        if faulty and self._fail(handler):
            return
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            self._tell(handler, json_told({"error": "unauthorized"}, 401), asked)
        else:
            self._tell(handler, self.answer(asked), asked)

    def _tell(self, handler: BaseHTTPRequestHandler, told: Told, asked: Asked) -> None:
        body, headers = told.body, dict(told.headers)
        with self.lock:
            self.sent += len(body)
        if self.compress and "gzip" in asked.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = gzip.compress(body, 1), "gzip"
        _send(handler, told.status, body, headers | {"date": formatdate(self.now(), usegmt=True)})

    def _fail(self, handler: BaseHTTPRequestHandler) -> bool:
        """Whether the fault took the place of the answer."""
        echo = str(handler.headers.get("authorization") or handler.headers.get("x-api-key") or "")
        match self.fault:
            case Fault.UNAUTHORIZED | Fault.FORBIDDEN | Fault.BROKEN:
                body = json.dumps({"message": f"no: you sent {echo}"}).encode()
                _send(handler, {Fault.UNAUTHORIZED: 401, Fault.FORBIDDEN: 403}.get(self.fault, 500), body, {})
            case Fault.BUSY:
                _send(handler, 429, b"slow down", {"retry-after": "30"})
            case Fault.NOT_JSON:
                page = f"<html><body>please sign in, {echo} is not enough</body></html>".encode()
                _send(handler, 200, page, {"content-type": "text/html"})
            case Fault.WRONG_JSON:
                _send(handler, 200, b'{"greeting": ["hello", 1, null]}', {"content-type": "application/json"})
            case Fault.EMPTY:
                _send(handler, 200, b"", {})
            case Fault.STALLED:
                self._stopping.wait(STALL)
                handler.close_connection = True
            case Fault.RESET:
                _reset(handler)
            case Fault.HUGE:
                _flood(handler)
            case _:
                return False
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle of an answer are part of the tests."""


def _handler(imitation: Imitation) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            imitation.handle(self)

        do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: `asked` holds the requests."""

    return Handler


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    length = int(handler.headers.get("content-length") or 0)
    body = handler.rfile.read(length) if length else b""
    parts = urlsplit(handler.path)
    params = tuple(parse_qsl(parts.query, keep_blank_values=True))
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Asked(handler.command, parts.path, params, headers, body)


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Half of a body, then RST instead of FIN."""
    handler.send_response_only(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"status":"success","data":')
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def _flood(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response_only(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(HUGE))
    handler.end_headers()
    chunk = b'["' + b"x" * ((1 << 20) - 2)
    for _ in range(HUGE >> 20):
        handler.wfile.write(chunk)


def _untrusted() -> ssl.SSLContext:
    """The demo estate's certificate, which no client trusts that was not told to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pki = files("andon.demo") / "pki"
    with as_file(pki / "auth-service.pem") as cert, as_file(pki / "server.key") as key:
        context.load_cert_chain(cert, key)
    return context
