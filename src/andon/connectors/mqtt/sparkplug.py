"""Sparkplug B: topics, and payloads in protobuf (Eclipse Sparkplug specification 3.0, chapters 4 to 6).

Field numbers and data types are those that the specification prints. Only what is needed of metrics is read: data sets,
templates and files are no points.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from andon.connectors.mqtt.protobuf_fields import Malformed, fields_of, number_of

__all__ = ["Payload", "SparkplugMetric", "SparkplugTopic", "Verb", "payload_of", "topic_of"]

NAMESPACE = "spBv1.0"
CERTIFICATES = "$sparkplug/certificates/"
"""Where a Sparkplug-aware broker retains the last births."""
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8, Int16, Int32, Int64: two's complement in fields that are not signed."""
_UNSIGNED = frozenset({5, 6, 7, 8})
_FLOAT, _DOUBLE, _BOOLEAN, _STRING = 9, 10, 11, 12
_UNIT = "engUnit"


class Verb(StrEnum):
    """Types of messages that an edge node or its device sends."""

    NBIRTH = "NBIRTH"
    NDATA = "NDATA"
    NDEATH = "NDEATH"
    DBIRTH = "DBIRTH"
    DDATA = "DDATA"
    DDEATH = "DDEATH"

    @property
    def birth(self) -> bool:
        return self in (Verb.NBIRTH, Verb.DBIRTH)

    @property
    def death(self) -> bool:
        return self in (Verb.NDEATH, Verb.DDEATH)


@dataclass(frozen=True, slots=True)
class SparkplugTopic:
    """`spBv1.0/group/verb/node[/device]`; `retained` where the broker keeps it as a certificate."""

    group: str
    verb: Verb
    node: str
    device: str = ""
    retained: bool = False


@dataclass(frozen=True, slots=True)
class SparkplugMetric:
    """One metric: `value` is a number, or None for null, text and all that is no number (`text`)."""

    name: str = ""
    alias: int | None = None
    time_ms: int = 0
    datatype: int = 0
    historical: bool = False
    null: bool = False
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """One message; `seq` is 0 to 255, None where it has none. `malformed` metrics were left out."""

    time_ms: int
    seq: int | None
    metrics: tuple[SparkplugMetric, ...]
    malformed: int = 0


def topic_of(topic: str) -> SparkplugTopic | None:
    """The parts of a topic, None where it is none of births, data and deaths."""
    retained = topic.startswith(CERTIFICATES)
    parts = topic.removeprefix(CERTIFICATES).split("/")
    if len(parts) not in (4, 5) or parts[0] != NAMESPACE or parts[2] not in Verb.__members__:
        return None
    verb, device = Verb(parts[2]), parts[4] if len(parts) == 5 else ""
    if verb.startswith("D") != bool(device) or not parts[1] or not parts[3]:
        return None
    return SparkplugTopic(parts[1], verb, parts[3], device, retained)


def payload_of(data: bytes) -> Payload:
    """The message in a payload. Raises Malformed when it is no protobuf message."""
    time_ms, seq, malformed = 0, None, 0
    metrics: list[SparkplugMetric] = []
    for number, value in fields_of(data):
        if number == 1 and isinstance(value, int):
            time_ms = value
        elif number == 3 and isinstance(value, int):
            seq = value
        elif number == 2 and isinstance(value, bytes):
            try:
                metrics.append(_metric(value))
            except Malformed:
                malformed += 1
    return Payload(time_ms, seq, tuple(metrics), malformed)


def _metric(data: bytes) -> SparkplugMetric:
    found: dict[str, Any] = {}
    raw: dict[int, int | bytes] = {}
    for number, value in fields_of(data):
        match number, value:
            case 1, bytes():
                found["name"] = value.decode("utf-8", "replace")
            case 2, int():
                found["alias"] = value
            case 3, int():
                found["time_ms"] = value
            case 4, int():
                found["datatype"] = value
            case 5, int():
                found["historical"] = bool(value)
            case 7, int():
                found["null"] = bool(value)
            case 9, bytes():
                found["unit"] = _unit(value)
            case ((10 | 11 | 12 | 13 | 14), _):
                raw[number] = value
    return SparkplugMetric(**found, value=_value(raw, found.get("datatype", 0)))


def _value(raw: dict[int, int | bytes], datatype: int) -> float | None:
    """The number in one of the value fields; the type decides where it is known, else the field does."""
    for field, value in raw.items():
        if field in (12, 13) and isinstance(value, bytes):
            return number_of(value)
        if field == 14 and isinstance(value, int):
            return float(bool(value))
        if field in (10, 11) and isinstance(value, int):
            return _integer(value, datatype, 32 if field == 10 else 64)
    return None


def _integer(value: int, datatype: int, bits: int) -> float | None:
    """Two's complement where the type is signed; some senders fill all bits of the field, some only the type's."""
    if datatype in _SIGNED_BITS:
        bits = _SIGNED_BITS[datatype]
        value &= (1 << bits) - 1
        return float(value - (1 << bits) if value >> (bits - 1) else value)
    if datatype == _BOOLEAN:
        return float(bool(value))
    return float(value) if datatype in _UNSIGNED or not datatype else None


def typed(metric: SparkplugMetric, datatype: int) -> float | None:
    """The value of a metric whose data message left its type out, by the type that its birth stated."""
    if (
        metric.datatype
        or metric.value is None
        or metric.value != metric.value
        or datatype not in _SIGNED_BITS
    ):
        return metric.value
    return _integer(int(metric.value), datatype, 64) if metric.value == int(metric.value) else metric.value


def _unit(properties: bytes) -> str:
    """The text of the property `engUnit` in a property set (keys and values in the same order)."""
    keys: list[str] = []
    values: list[str] = []
    for number, value in fields_of(properties):
        if number == 1 and isinstance(value, bytes):
            keys.append(value.decode("utf-8", "replace"))
        elif number == 2 and isinstance(value, bytes):
            text = next((v for n, v in fields_of(value) if n == 8 and isinstance(v, bytes)), b"")
            values.append(text.decode("utf-8", "replace"))
    return next((value for key, value in zip(keys, values, strict=False) if key == _UNIT), "")
