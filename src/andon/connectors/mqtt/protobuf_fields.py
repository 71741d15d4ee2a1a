"""The fields of one protobuf message, without knowing its type (protocol buffers, "Encoding")."""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["Malformed", "fields_of", "number_of"]

_LONGEST_VARINT = 10
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """These bytes are no protobuf message."""


def fields_of(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field in order: varints as they are, all else as bytes. Raises Malformed.

    Fixed fields of 4 and 8 bytes are told apart from texts by who reads them: they know their fields.
    """
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if not number:
            raise Malformed("a field without a number")
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in (_FIXED32, _FIXED64):
            size = 4 if wire == _FIXED32 else 8
        else:
            raise Malformed(f"wire type {wire}")
        if at + size > len(data):
            raise Malformed("cut off")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for i in range(at, min(at + _LONGEST_VARINT, len(data))):
        value |= (data[i] & 0x7F) << shift
        if data[i] < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, i + 1
        shift += 7
    raise Malformed("a number without an end")


def number_of(data: bytes) -> float:
    """The float (4 bytes) or double (8 bytes) in little-endian order. Raises Malformed."""
    if len(data) not in (4, 8):
        raise Malformed(f"a number of {len(data)} bytes")
    found: float = struct.unpack("<f" if len(data) == 4 else "<d", data)[0]
    return found
