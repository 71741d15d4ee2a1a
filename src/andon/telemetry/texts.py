"""Texts as a column: UTF-8 bytes in one buffer, so that millions of them take little more than their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Buffer", "Bytes", "TextBlock", "Texts"]

BLOCK = 16_384
"""Texts that are read at once: enough to hide the cost of a read, few enough to stay in the cache."""

_ERRORS = "surrogatepass"


class Buffer(Protocol):
    """Bytes that stay what they are, in memory or in a file."""

    def read(self, start: int, stop: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Bytes:
    """A buffer in memory."""

    data: bytes

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """Some texts in a row: the first one's number, `data` that holds them all, where each begins in it, its bytes."""

    first: int
    data: bytes
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]

    def joined(self) -> bytes:
        """The bytes of the texts and nothing between them."""
        ends = self.starts + self.lengths
        if len(ends) and bool(np.all(ends[:-1] == self.starts[1:])):
            return self.data[int(self.starts[0]) : int(ends[-1])]
        return b"".join(self.data[a:b] for a, b in zip(self.starts.tolist(), ends.tolist(), strict=True))

    def texts(self) -> list[str]:
        begins, ends = self.starts.tolist(), (self.starts + self.lengths).tolist()
        if self.data.isascii():
            whole = self.data.decode("ascii")
            return [whole[a:b] for a, b in zip(begins, ends, strict=True)]
        data = self.data
        return [data[a:b].decode("utf-8", _ERRORS) for a, b in zip(begins, ends, strict=True)]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Texts(Sequence[str]):
    """n texts: `starts` int64 (n,) and `lengths` int32 (n,) say in bytes where in the buffer each one lies.

    A slice is a view on the same buffer. Iterating reads block by block; so does `blocks`, for work on
    many texts at once.
    """

    buffer: Buffer
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts as they are when they are a column already, else a column of them in memory."""
        if isinstance(texts, Texts):
            return texts
        parts = [text.encode("utf-8", _ERRORS) for text in texts]
        lengths = np.fromiter(map(len, parts), dtype=np.int32, count=len(parts))
        return cls.row(Bytes(b"".join(parts)), lengths)

    @classmethod
    def row(cls, buffer: Buffer, lengths: NDArray[np.int32]) -> Texts:
        """Texts that lie in the buffer one after the other."""
        starts = np.zeros(len(lengths), dtype=np.int64)
        np.cumsum(lengths[:-1], dtype=np.int64, out=starts[1:])
        return cls(buffer, starts, lengths)

    def take(self, rows: NDArray[np.integer]) -> Texts:
        """The texts at these positions, in their order."""
        return Texts(self.buffer, self.starts[rows], self.lengths[rows])

    def compact(self) -> Texts:
        """The same texts in a buffer in memory that holds nothing else."""
        parts = [block.joined() for block in self.blocks()]
        return Texts.row(Bytes(b"".join(parts)), self.lengths)

    def blocks(self, size: int = BLOCK) -> Iterator[TextBlock]:
        """All texts in order, at most `size` at a time."""
        for first in range(0, len(self), size):
            starts, lengths = self.starts[first : first + size], self.lengths[first : first + size]
            low, high, total = int(starts.min()), int((starts + lengths).max()), int(lengths.sum())
            if high - low <= 4 * total + BLOCK:
                yield TextBlock(first, self.buffer.read(low, high), starts - low, lengths)
            else:
                parts = [
                    self.buffer.read(a, a + n) for a, n in zip(starts.tolist(), lengths.tolist(), strict=True)
                ]
                yield TextBlock(first, b"".join(parts), np.cumsum(lengths, dtype=np.int64) - lengths, lengths)

    def holding(self, part: bytes) -> NDArray[np.bool_]:
        """Whether each text holds these bytes (n,); `part` is not empty."""
        found = np.zeros(len(self), dtype=np.bool_)
        pattern = re.compile(b"(?=" + re.escape(part) + b")")
        for block in self.blocks():
            if part in block.data:
                at = np.fromiter((match.start() for match in pattern.finditer(block.data)), dtype=np.int64)
                last = block.starts + block.lengths - len(part)
                first_hit = np.searchsorted(at, block.starts)
                found[block.first : block.first + len(last)] = np.append(at, np.inf)[first_hit] <= last
        return found

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> Texts: ...
    def __getitem__(self, i: int | slice) -> str | Texts:
        if isinstance(i, slice):
            return Texts(self.buffer, self.starts[i], self.lengths[i])
        start = int(self.starts[i])
        return self.buffer.read(start, start + int(self.lengths[i])).decode("utf-8", _ERRORS)

    def __iter__(self) -> Iterator[str]:
        for block in self.blocks():
            yield from block.texts()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"Texts([{shown}{', …' if len(self) > 3 else ''}], n={len(self)})"
