from __future__ import annotations

import asyncio

import pytest

from andon.demo import broker
from andon.demo.broker import PAUSE, DeliveryQueue
from andon.demo.conditions import Conditions, impose
from andon.demo.emitter import Telemetry

pytest.importorskip("amqtt", reason="the demo extra is not installed")


def test_a_slow_broker_lets_messages_wait_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(broker, "_HIGH_WATERMARK", 3)
    impose(tmp_path, "mqtt-broker", PAUSE, 0.05)
    telemetry = Telemetry("mqtt-broker", "1", "1", receiver=9)
    queue = DeliveryQueue(telemetry, Conditions(tmp_path, "mqtt-broker"))

    async def scenario() -> tuple[float, list[dict[str, int]]]:
        for number in range(6):
            await queue.put({"number": number})
        began = asyncio.get_running_loop().time()
        got = [await queue.get() for _ in range(2)]
        return asyncio.get_running_loop().time() - began, got

    waited, got = asyncio.run(scenario())
    assert waited >= 0.1
    assert got == [{"number": 0}, {"number": 1}]
    series = {m["name"]: m for m in telemetry.meter.collect()}
    assert series["mqtt.queue.depth"]["gauge"]["dataPoints"][0]["asDouble"] == 4
    assert series["mqtt.queue.oldest_message.age"]["gauge"]["dataPoints"][0]["asDouble"] >= 0.1
    (line,) = [record["body"]["stringValue"] for record in telemetry._records]
    assert line == "message queue length 4 is above the high watermark 3"
