"""JSON over HTTP on loopback, as servers and one-off callers of the estate need it."""

from __future__ import annotations

import http.client
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["JsonHandler", "JsonServer", "call"]


class JsonServer(ThreadingHTTPServer):
    """A threaded server on loopback that shares its port, so that a new version can start beside the old."""

    daemon_threads = True
    allow_reuse_port = True
    request_queue_size = 64


class JsonHandler(BaseHTTPRequestHandler):
    """Keep-alive, one segment an answer, silent on stderr; every method goes to `respond`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def reply(self, status: int, payload: Any, *, close: bool = False) -> None:
        content = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def respond(self) -> None:
        """Answers one request of any method; subclasses say how."""
        raise NotImplementedError

    def log_message(self, *_: Any, **__: Any) -> None:
        return


for _method in ("GET", "POST", "PUT"):
    setattr(JsonHandler, f"do_{_method}", lambda handler: handler.respond())


def call(
    port: int,
    method: str,
    path: str,
    payload: Any = None,
    *,
    headers: dict[str, str] | None = None,
    timeout: float = 10,
) -> tuple[int, Any]:
    """One request to a port on loopback: the status and the decoded body. Raises OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        body = None if payload is None else json.dumps(payload).encode()
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None
    finally:
        connection.close()
