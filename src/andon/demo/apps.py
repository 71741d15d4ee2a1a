"""The apps: customers who lock, unlock and heat their cars, look after them, and log in."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from andon.demo.emitter import INFO, WARN
from andon.demo.population import Customer, population
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.endpoint import Endpoint

__all__ = ["CAMPAIGN", "SWING", "Arrivals", "main"]

CAMPAIGN, SWING = "traffic.campaign", "traffic.swing"
"""Conditions: requests a second that a push message adds; the factor by which the usual ones go up and down."""

_WORKERS = 32
_LOOK_SECONDS = 0.5
_SWING_SECONDS = 15.0
_ACTIONS = {
    "door-unlock": (0.30, "POST", "doors/unlock"),
    "door-lock": (0.17, "POST", "doors/lock"),
    "climate-start": (0.15, "POST", "climate/start"),
    "vehicle-status": (0.38, "GET", "status"),
}


@dataclass(slots=True)
class Arrivals:
    """When the next request comes: a Poisson process whose rate (1/s) swings slowly around its mean."""

    rate: float
    draw: random.Random
    _phase: float = field(init=False)
    _period: float = field(init=False)

    def __post_init__(self) -> None:
        self._phase = self.draw.uniform(0, 2 * math.pi)
        self._period = self.draw.uniform(25, 60)

    def pause(self, now: float) -> float:
        """Seconds until the next request after `now` (seconds on any clock)."""
        swing = 1 + 0.25 * math.sin(2 * math.pi * now / self._period + self._phase)
        return self.draw.expovariate(self.rate * swing)


_CAMPAIGN = {"climate-start": 0.85, "vehicle-status": 0.15}


class App:
    """Every customer of one app; requests do not wait for each other."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        backend = f"mobile-bff-{runtime.name.partition('-')[0]}"
        self._telemetry = runtime.telemetry
        self._backend = Upstream(runtime.telemetry, backend, Endpoint(runtime.port(backend)))
        everyone = population(settings.seed, settings.affected)
        self._customers = [customer for customer in everyone if customer.app == runtime.name]
        self._tokens: dict[str, str] = {}
        self._draw = random.Random(f"{runtime.name} {settings.seed}")
        self._arrivals = Arrivals(settings.load, self._draw)
        self._conditions = runtime.conditions

    def run(self, stopping: threading.Event) -> None:
        usual = {action: weight for action, (weight, *_) in _ACTIONS.items()}
        with ThreadPoolExecutor(_WORKERS) as workers:
            campaign = threading.Thread(target=self._answer_campaign, args=(stopping, workers))
            campaign.start()
            while not stopping.wait(self._arrivals.pause(time.monotonic()) / self._bustle()):
                self._ask(workers, usual)
            campaign.join()
            workers.shutdown(wait=False, cancel_futures=True)

    def _bustle(self) -> float:
        """How much busier than usual customers are now."""
        wave = math.sin(2 * math.pi * time.monotonic() / _SWING_SECONDS)
        return float(self._conditions.value(SWING, 1.0) ** wave)

    def _answer_campaign(self, stopping: threading.Event, workers: ThreadPoolExecutor) -> None:
        """What customers do whom a push message called, as long as there is one."""
        pause = _LOOK_SECONDS
        while not stopping.wait(pause):
            rate = self._conditions.value(CAMPAIGN)
            pause = random.expovariate(rate) if rate else _LOOK_SECONDS
            if rate:
                self._ask(workers, _CAMPAIGN)

    def _ask(self, workers: ThreadPoolExecutor, weights: Mapping[str, float]) -> None:
        customer = self._draw.choice(self._customers)
        action = self._draw.choices(list(weights), list(weights.values()))[0]
        if self._draw.random() < 0.04:
            self._tokens.pop(customer.name, None)
        workers.submit(self._act, customer, action)

    def _act(self, customer: Customer, action: str) -> None:
        try:
            token = self._tokens.get(customer.name) or self._login(customer)
            _, method, path = _ACTIONS[action]
            status, _ = self._backend.call(
                method,
                f"/v1/vehicles/{customer.vin}/{path}",
                {} if method == "POST" else None,
                route=f"/v1/vehicles/{{vin}}/{path}",
                headers={"Authorization": f"Bearer {token}"},
            )
            if status == 401:
                self._tokens.pop(customer.name, None)
            self._count(action, succeeded=status < 400)
        except UpstreamError as error:
            self._count(action, succeeded=False)
            self._telemetry.log(WARN, f"{action}: shown to the customer: something went wrong ({error})")

    def _login(self, customer: Customer) -> str:
        status, answer = self._backend.call("POST", "/v1/sessions", {"subject": customer.subject})
        if status >= 400:
            raise UpstreamError(f"login refused: {answer['message']}", status)
        token = self._tokens[customer.name] = str(answer["token"])
        self._telemetry.log(INFO, f"{customer.name} logged in")
        return token

    def _count(self, action: str, *, succeeded: bool) -> None:
        outcome = "successful" if succeeded else "failed"
        self._telemetry.meter.count(f"invocations.{outcome}", operation=action)
        other = "failed" if succeeded else "successful"
        self._telemetry.meter.count(f"invocations.{other}", 0, operation=action)


def main(runtime: Runtime) -> None:
    """Runs one app until it is told to stop."""
    app = App(runtime)
    runtime.ready()
    app.run(runtime.stopping)
