"""remote-vehicle-management-api: turns requests of customers into commands to cars."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from andon.demo.emitter import DEBUG
from andon.demo.mqtt import MqttClient
from andon.demo.population import Customer, population
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer
from andon.demo.tracing import CONSUMER, PRODUCER, SpanContext

__all__ = ["BROKEN_RELEASE", "RemoteVehicleService", "main"]

BROKEN_RELEASE = "3.9.0"
_REPLY_SECONDS = 3.0
_COMMANDS = {
    "unlock": ("doors", "unlocked", "door-lock"),
    "lock": ("doors", "locked", "door-lock"),
    "climate": ("climate", "on", "climate"),
}


class RemoteVehicleService:
    """Checks the entitlement, commands the car over MQTT, and waits for its reply."""

    def __init__(self, runtime: Runtime) -> None:
        self._telemetry = runtime.telemetry
        self._version = runtime.version
        customers = population(runtime.settings.seed, runtime.settings.affected)
        self._cars: dict[str, Customer] = {customer.vin: customer for customer in customers}
        listener = f"{runtime.name}>subscription-service"
        self._subscriptions = Upstream(runtime.telemetry, "subscription-service", runtime.port(listener))
        self._replies: dict[str, tuple[threading.Event, dict[str, Any]]] = {}
        self._states: dict[str, Mapping[str, Any]] = {}
        instance = f"rvm-api-{os.getpid()}"
        self._reply_topic = f"replies/{instance}"
        topics = (self._reply_topic, "cars/+/state")
        self._mqtt = MqttClient(instance, runtime.port("mqtt-broker"), topics, self._receive)

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/vehicles/{vin}/commands/unlock", "door-unlock", self._command("unlock")),
            Route("POST", "/v1/vehicles/{vin}/commands/lock", "door-lock", self._command("lock")),
            Route("POST", "/v1/vehicles/{vin}/commands/climate", "climate-start", self._command("climate")),
            Route("GET", "/v1/vehicles/{vin}/status", "vehicle-status", self.status),
        ]

    def close(self) -> None:
        self._mqtt.close()

    def status(self, request: Request) -> dict[str, Any]:
        vin = self._car(request).vin
        return {"vin": vin, "state": self._states.get(vin, {})}

    def _command(self, command: str) -> Any:
        target, value, feature = _COMMANDS[command]

        def handle(request: Request) -> dict[str, Any]:
            car = self._car(request)
            self._check(car, feature)
            schema = payload_schema(car.software, self._version)
            return self._send(car, {"target": target, "value": value, "schema": schema})

        return handle

    def _car(self, request: Request) -> Customer:
        car = self._cars.get(request.parameters["vin"])
        if car is None:
            raise RefusalError(404, "unknown vehicle")
        return car

    def _check(self, car: Customer, feature: str) -> None:
        path, route = f"/v1/entitlements/{car.vin}/{feature}", "/v1/entitlements/{vin}/{feature}"
        status, answer = self._subscriptions.call("GET", path, route=route)
        if status != 200 or not answer["granted"]:
            raise RefusalError(403, f"no entitlement for {feature}")

    def _send(self, car: Customer, command: Mapping[str, Any]) -> dict[str, Any]:
        topic, identifier = f"cars/{car.vin}/commands", secrets.token_hex(8)
        arrived, reply = threading.Event(), dict[str, Any]()
        self._replies[identifier] = (arrived, reply)
        described = {
            "messaging.system": "mqtt",
            "messaging.destination.name": topic,
            "peer.service": "mqtt-broker",
        }
        try:
            with self._telemetry.span("send vehicle command", PRODUCER, described) as span:
                context = {
                    "id": identifier,
                    "reply_to": self._reply_topic,
                    "traceparent": span.context.traceparent,
                }
                self._mqtt.publish(topic, {**command, **context})
            if not arrived.wait(_REPLY_SECONDS):
                raise UpstreamError(f"vehicle {car.vin} did not reply within {_REPLY_SECONDS:.0f} s", 504)
        finally:
            del self._replies[identifier]
        return reply

    def _receive(self, topic: str, message: Mapping[str, Any]) -> None:
        if topic != self._reply_topic:
            self._states[topic.split("/")[1]] = message
            return
        caller = SpanContext.parse(message.get("traceparent"))
        with self._telemetry.span("process vehicle reply", CONSUMER, parent=caller):
            arrived, reply = self._replies.get(message["id"], (None, {}))
            if arrived is None:
                self._telemetry.log(DEBUG, "reply came too late")
                return
            reply["state"] = message["state"]
            arrived.set()


def payload_schema(software: str, version: str) -> str:
    """The schema of commands that the software of a car reads, `24-07.3` or, before release, `24-07.b3`."""
    if version == BROKEN_RELEASE:
        year, month, patch = _release_tuple(software)
        return "v3" if (year, month, patch) >= (24, 3, 1) else "v2"
    return "v2"


def _release_tuple(software: str) -> tuple[int, ...]:
    return tuple(int(part) for part in software.replace("-", ".").split("."))


def main(runtime: Runtime) -> None:
    """Runs the service until it is told to stop."""
    service = RemoteVehicleService(runtime)
    runtime.serve(ServiceServer(runtime, service.routes()))
    service.close()
