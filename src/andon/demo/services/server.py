"""An instrumented HTTP service: routes to operations, one server span, metrics and a log line a request."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from andon.demo.certificates import ServerCertificate
from andon.demo.emitter import INFO, WARN
from andon.demo.runtime import Runtime
from andon.demo.services.client import UpstreamError
from andon.demo.services.freshness import staleness
from andon.demo.services.refusal import RefusalError
from andon.demo.tracing import SERVER, SpanContext
from andon.demo.wire import JsonHandler, JsonServer

__all__ = ["RefusalError", "Request", "Route", "ServiceServer"]

_DRAIN_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Request:
    """Path parameters, the decoded body, and the headers (names in lower case)."""

    parameters: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """`path` holds `{parameters}`; `operation` names the invocation in metrics and logs."""

    method: str
    path: str
    operation: str
    handle: Callable[[Request], Any]

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path) if method == self.method else None
        return found.groupdict() if found else None


class ServiceServer(JsonServer):
    """Serves the routes of one service on its port, with TLS if it is given a certificate."""

    def __init__(
        self, runtime: Runtime, routes: Sequence[Route], certificate: ServerCertificate | None = None
    ) -> None:
        self.telemetry = runtime.telemetry
        self.routes = routes
        self.draining = False
        self._certificate = certificate
        self._busy = 0
        self._idle = threading.Condition()
        self.telemetry.meter.gauge("http.server.active_requests", lambda: self._busy)
        super().__init__(("127.0.0.1", runtime.port(runtime.name)), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serves one connection, after the handshake where there is a certificate; in a thread of its own."""
        if self._certificate is None:
            super().finish_request(request, client_address)
            return
        try:
            secured = self._certificate.wrap(request)
        except OSError as error:
            self.telemetry.log(WARN, f"TLS handshake failed: {error}")
            return
        with secured:
            super().finish_request(secured, client_address)

    def server_close(self) -> None:
        """Closes the port, then waits for what is in flight."""
        super().server_close()
        self.draining = True
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, timeout=_DRAIN_SECONDS)

    def dispatch(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        for route in self.routes:
            parameters = route.match(method, path)
            if parameters is not None:
                request = Request(parameters, json.loads(body) if body else {}, headers)
                with self._idle:
                    self._busy += 1
                try:
                    return self._invoke(route, request)
                finally:
                    with self._idle:
                        self._busy -= 1
                        self._idle.notify_all()
        return self._invoke(_unserved(method, path), Request({}, {}, headers))

    def _invoke(self, route: Route, request: Request) -> tuple[int, Any]:
        caller = SpanContext.parse(request.headers.get("traceparent"))
        described = {"http.request.method": route.method, "http.route": route.path}
        started = time.monotonic()
        with self.telemetry.span(f"{route.method} {route.path}", SERVER, described, parent=caller) as span:
            status, payload = self._answer(route, request)
            span.attributes["http.response.status_code"] = status
            if status >= 500:
                span.fail(str(payload["message"]))
            elapsed = time.monotonic() - started
            outcome = "successful" if status < 400 else "rejected" if status < 500 else "failed"
            self.telemetry.meter.count(f"invocations.{outcome}", operation=route.operation)
            for other in {"successful", "failed"} - {outcome}:
                self.telemetry.meter.count(f"invocations.{other}", 0, operation=route.operation)
            self.telemetry.meter.duration("http.server.request.duration", elapsed, operation=route.operation)
            if status < 500:
                severity = INFO if status < 400 else WARN
                line = f"{route.method} {route.path} {status} in {elapsed * 1000:.0f} ms"
                line += f": {payload['message']}" if status >= 400 else ""
                self.telemetry.log(severity, line, operation=route.operation)
        return status, payload

    def _answer(self, route: Route, request: Request) -> tuple[int, Any]:
        stale = staleness(request.headers)
        if stale:
            return 403, {"message": stale}
        try:
            return 200, route.handle(request)
        except RefusalError as refusal:
            return refusal.status, {"message": str(refusal)}
        except UpstreamError as error:
            self.telemetry.error(f"{route.operation} failed: {error}", error, operation=route.operation)
            return error.status, {"message": str(error)}
        except Exception as error:
            self.telemetry.error(
                f"{route.operation} failed: unhandled exception", error, operation=route.operation
            )
            return 500, {"message": f"internal error: {type(error).__name__}"}


def _unserved(method: str, path: str) -> Route:
    """The route of requests that no other route takes."""

    def refuse(_request: Request) -> None:
        raise RefusalError(404, f"no such operation: {method} {path}")

    return Route(method, "/*", "unknown", refuse)


class _Handler(JsonHandler):
    server: ServiceServer

    def respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, payload = self.server.dispatch(self.command, self.path, headers, self.body())
        self.reply(status, payload, close=self.server.draining)
