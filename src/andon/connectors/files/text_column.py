"""Columns of texts and of attributes while they are gathered: bytes in a spool, and how many belong to each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import orjson
from numpy.typing import NDArray

from andon.connectors.files.spool import Spool
from andon.telemetry import Texts

__all__ = ["AttributeColumn", "Attributes", "TextColumn"]

Order = NDArray[np.intp] | None


class TextColumn:
    """Texts in order of arrival; a column that holds none but empty ones costs nothing."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._lengths: list[NDArray[np.int32]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def filled(self) -> bool:
        """Whether any text has a letter."""
        return self._spool.size > 0

    def extend(self, texts: Sequence[str]) -> None:
        joined = "".join(texts)
        if joined.isascii():
            lengths = np.fromiter(map(len, texts), dtype=np.int32, count=len(texts))
            self._append(joined.encode(), lengths)
        else:
            self.extend_bytes([text.encode("utf-8", "surrogatepass") for text in texts])

    def extend_bytes(self, texts: Sequence[bytes]) -> None:
        self._append(b"".join(texts), np.fromiter(map(len, texts), dtype=np.int32, count=len(texts)))

    def skip(self, count: int) -> None:
        """Appends so many empty texts."""
        if self.filled:
            self._lengths.append(np.zeros(count, dtype=np.int32))
        self._count += count

    def absorb(self, other: TextColumn) -> None:
        if not other.filled:
            self.skip(len(other))
            return
        self._append(other._spool.read(0, other._spool.size), other._all_lengths())

    def _append(self, data: bytes, lengths: NDArray[np.int32]) -> None:
        if not data:
            self.skip(len(lengths))
            return
        if not self.filled and self._count:
            self._lengths.append(np.zeros(self._count, dtype=np.int32))
        self._spool.append(data)
        self._lengths.append(lengths)
        self._count += len(lengths)

    def _all_lengths(self) -> NDArray[np.int32]:
        if not self.filled:
            return np.zeros(self._count, dtype=np.int32)
        self._lengths = [np.concatenate(self._lengths)]
        return self._lengths[0]

    def texts(self, order: Order = None) -> Texts:
        """The texts, arranged where an order is given."""
        texts = Texts.row(self._spool, self._all_lengths())
        return texts if order is None else texts.take(order)


class AttributeColumn:
    """Attributes of records, kept as JSON; an empty mapping is an empty text.

    What orjson refuses (integers beyond 64 bits, deep nesting) the standard library writes and reads.
    """

    def __init__(self) -> None:
        self._packed = TextColumn()

    @property
    def filled(self) -> bool:
        return self._packed.filled

    def extend(self, mappings: Sequence[Mapping[str, Any]]) -> None:
        self._packed.extend_bytes([_packed(mapping) if mapping else b"" for mapping in mappings])

    def skip(self, count: int) -> None:
        """Appends so many empty mappings."""
        self._packed.skip(count)

    def absorb(self, other: AttributeColumn) -> None:
        self._packed.absorb(other._packed)

    def mappings(self, order: Order = None) -> Attributes:
        return Attributes(self._packed.texts(order))


class Attributes(Sequence[Mapping[str, Any]]):
    """Attributes of n records, taken apart when they are asked for; `packed` holds them as they are kept."""

    def __init__(self, packed: Texts) -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed)

    @overload
    def __getitem__(self, i: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, i: slice) -> Attributes: ...
    def __getitem__(self, i: int | slice) -> Mapping[str, Any] | Attributes:
        if isinstance(i, slice):
            return Attributes(self.packed[i])
        packed = self.packed[i]
        return _unpacked(packed) if packed else {}

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (_unpacked(packed) if packed else {} for packed in self.packed)


def _packed(mapping: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(mapping)
    except TypeError:
        return json.dumps(mapping, default=str).encode()


def _unpacked(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any]
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = json.loads(text)
    return found
