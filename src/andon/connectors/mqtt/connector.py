"""An MQTT broker: the messages that it retains, and those that arrive while a run listens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.mqtt.config import MqttConfig
from andon.connectors.mqtt.decode import DecodedPoint, Decoder
from andon.connectors.mqtt.listening import Heard, listened
from andon.connectors.points import Points
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.errors import ConfigError
from andon.telemetry import MetricSeries, Result, Status

__all__ = ["MqttConnector"]

_FOR_RETAINED = 1.0
"""Seconds in which a broker has sent what it retains; that alone can lie in a window that is over."""
_SKEW = 5.0
"""Seconds by which a time may lie in the future before the clocks are said to differ."""


@dataclass(frozen=True, slots=True)
class _Read:
    heard: Heard
    points: list[DecodedPoint]
    gaps: dict[str, int]


class MqttConnector(Connector):
    """Listens for some seconds; what came before is not to be had from a broker, and the result says so."""

    kind = "mqtt"
    title = "MQTT broker"
    signals = (Signal.METRICS,)
    proved = "Mosquitto 2.0 (Debian)"
    Config: ClassVar[type[ConnectorConfig]] = MqttConfig
    config: MqttConfig

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading = Reading(self.name)
        points = Points()
        with reading.part():
            live = need.window.end >= time.time() - self.config.listen
            read = self._read(self.config.listen if live else min(_FOR_RETAINED, self.config.listen))
            self._tell(read, reading)
            for point in read.points:
                if not need.services or point.key.service in need.services:
                    points.add(point.key, point.time, point.value)
        series = points.series(need.window, reading)
        return reading.result(series, sum(len(one.times) for one in series))

    def check(self) -> tuple[Check, ...]:
        try:
            read = self._read(min(_FOR_RETAINED, self.config.listen))
        except (Unanswered, ConfigError) as error:
            return (Check("reach", CheckState.FAILED, error.message, error.hint),)
        reach = Check("reach", CheckState.OK, f"signed in with MQTT {self.config.protocol}")
        history = Check(
            "history", CheckState.OK, "a broker keeps none: only what it retains, and what arrives"
        )
        return (reach, *self._topics(read), history, *_clock(read))

    def _topics(self, read: _Read) -> list[Check]:
        """What came on the topics, and what of it could not be read."""
        hint = "grant the user to subscribe to it"
        checks = [
            Check(topic, CheckState.FAILED, "may not be subscribed to", hint) for topic in read.heard.refused
        ]
        count = len(read.heard.messages)
        found = f"{count} messages in {_FOR_RETAINED:g} s, {len(read.points)} points in them"
        if not count:
            hint = "check `topics`; the broker may also forbid reading them, of which it says nothing"
            checks.append(Check("topics", CheckState.WARNING, "nothing came", hint))
        else:
            checks.append(Check("topics", CheckState.OK, found))
        for gap, times in read.gaps.items():
            checks.append(Check("messages", CheckState.WARNING, f"{times} {gap}", "see `json_topics`"))
        return checks

    def _read(self, seconds: float) -> _Read:
        """What was heard, decoded; listened once in a run."""
        return self.session.once((self.name, "listen", seconds), lambda: self._listen(seconds))

    def _listen(self, seconds: float) -> _Read:
        config, session = self.config, self.session
        left = session.left(self.name, config.limits.bytes)
        password = session.vault.reveal(config.password) if config.password else ""
        most = max(1, min(left, config.limits.answer_bytes))
        seconds = min(seconds, 0.8 * session.remaining())
        heard = session.run(listened(config, password, seconds, most, config.limits.items))
        session.spend(self.name, heard.size)
        decoder = Decoder(config.json_topics)
        points = [
            point
            for message in list(heard.messages)
            for point in decoder.decode(message.topic, message.payload, message.arrived)
        ]
        return _Read(heard, points, {gap: count for gap, count in decoder.gaps.items() if count})

    def _tell(self, read: _Read, reading: Reading) -> None:
        """Notes what came, and what is known to be missing."""
        heard, topics = read.heard, ", ".join(self.config.topics)
        if len(heard.refused) < len(self.config.topics):
            reading.fetched(f"SUBSCRIBE {topics}", items=len(heard.messages), size=heard.size)
            hint = "`andon receive` keeps what a recorder sends it"
            reading.lacking(
                Status.PARTIAL, "a broker keeps no history: what it retains, and what came now", hint=hint
            )
        for topic in heard.refused:
            hint = "grant the user to subscribe to it"
            reading.lacking(Status.DENIED, "may not be subscribed to", place=topic, hint=hint)
        if heard.full:
            hint = "subscribe to fewer `topics`, or raise limits.items and limits.answer_bytes"
            reading.lacking(Status.TRUNCATED, "more came than the limits allow", hint=hint)
        if heard.broken:
            reading.lacking(Status.PARTIAL, "broke off the connection while we listened")
        for gap, count in read.gaps.items():
            reading.lacking(Status.PARTIAL, f"{count:,} {gap}")


def _clock(read: _Read) -> list[Check]:
    """How far the newest time lies in the future."""
    if not read.points:
        return []
    ahead = max(point.time for point in read.points) - max(message.arrived for message in read.heard.messages)
    if ahead > _SKEW:
        hint = "set the clocks of the senders by NTP; onsets would be ordered wrongly"
        return [
            Check("clock", CheckState.WARNING, f"times of messages lie {ahead:.0f} s in the future", hint)
        ]
    return [Check("clock", CheckState.OK, "no time lies in the future")]
