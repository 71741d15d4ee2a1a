"""The MQTT broker of the estate: amqtt in a process of its own, counting what passes."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from andon.demo.emitter import INFO, Telemetry
from andon.demo.extras import require
from andon.demo.runtime import Runtime

__all__ = ["EventCounter", "main"]

_PLUGIN = "EventPlugin"


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
