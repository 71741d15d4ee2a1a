"""An MQTT client of the estate: paho, with the trace context inside each payload."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from andon.demo.extras import require

__all__ = ["MqttClient"]


class MqttClient:
    """Connects to the broker on loopback, reconnects by itself, calls `receive` for each message.

    `receive` gets topic and decoded payload, in the network thread of this client.
    """

    def __init__(
        self,
        client_id: str,
        port: int,
        topics: tuple[str, ...],
        receive: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        paho = require("paho.mqtt.client")
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=client_id)
        self._topics = topics
        self._receive = receive
        self._client.on_connect = self._subscribe
        self._client.on_message = self._deliver
        self._client.reconnect_delay_set(1, 2)
        self._client.connect_async("127.0.0.1", port, keepalive=30)
        self._client.loop_start()

    @property
    def connected(self) -> bool:
        return bool(self._client.is_connected())

    def publish(self, topic: str, payload: Mapping[str, Any]) -> None:
        self._client.publish(topic, json.dumps(payload), qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: Any, *_: Any) -> None:
        for topic in self._topics:
            client.subscribe(topic, qos=1)

    def _deliver(self, _client: Any, _data: Any, message: Any) -> None:
        self._receive(message.topic, json.loads(message.payload))
