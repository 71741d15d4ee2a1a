"""The cars: each an MQTT client of its own that obeys commands and reports its state."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping
from typing import Any

from andon.demo.emitter import INFO, WARN, Telemetry
from andon.demo.mqtt import MqttClient
from andon.demo.population import Customer, population
from andon.demo.runtime import Runtime
from andon.demo.tracing import CONSUMER, PRODUCER, SpanContext

__all__ = ["Car", "main"]

_REPORT_SECONDS = 5.0
_NO_COVERAGE = 0.015
"""The share of commands after which a car is in a garage or a tunnel and does not answer."""


class Car:
    """Doors, climate and battery of one car; a command takes its body controller a moment."""

    def __init__(self, customer: Customer, telemetry: Telemetry, broker: int, seed: int) -> None:
        self._draw = random.Random(f"car {customer.vin} {seed}")
        self._telemetry = telemetry
        self._vin = customer.vin
        self._state = {
            "doors": "locked",
            "climate": "off",
            "battery": self._draw.randint(20, 95),
            "software": customer.software,
        }
        self._client = MqttClient(
            f"car-{customer.vin}", broker, (f"cars/{customer.vin}/commands",), self._obey
        )

    def report(self) -> None:
        """Publishes the state of the car, as it does every few seconds."""
        if self._client.connected:
            self._telemetry.meter.count("vehicle.reports")
            self._client.publish(f"cars/{self._vin}/state", self._state)

    def close(self) -> None:
        self._client.close()

    def _obey(self, topic: str, command: Mapping[str, Any]) -> None:
        caller = SpanContext.parse(command.get("traceparent"))
        with self._telemetry.span("process vehicle command", CONSUMER, _messaging(topic), parent=caller):
            if self._draw.random() < _NO_COVERAGE:
                self._telemetry.log(
                    WARN, f"vehicle {self._vin}: connection lost before the reply, no coverage"
                )
                return
            time.sleep(self._draw.uniform(0.03, 0.15))
            self._state[command["target"]] = command["value"]
            self._telemetry.meter.count("vehicle.commands.handled", command=command["target"])
            self._telemetry.log(INFO, f"vehicle {self._vin}: {command['target']} set to {command['value']}")
            with self._telemetry.span(
                "send vehicle reply", PRODUCER, _messaging(command["reply_to"])
            ) as span:
                reply = {"id": command["id"], "state": self._state, "traceparent": span.context.traceparent}
                self._client.publish(command["reply_to"], reply)


def _messaging(topic: str) -> dict[str, str]:
    return {"messaging.system": "mqtt", "messaging.destination.name": topic, "peer.service": "mqtt-broker"}


def main(runtime: Runtime) -> None:
    """Runs all cars until they are told to stop."""
    settings = runtime.settings
    customers = population(settings.seed, settings.affected)
    cars = [Car(c, runtime.telemetry, runtime.port("mqtt-broker"), settings.seed) for c in customers]
    runtime.telemetry.meter.gauge("vehicles.registered", lambda: len(cars))
    runtime.ready()
    for car in itertools.cycle(cars):
        car.report()
        if runtime.stopping.wait(_REPORT_SECONDS / len(cars)):
            break
    for car in cars:
        car.close()
