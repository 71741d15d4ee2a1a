"""mobile-bff: the backend for one app; the iOS and the Android one run the same code in two accounts."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from andon.demo.control_client import FlagReader
from andon.demo.memory import Retention
from andon.demo.releases import WARMING, has
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer

__all__ = ["CARD", "MobileBackend", "main"]

CARD = "vehicle-card"
"""The flag, after the name of the app and a hyphen, under which the status comes with a card of the plan."""
_CARD_COLOURS = {"Essential": "silver", "Comfort": "blue", "Premium": "black", "unknown": "grey"}
_TOKEN_CACHE_SECONDS = 8.0
_CACHE_BYTES = 24_000_000


class MobileBackend:
    """Knows who calls (auth-service, cached for seconds) and passes commands on (RVM API)."""

    def __init__(self, runtime: Runtime) -> None:
        telemetry, name = runtime.telemetry, runtime.name
        self._auth = Upstream(
            telemetry, "auth-service", runtime.endpoint("auth-service", f"{name}>auth-service")
        )
        rvm = "remote-vehicle-management-api"
        self._rvm = Upstream(telemetry, rvm, runtime.endpoint(rvm, f"{name}>{rvm}"), alias="rvm-api")
        self._app = name.rpartition("-")[2]
        self._flags = FlagReader(runtime)
        self._pictures = Retention(_CACHE_BYTES if has(name, runtime.version, WARMING) else 0)
        self._pictures.keep()
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def routes(self) -> list[Route]:
        unlock, lock, climate = (self._command(name) for name in ("unlock", "lock", "climate"))
        return [
            Route("POST", "/v1/sessions", "login", self.login),
            Route("POST", "/v1/vehicles/{vin}/doors/unlock", "door-unlock", unlock),
            Route("POST", "/v1/vehicles/{vin}/doors/lock", "door-lock", lock),
            Route("POST", "/v1/vehicles/{vin}/climate/start", "climate-start", climate),
            Route("GET", "/v1/vehicles/{vin}/status", "vehicle-status", self.status),
        ]

    def login(self, request: Request) -> Any:
        return _passed(self._auth.call("POST", "/v1/tokens", request.body))

    def status(self, request: Request) -> Any:
        customer = self._customer(request)
        vin = request.parameters["vin"]
        answer = _passed(
            self._rvm.call("GET", f"/v1/vehicles/{vin}/status", route="/v1/vehicles/{vin}/status")
        )
        if self._flags.on(f"{self._app}-{CARD}"):
            answer = {**answer, "card": {"colour": _CARD_COLOURS[customer["plan"]]}}
        return {**answer, "plan": customer["plan"]} if self._flags.on("plan-badge") else answer

    def _command(self, command: str) -> Any:
        route = f"/v1/vehicles/{{vin}}/commands/{command}"

        def handle(request: Request) -> Any:
            self._customer(request)
            path = f"/v1/vehicles/{request.parameters['vin']}/commands/{command}"
            return _passed(self._rvm.call("POST", path, {}, route=route))

        return handle

    def _customer(self, request: Request) -> Mapping[str, Any]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            checked, known = self._known.get(token, (0.0, {}))
        if time.monotonic() - checked < _TOKEN_CACHE_SECONDS and known:
            return known
        customer: Mapping[str, Any] = _passed(
            self._auth.call("POST", "/v1/tokens/introspect", {"token": token})
        )
        with self._lock:
            self._known[token] = (time.monotonic(), customer)
        return customer


def _passed(answer: tuple[int, Any]) -> Any:
    status, payload = answer
    if status >= 400:
        raise RefusalError(status, str(payload["message"]))
    return payload


def main(runtime: Runtime) -> None:
    """Runs the backend of one app until it is told to stop."""
    runtime.serve(ServiceServer(runtime, MobileBackend(runtime).routes()))
