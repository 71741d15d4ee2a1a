"""Frames: how one export request lies in a segment file, and how a file of them is walked.

A frame is a header of 52 bytes and the request as gzip. The header carries two checksums, of itself and
of what follows, so that a reader can step over requests outside its window without reading them, and
finds the next whole frame behind damaged bytes.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

__all__ = [
    "HEADER_BYTES",
    "Form",
    "Frame",
    "Header",
    "Kind",
    "Overlong",
    "damage",
    "pack",
    "payload",
    "unpack",
    "walk",
]

_MAGIC = b"ANd1"
_FIELDS = struct.Struct("<4sBBHIIIIddd")
"""Magic, kind, form, nothing, bytes, bytes unpacked, items, checksum of the payload, first, last, received."""
_SUM = struct.Struct("<I")
HEADER_BYTES = _FIELDS.size + _SUM.size
_SEARCHED = 1 << 20


class Kind(IntEnum):
    """What a request carries."""

    METRICS = 1
    LOGS = 2
    TRACES = 3
    CHANGES = 4


class Form(IntEnum):
    """How a request is written: the binary form of OTLP, or JSON."""

    PROTOBUF = 1
    JSON = 2


class Overlong(Exception):
    """More bytes than may be unpacked."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a request without reading it.

    `size` are the bytes that follow, `unpacked` what they unpack to; `first` and `last` the earliest and
    latest moment of its `items` (Unix seconds), `received` when it arrived.
    """

    kind: Kind
    form: Form
    size: int
    unpacked: int
    items: int
    checksum: int
    first: float
    last: float
    received: float

    @property
    def whole(self) -> int:
        """Bytes of header and payload together."""
        return HEADER_BYTES + self.size


@dataclass(frozen=True, slots=True)
class Frame:
    """A request that is to be written: its header, and the request as gzip."""

    header: Header
    packed: bytes

    @classmethod
    def of(
        cls,
        kind: Kind,
        form: Form,
        packed: bytes,
        *,
        unpacked: int,
        items: int,
        moments: tuple[float, float],
        received: float,
    ) -> Frame:
        """The frame of a packed request; `moments` are its earliest and its latest."""
        checksum = zlib.crc32(packed)
        return cls(Header(kind, form, len(packed), unpacked, items, checksum, *moments, received), packed)

    def head(self) -> bytes:
        """The header as it is written before `packed`."""
        h = self.header
        fields = _FIELDS.pack(
            _MAGIC, h.kind, h.form, 0, h.size, h.unpacked, h.items, h.checksum, h.first, h.last, h.received
        )
        return fields + _SUM.pack(zlib.crc32(fields))


def walk(file: int, start: int = 0) -> Iterator[tuple[int, Header]]:
    """Offset and header of each whole frame of an open file; damaged bytes in between are stepped over.

    Ends where the file ends, or where the last frame is cut short. Payloads are not looked at.
    """
    end, offset = os.fstat(file).st_size, start
    while offset + HEADER_BYTES <= end:
        header = _header(os.pread(file, HEADER_BYTES, offset))
        if header is None:
            offset = _next_frame(file, offset + 1, end)
        elif offset + header.whole > end:
            # A frame that is being written looks like this, and so does one behind which bytes were lost.
            return
        else:
            yield offset, header
            offset += header.whole


def payload(file: int, offset: int, header: Header) -> bytes | None:
    """The unpacked request of the frame at this offset; None when it is damaged."""
    packed = os.pread(file, header.size, offset + HEADER_BYTES)
    if len(packed) != header.size or zlib.crc32(packed) != header.checksum:
        return None
    try:
        return unpack(packed, header.unpacked)
    except (Overlong, zlib.error):
        return None


def pack(plain: bytes) -> bytes:
    """As gzip, quickly rather than tightly."""
    return zlib.compress(plain, 1, 31)


def unpack(packed: bytes, limit: int) -> bytes:
    """What gzip unpacks to. Raises Overlong beyond `limit` bytes, zlib.error where it is damaged or cut off."""
    parts: list[bytes] = []
    left = limit
    while packed:
        unpacker = zlib.decompressobj(wbits=31)
        parts.append(unpacker.decompress(packed, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise Overlong
        if not unpacker.eof:
            raise zlib.error("cut off")
        packed = unpacker.unused_data
    return b"".join(parts)


def damage(file: int) -> tuple[int, int]:
    """Where the last undamaged frame of a file ends, and how many frames are damaged; reads all payloads."""
    end = damaged = 0
    for offset, header in walk(file):
        packed = os.pread(file, header.size, offset + HEADER_BYTES)
        if zlib.crc32(packed) == header.checksum:
            end = offset + header.whole
        else:
            damaged += 1
    return end, damaged


def _header(raw: bytes) -> Header | None:
    if len(raw) < HEADER_BYTES or raw[:4] != _MAGIC:
        return None
    fields = raw[: _FIELDS.size]
    if _SUM.unpack(raw[_FIELDS.size :])[0] != zlib.crc32(fields):
        return None
    _, kind, form, _, size, unpacked, items, checksum, first, last, received = _FIELDS.unpack(fields)
    try:
        return Header(Kind(kind), Form(form), size, unpacked, items, checksum, first, last, received)
    except ValueError:
        return None


def _next_frame(file: int, offset: int, end: int) -> int:
    """Where the next header that is whole begins, or the end."""
    while offset < end:
        part = os.pread(file, _SEARCHED, offset)
        if len(part) < HEADER_BYTES:
            return end
        at = part.find(_MAGIC)
        while at >= 0:
            if _header(os.pread(file, HEADER_BYTES, offset + at)) is not None:
                return offset + at
            at = part.find(_MAGIC, at + 1)
        offset += len(part) - len(_MAGIC) + 1
    return end
