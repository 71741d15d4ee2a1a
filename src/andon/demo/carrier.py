"""The mobile carrier: wakes cars by a message to their SIM card.

It belongs to somebody else: it is called over HTTP, answers or does not, and sends no telemetry to anybody here.
"""

from __future__ import annotations

import random
import threading
import time

from andon.demo.runtime import Runtime
from andon.demo.wire import JsonHandler, JsonServer

__all__ = ["DELAY", "FAILING", "CarrierServer", "main"]

DELAY, FAILING = "carrier.delay", "carrier.failing"
"""Conditions: seconds that an answer takes longer; and the share of requests that fail, 0 to 1."""

_USUAL_SECONDS = 0.008


class CarrierServer(JsonServer):
    """Takes `POST /v1/wake-ups`."""

    def __init__(self, runtime: Runtime) -> None:
        self._conditions = runtime.conditions
        self._lock = threading.Lock()
        self._draw = random.Random(f"carrier {runtime.settings.seed}")
        super().__init__(("127.0.0.1", runtime.port(runtime.name)), _Handler)

    def wake(self) -> tuple[int, dict[str, str]]:
        """The status and the answer to one request, when it is due."""
        with self._lock:
            failing = self._draw.random() < self._conditions.value(FAILING)
            spread = self._draw.uniform(0.5, 1.5)
        time.sleep((_USUAL_SECONDS + self._conditions.value(DELAY)) * spread)
        if failing:
            return 503, {"message": "service temporarily unavailable"}
        return 202, {"state": "delivered"}


class _Handler(JsonHandler):
    server: CarrierServer

    def respond(self) -> None:
        self.body()
        self.reply(*self.server.wake())


def main(runtime: Runtime) -> None:
    """Runs the carrier until it is told to stop."""
    runtime.serve(CarrierServer(runtime))
