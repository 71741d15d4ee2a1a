"""Listening to a broker for a while: subscribe, collect, leave. Nothing is ever published."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from andon.connectors.mqtt.config import MqttConfig
from andon.connectors.mqtt.topics import covers
from andon.connectors.unanswered import Unanswered
from andon.errors import MissingExtra
from andon.telemetry import Status

__all__ = ["Heard", "Message", "listened"]

_REFUSED = frozenset({133, 134, 135, 138, 140})
"""Reason codes of MQTT 5.0: client id, user or password not valid, not authorized, banned, bad method of sign-in."""
_OTHER_PROTOCOL = 132
_FAILED = 128
"""Reason codes from here on are failures."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived (Unix seconds)."""

    topic: str
    payload: bytes
    arrived: float
    retained: bool = False


@dataclass(slots=True)
class Heard:
    """What was heard; `refused` are the topics that the broker did not let us subscribe to, `full` when a limit ended it."""

    messages: list[Message] = field(default_factory=list)
    size: int = 0
    refused: list[str] = field(default_factory=list)
    full: bool = False
    outside: int = 0
    """Messages on topics that were not asked for."""
    broken: bool = False
    """The connection ended before we left."""


async def listened(config: MqttConfig, password: str, seconds: float, most: int, items: int) -> Heard:
    """What the broker sends in so many seconds after it let us in. Raises Unanswered and MissingExtra."""
    ear = _Ear(config, password, most, items)
    try:
        async with asyncio.timeout(config.limits.timeout):
            await ear.subscribed
    except TimeoutError:
        raise Unanswered(
            f"did not let us in within {config.limits.timeout:g} s",
            hint="is this the port of an MQTT broker?",
        ) from None
    else:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.shield(ear.ended)
        return ear.heard
    finally:
        ear.leave()


class _Ear:
    """A client in a thread of its own; made on the loop that waits for it."""

    def __init__(self, config: MqttConfig, password: str, most: int, items: int) -> None:
        self.config, self.most, self.items = config, most, items
        self.heard = Heard()
        self._left = False
        self._loop = asyncio.get_running_loop()
        self.subscribed: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.client = self._client(password)
        threading.Thread(target=self._serve, name="mqtt", daemon=True).start()

    def leave(self) -> None:
        """Tells the broker good-bye, in a thread, for it may not listen any more."""
        self._left = True
        for future in (self.subscribed, self.ended):
            future.cancel()
        threading.Thread(target=self._disconnect, name="mqtt-end", daemon=True).start()

    def _client(self, password: str) -> Any:
        mqtt = _library()
        version = mqtt.MQTTv5 if self.config.protocol == "5" else mqtt.MQTTv311
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id="",
            clean_session=None if version == mqtt.MQTTv5 else True,
            protocol=version,
            reconnect_on_failure=False,
        )
        if self.config.username:
            client.username_pw_set(self.config.username, password or None)
        if self.config.secured:
            context = self.config.tls.context()
            context.sslsocket_class = _Closing
            client.tls_set_context(context)
        client.connect_timeout = self.config.limits.timeout
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message, client.on_disconnect = self._on_message, self._on_disconnect
        return client

    def _serve(self) -> None:
        try:
            keepalive = max(5, int(self.config.limits.timeout))
            self.client.connect(self.config.host, self.config.port, keepalive, **self._wishes())
            self.client.loop_forever()
        except Exception as error:
            self._tell(self.subscribed, _gap(error))
        self._tell(
            self.subscribed,
            Unanswered("broke off the connection", hint="is this the port of an MQTT broker?"),
        )
        self._tell(self.ended, None)

    def _wishes(self) -> dict[str, Any]:
        """What MQTT 5 lets a client ask for: a clean start, and no message that is larger than our limit."""
        if self.config.protocol != "5":
            return {}
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        make: Any = Properties
        properties = make(PacketTypes.CONNECT)
        properties.MaximumPacketSize = min(self.most, 0xFFFFFFFF)
        return {"clean_start": True, "properties": properties}

    def _disconnect(self) -> None:
        with contextlib.suppress(Exception):
            self.client.disconnect()

    def _tell(self, future: asyncio.Future[None], error: Unanswered | None) -> None:
        def settle() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(settle)

    def _on_connect(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.value >= _FAILED:
            self._tell(self.subscribed, _refusal(reason))
            client.disconnect()
            return
        client.subscribe([(topic, 0) for topic in self.config.topics])

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        answers = zip(self.config.topics, reasons, strict=False)
        self.heard.refused = [topic for topic, reason in answers if reason.value >= _FAILED]
        self._tell(self.subscribed, None)

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        heard, topic = self.heard, message.topic
        if heard.full:
            return
        if not any(covers(wanted, topic) for wanted in self.config.topics):
            heard.outside += 1
            return
        heard.size += len(message.payload) + len(topic)
        if heard.size > self.most or len(heard.messages) >= self.items:
            heard.full = True
            self._tell(self.ended, None)
            return
        heard.messages.append(Message(topic, bytes(message.payload), time.time(), bool(message.retain)))

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        self.heard.broken = not self._left
        self._tell(self.ended, None)


class _Closing(ssl.SSLSocket):
    """Closes itself where the handshake fails: paho leaves it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _library() -> Any:
    try:
        import paho.mqtt.client as mqtt
    except ImportError as error:
        raise MissingExtra("MQTT needs paho-mqtt", hint="pip install 'andon[mqtt]'") from error
    return mqtt


def _gap(error: Exception) -> Unanswered:
    """What went wrong before the broker let us in."""
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or "handshake failed"
        hint = "name the authority that signed it under tls.ca, or a client certificate under tls.cert"
        return Unanswered(f"the TLS connection cannot be trusted ({reason})", hint=hint)
    if isinstance(error, TimeoutError):
        return Unanswered("no connection within the time", hint="check `url`, and whether it is up")
    if isinstance(error, OSError):
        said = f" ({error.strerror})" if error.strerror else ""
        return Unanswered(f"cannot be reached{said}", hint="check `url`, and whether it is up")
    return Unanswered(f"answers, but not as an MQTT broker does ({type(error).__name__})")


def _refusal(reason: Any) -> Unanswered:
    if reason.value in _REFUSED:
        return Unanswered(
            f"does not let us in ({reason})", status=Status.DENIED, hint="check `username` and `password`"
        )
    hint = "state `protocol: 3.1.1`" if reason.value == _OTHER_PROTOCOL else ""
    return Unanswered(f"does not let us in ({reason})", hint=hint)
