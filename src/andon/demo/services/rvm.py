"""remote-vehicle-management-api: turns requests of customers into commands to cars."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from andon.demo.control_client import FlagReader, UsagePlanReader
from andon.demo.emitter import DEBUG, WARN
from andon.demo.log_volume import LogVolume
from andon.demo.memory import Retention
from andon.demo.mqtt import MqttClient
from andon.demo.population import Customer, population
from andon.demo.releases import BREAKING, LEAKING, has
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.endpoint import Endpoint
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer
from andon.demo.services.signer import CommandSigner
from andon.demo.services.usage import UsagePlans
from andon.demo.tracing import CONSUMER, PRODUCER, SpanContext

__all__ = ["BROKEN_RELEASE", "RECEIPTS", "RemoteVehicleService", "main"]

BROKEN_RELEASE = "3.9.0"
_REPLY_SECONDS = 3.0
_AWAKE_SECONDS = 4.0
_KEPT_BYTES = 2_400_000
_DUMP_BYTES = 90_000
RECEIPTS = "command-receipts"
"""The flag under which a command waits for a receipt of the car's gateway, which old gateways do not send."""
_RECEIPT_SECONDS = 2.6
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
        self._kept = Retention(_KEPT_BYTES if has(runtime.name, runtime.version, LEAKING) else 0)
        customers = population(runtime.settings.seed, runtime.settings.affected)
        self._cars: dict[str, Customer] = {customer.vin: customer for customer in customers}
        listener = f"{runtime.name}>subscription-service"
        self._subscriptions = Upstream(
            runtime.telemetry, "subscription-service", runtime.endpoint("subscription-service", listener)
        )
        self._flags = FlagReader(runtime)
        self._log = LogVolume(runtime, _DUMP_BYTES)
        self._replies: dict[str, tuple[threading.Event, dict[str, Any]]] = {}
        self._states: dict[str, Mapping[str, Any]] = {}
        self._signer = CommandSigner(runtime.telemetry.meter)
        self._usage = UsagePlans(runtime.telemetry.meter, UsagePlanReader(runtime).rate)
        self._carrier = Upstream(
            runtime.telemetry, "mobile-carrier", Endpoint(runtime.port("mobile-carrier"))
        )
        self._awake: dict[str, float] = {}
        instance = f"rvm-api-{os.getpid()}"
        self._reply_topic = f"replies/{instance}"
        topics = (self._reply_topic, "cars/+/state")
        self._mqtt = MqttClient(instance, runtime.port("mqtt-broker"), topics, self._receive)

    def routes(self) -> list[Route]:
        retired = has("remote-vehicle-management-api", self._version, BREAKING)
        commands = f"/{'v2' if retired else 'v1'}/vehicles/{{vin}}/commands"
        return [
            Route("POST", f"{commands}/unlock", "door-unlock", self._command("unlock")),
            Route("POST", f"{commands}/lock", "door-lock", self._command("lock")),
            Route("POST", f"{commands}/climate", "climate-start", self._command("climate")),
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
            self._log.record("audit.log", {"time": time.time(), "vin": car.vin, "command": command})
            self._await_receipt(car)
            schema = payload_schema(car.software, self._version)
            return self._send(car, {"target": target, "value": value, "schema": schema})

        return handle

    def _car(self, request: Request) -> Customer:
        self._kept.keep()
        self._usage.admit(request.headers)
        self._log.dump(f"vehicle {request.parameters['vin']}")
        car = self._cars.get(request.parameters["vin"])
        if car is None:
            raise RefusalError(404, "unknown vehicle")
        return car

    def _check(self, car: Customer, feature: str) -> None:
        path, route = f"/v1/entitlements/{car.vin}/{feature}", "/v1/entitlements/{vin}/{feature}"
        status, answer = self._subscriptions.call("GET", path, route=route)
        if status == 200 and "granted" not in answer:
            mismatch = f"'granted' is a required property in {answer}"
            raise UpstreamError(
                f"response of subscription-service does not match its schema: {mismatch}", 502
            )
        if status not in (200, 404):
            raise UpstreamError(f"subscription-service refused: {answer['message']}", 502)
        if status != 200 or not answer["granted"]:
            raise RefusalError(403, f"no entitlement for {feature}")

    def _await_receipt(self, car: Customer) -> None:
        if self._flags.on(RECEIPTS) and not _sends_receipts(car.software):
            time.sleep(_RECEIPT_SECONDS)
            self._telemetry.log(
                WARN, f"vehicle {car.vin}: no receipt within {_RECEIPT_SECONDS * 1000:.0f} ms, sent without"
            )

    def _wake(self, car: Customer) -> None:
        """Has the carrier wake a car that may have gone to sleep."""
        if time.monotonic() - self._awake.get(car.vin, -_AWAKE_SECONDS) >= _AWAKE_SECONDS:
            self._carrier.call("POST", "/v1/wake-ups", {"vin": car.vin})
            self._awake[car.vin] = time.monotonic()

    def _send(self, car: Customer, command: Mapping[str, Any]) -> dict[str, Any]:
        topic, identifier = f"cars/{car.vin}/commands", secrets.token_hex(8)
        self._wake(car)
        signature = self._signer.sign(f"{identifier} {command}")
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
                    "signature": signature,
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


def _sends_receipts(software: str) -> bool:
    """Software before its release, `24-07.b3`, does not."""
    return ".b" not in software


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
    runtime.serve(ServiceServer(runtime, service.routes(), runtime.certificate))
    service.close()
