"""From topic and payload to points, message by message: Sparkplug B with its births and aliases, and JSON.

Holds what one message says about later ones, so the messages of a broker go through one decoder in their order. Used for
what is heard live, and for what a recorder kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from andon.connectors.files.times import TimeParser
from andon.connectors.mqtt.config import JsonTopic
from andon.connectors.mqtt.json_payloads import JsonReader
from andon.connectors.mqtt.protobuf_fields import Malformed
from andon.connectors.mqtt.sparkplug import (
    Payload,
    SparkplugMetric,
    SparkplugTopic,
    Verb,
    payload_of,
    topic_of,
    typed,
)
from andon.connectors.points import SeriesKey

__all__ = ["ONLINE", "DecodedPoint", "Decoder"]

ONLINE = "online"
"""The metric that is 1 from a birth on and 0 from a death on."""
_SEQUENCE = 256
_BD_SEQ = "bdSeq"
_CONTROL = ("Node Control/", "Device Control/")
"""What a host may command; no measurement."""


@dataclass(frozen=True, slots=True)
class DecodedPoint:
    """One value at one time (Unix seconds); NaN where the sender stated null. `historical`: sent later than it was taken."""

    key: SeriesKey
    time: float
    value: float
    historical: bool = False


@dataclass(slots=True)
class _Session:
    """What is known of an edge node since its birth."""

    next_seq: int | None = None
    bd_seq: float | None = None
    births: dict[str, dict[int, SparkplugMetric]] = field(default_factory=dict)
    """Device (empty: the node) to alias to the metric as its birth stated it."""
    named: dict[str, dict[str, SparkplugMetric]] = field(default_factory=dict)


class Decoder:
    """Decodes messages in the order of their arrival; never raises.

    `gaps` counts what could not be read or is known to be missing, by what it is.
    """

    def __init__(self, json_topics: Iterable[JsonTopic] = ()) -> None:
        self.gaps: Counter[str] = Counter()
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._json: Sequence[JsonReader] = [JsonReader(stated) for stated in json_topics]
        self._times = TimeParser()

    def decode(self, topic: str, payload: bytes, arrived: float) -> list[DecodedPoint]:
        """The points of one message; `arrived` (Unix seconds) is their time where nothing else states one."""
        parts = topic_of(topic)
        if parts is not None:
            try:
                return self._sparkplug(parts, payload_of(payload), arrived)
            except Malformed:
                self.gaps["Sparkplug messages that cannot be decoded"] += 1
                return []
        for reader in self._json:
            points = reader.read(topic, payload, arrived, self.gaps)
            if points is not None:
                return [DecodedPoint(*point) for point in points]
        if not topic.startswith(("spBv1.0/", "$")):
            self.gaps["messages on topics that no template fits"] += 1
        return []

    def _sparkplug(self, topic: SparkplugTopic, payload: Payload, arrived: float) -> list[DecodedPoint]:
        session = self._sessions.setdefault((topic.group, topic.node), _Session())
        if payload.malformed:
            self.gaps["Sparkplug metrics that cannot be decoded"] += payload.malformed
        if not topic.retained:
            self._count_lost(topic, payload, session)
        sent = self._time(payload.time_ms, arrived)
        if topic.verb.death:
            return self._death(topic, payload, session, sent)
        if topic.verb.birth:
            self._birth(topic, payload, session)
        points = [DecodedPoint(self._key(topic, ONLINE), sent, 1.0)] if topic.verb.birth else []
        for metric in payload.metrics:
            point = self._point(topic, session, metric, sent)
            points += [point] if point else []
        return points

    def _count_lost(self, topic: SparkplugTopic, payload: Payload, session: _Session) -> None:
        """Counts the messages between the last number and this one; a node's death has none."""
        if topic.verb is Verb.NDEATH or payload.seq is None:
            return
        expected = 0 if topic.verb is Verb.NBIRTH else session.next_seq
        if expected is not None and payload.seq != expected and topic.verb is not Verb.NBIRTH:
            self.gaps[f"messages of {topic.group}/{topic.node} lost between sequence numbers"] += (
                payload.seq - expected
            ) % _SEQUENCE
        session.next_seq = (payload.seq + 1) % _SEQUENCE

    def _birth(self, topic: SparkplugTopic, payload: Payload, session: _Session) -> None:
        if topic.verb is Verb.NBIRTH:
            session.births.clear()
            session.named.clear()
            session.bd_seq = _bd_seq(payload)
        aliases = session.births[topic.device] = {}
        names = session.named[topic.device] = {}
        for metric in payload.metrics:
            names[metric.name] = metric
            if metric.alias is not None:
                aliases[metric.alias] = metric

    def _death(
        self, topic: SparkplugTopic, payload: Payload, session: _Session, sent: float
    ) -> list[DecodedPoint]:
        """A death, unless it is the will of a session that the node has long replaced (its bdSeq is another)."""
        if topic.verb is Verb.NDEATH:
            died = _bd_seq(payload)
            if session.bd_seq is not None and died is not None and died != session.bd_seq:
                return []
            session.next_seq = None
        return [DecodedPoint(self._key(topic, ONLINE), sent, 0.0)]

    def _point(
        self, topic: SparkplugTopic, session: _Session, metric: SparkplugMetric, sent: float
    ) -> DecodedPoint | None:
        born = None
        if metric.name:
            born = session.named.get(topic.device, {}).get(metric.name)
        elif metric.alias is not None:
            born = session.births.get(topic.device, {}).get(metric.alias)
            if born is None:
                self.gaps["Sparkplug metrics whose alias no birth has introduced"] += 1
                return None
        name = metric.name or (born.name if born else "")
        value = typed(metric, born.datatype) if born else metric.value
        if not name or name == _BD_SEQ or name.startswith(_CONTROL) or (value is None and not metric.null):
            return None
        unit = metric.unit or (born.unit if born else "")
        time = self._time(metric.time_ms, sent)
        number = float("nan") if value is None else value
        return DecodedPoint(self._key(topic, name, unit), time, number, metric.historical)

    def _time(self, milliseconds: int, otherwise: float) -> float:
        time = self._times(milliseconds) if milliseconds else otherwise
        return time if time == time else otherwise

    def _key(self, topic: SparkplugTopic, name: str, unit: str = "") -> SeriesKey:
        labels = {"group": topic.group} | ({"node": topic.node} if topic.device else {})
        return SeriesKey.of(name, topic.device or topic.node, unit, labels)


def _bd_seq(payload: Payload) -> float | None:
    return next((metric.value for metric in payload.metrics if metric.name == _BD_SEQ), None)
