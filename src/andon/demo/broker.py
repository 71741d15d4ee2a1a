"""The MQTT broker of the estate: amqtt in a process of its own, counting what passes.

What is published waits in one queue for its delivery, as in amqtt itself. A broker that is slow takes a pause
over each message; more then arrive than leave, and the queue grows.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

from andon.demo.conditions import Conditions
from andon.demo.emitter import INFO, WARN, Telemetry
from andon.demo.extras import require
from andon.demo.runtime import Runtime

__all__ = ["PAUSE", "DeliveryQueue", "EventCounter", "main"]

PAUSE = "broker.pause"
"""The condition of a slow broker: seconds over each message."""

_PLUGIN = "EventPlugin"
_HIGH_WATERMARK = 25
_WARN_SECONDS = 5.0


class DeliveryQueue(asyncio.Queue[dict[str, Any]]):
    """Messages between their arrival and their delivery, with depth and age as gauges."""

    def __init__(self, telemetry: Telemetry, conditions: Conditions) -> None:
        super().__init__()
        self._telemetry = telemetry
        self._conditions = conditions
        self._arrivals: list[float] = []
        self._warned = 0.0
        telemetry.meter.gauge("mqtt.queue.depth", self.qsize, "{message}")
        telemetry.meter.gauge("mqtt.queue.oldest_message.age", self._age, "s")

    async def get(self) -> dict[str, Any]:
        """The next message, when its turn has come."""
        pause = self._conditions.value(PAUSE)
        if pause:
            await asyncio.sleep(pause)
        message = await super().get()
        self._arrivals.pop(0)
        return message

    async def put(self, item: dict[str, Any]) -> None:
        self._arrivals.append(time.monotonic())
        await super().put(item)
        if self.qsize() > _HIGH_WATERMARK and time.monotonic() - self._warned > _WARN_SECONDS:
            self._warned = time.monotonic()
            self._telemetry.log(
                WARN, f"message queue length {self.qsize()} is above the high watermark {_HIGH_WATERMARK}"
            )

    def _age(self) -> float:
        arrivals = self._arrivals[:1]
        return time.monotonic() - arrivals[0] if arrivals else 0.0


class EventCounter:
    """Counts and logs what amqtt tells its plugins; `telemetry` belongs to the process."""

    telemetry: Telemetry

    async def on_broker_message_received(self, **_: Any) -> None:
        self.telemetry.meter.count("mqtt.messages.received")

    async def on_mqtt_packet_sent(self, *, packet: Any, **_: Any) -> None:
        if type(packet).__name__ == "PublishPacket":
            self.telemetry.meter.count("mqtt.messages.sent")

    async def on_broker_client_connected(self, *, client_id: str, **_: Any) -> None:
        self.telemetry.meter.count("mqtt.clients.connected")
        self.telemetry.log(INFO, f"client {client_id} connected")

    async def on_broker_client_disconnected(self, *, client_id: str, **_: Any) -> None:
        self.telemetry.meter.count("mqtt.clients.disconnected")
        self.telemetry.log(INFO, f"client {client_id} disconnected")


async def _run(runtime: Runtime) -> None:
    anonymous = "amqtt.plugins.authentication.AnonymousAuthPlugin"
    broker = require("amqtt.broker").Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{runtime.port(runtime.name)}"}},
            "plugins": {anonymous: {"allow_anonymous": True}, f"{__name__}.{_PLUGIN}": {}},
        }
    )
    broker._broadcast_queue = DeliveryQueue(runtime.telemetry, runtime.conditions)
    await broker.start()
    runtime.ready()
    while not runtime.stopping.is_set():
        await asyncio.sleep(0.2)
    await broker.shutdown()


def main(runtime: Runtime) -> None:
    """Runs the broker until it is told to stop.

    amqtt finds a plugin by its dotted name, and only if it is a subclass of its own base.
    """
    logging.basicConfig(level=logging.ERROR)
    EventCounter.telemetry = runtime.telemetry
    base = require("amqtt.plugins.base").BasePlugin
    setattr(sys.modules[__name__], _PLUGIN, type(_PLUGIN, (EventCounter, base), {}))
    asyncio.run(_run(runtime))
