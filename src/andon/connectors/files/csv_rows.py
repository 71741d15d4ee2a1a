"""The rows of a CSV file one by one, or, where a stretch of it is plain numbers, as a matrix at once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

__all__ = ["CsvRows", "NumberBlock", "delimiter_of"]

CSV_FIELD_LIMIT = 1 << 24
_OF_NUMBERS = b"0123456789.,-+eE \r"

Batch = tuple[int, list[bytes]]
Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class NumberBlock:
    """n rows from line `first` on: the first cell of each as text, the others float64 (n, width - 1), NaN where empty."""

    first: int
    heads: list[str]
    numbers: NDArray[np.float64]


class CsvRows(Iterator[Row]):
    """Line number and cells of each row; the delimiter (`,` `;` tab `|`) is read off the first line.

    `batches` are lines with the number of the first; `text` decodes one; `problem` is told what is wrong.
    """

    def __init__(
        self, batches: Iterator[Batch], text: Callable[[bytes, int], str], problem: Callable[..., None]
    ) -> None:
        self._batches = batches
        self._text = text
        self._problem = problem
        self._first, self._lines = next(batches, (1, []))
        self._at = 0
        csv.field_size_limit(CSV_FIELD_LIMIT)
        self._delimiter = delimiter_of(self._lines[0].decode("utf-8", "replace") if self._lines else "")
        self._reader = csv.reader(self._texts(), delimiter=self._delimiter)

    def __next__(self) -> Row:
        while True:
            try:
                row = next(self._reader)
            except csv.Error as error:
                self._problem(f"row is not valid CSV ({error})", line=self._first + self._at - 1)
                continue
            if row:
                return self._first + self._at - 1, row

    def blocks(self, width: int) -> Iterator[NumberBlock | Row]:
        """All further rows: those of a stretch of lines in which every cell but the first is a number as one block."""
        while self._more():
            block = _block(self._first + self._at, self._lines[self._at :], width, self._delimiter.encode())
            if block is not None:
                self._at = len(self._lines)
                yield block
                continue
            first = self._first
            while self._first == first and self._at < len(self._lines):
                row = next(self, None)
                if row is None:
                    return
                yield row

    def _more(self) -> bool:
        while self._at >= len(self._lines):
            batch = next(self._batches, None)
            if batch is None:
                return False
            (self._first, self._lines), self._at = batch, 0
        return True

    def _texts(self) -> Iterator[str]:
        while self._more():
            text = self._text(self._lines[self._at], self._first + self._at)
            self._at += 1
            yield text.replace("\0", "") + "\n" if "\0" in text else text + "\n"


def delimiter_of(line: str) -> str:
    """The most frequent of the usual delimiters."""
    return max(",;\t|", key=line.count)


def _block(first: int, lines: list[bytes], width: int, delimiter: bytes) -> NumberBlock | None:
    """The lines as a block, None when any of them is not what a block holds."""
    if width < 2 or {line.count(delimiter) for line in lines} != {width - 1}:
        return None
    heads, tails = zip(*(line.split(delimiter, 1) for line in lines), strict=True)
    joined = b"[" + delimiter.join(tails) + b"]"
    if delimiter != b",":
        if b"," in joined:
            return None
        joined = joined.replace(delimiter, b",")
    if joined[1:-1].translate(None, _OF_NUMBERS) or any(b'"' in head or b"\0" in head for head in heads):
        return None
    for empty, null in ((b",,", b",null,"), (b",,", b",null,"), (b"[,", b"[null,"), (b",]", b",null]")):
        joined = joined.replace(empty, null)
    try:
        numbers = np.array(orjson.loads(joined), dtype=np.float64)
        texts = [head.decode() for head in heads]
    except ValueError:
        return None
    return NumberBlock(first, texts, numbers.reshape(len(lines), width - 1))
