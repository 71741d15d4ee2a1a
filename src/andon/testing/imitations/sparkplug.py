"""What a Sparkplug B edge node sends, as bytes, by the field numbers of the specification."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["SentMetric", "sparkplug_payload"]

_INTEGERS = {1: (10, 32), 2: (10, 32), 3: (10, 32), 4: (11, 64), 5: (10, 32), 6: (10, 32), 7: (10, 32), 8: (11, 64)}  # fmt: skip
"""Data type to its value field and that field's bits: Int8 to Int64 are 1 to 4, UInt8 to UInt64 are 5 to 8."""


@dataclass(frozen=True, slots=True)
class SentMetric:
    """One metric; `datatype` as the specification numbers them, 0 leaves it out, as data messages may."""

    value: float | str | None
    name: str = ""
    alias: int | None = None
    datatype: int = 10
    time_ms: int = 0
    unit: str = ""
    historical: bool = False
    states_type: bool = True


def sparkplug_payload(metrics: Iterable[SentMetric], *, time_ms: int, seq: int | None = None) -> bytes:
    """The payload of one message."""
    body = _number(1, time_ms) + b"".join(_bytes(2, _metric(metric)) for metric in metrics)
    return body + (_number(3, seq) if seq is not None else b"")


def _metric(metric: SentMetric) -> bytes:
    parts = [_bytes(1, metric.name.encode())] if metric.name else []
    parts += [_number(2, metric.alias)] if metric.alias is not None else []
    parts += [_number(3, metric.time_ms)] if metric.time_ms else []
    parts += [_number(4, metric.datatype)] if metric.states_type else []
    parts += [_number(5, 1)] if metric.historical else []
    if metric.unit:
        value = _number(1, 12) + _bytes(8, metric.unit.encode())
        parts.append(_bytes(9, _bytes(1, b"engUnit") + _bytes(2, value)))
    return b"".join([*parts, _value(metric)])


def _value(metric: SentMetric) -> bytes:
    value, datatype = metric.value, metric.datatype
    if value is None:
        return _number(7, 1)
    if isinstance(value, str):
        return _bytes(15, value.encode())
    if datatype in _INTEGERS:
        field, bits = _INTEGERS[datatype]
        return _number(field, int(value) & ((1 << bits) - 1))
    if datatype == 9:
        return _varint(12 << 3 | 5) + struct.pack("<f", value)
    if datatype == 11:
        return _number(14, int(value))
    return _varint(13 << 3 | 1) + struct.pack("<d", value)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
