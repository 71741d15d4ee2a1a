"""Numerals in log lines: every run of digits becomes one `0`, every hexadecimal identifier one mark.

All lines are worked on at once, as one array of bytes: that costs little more than reading them, and what comes out
repeats far more often than the lines themselves. It does not know what the numerals mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["IDENTIFIER", "collapse", "restore"]

IDENTIFIER: Final = "\x02"
"""The mark of a hexadecimal identifier; incoming text holds no control characters."""

SHORTEST_IDENTIFIER: Final = 6
"""So many hexadecimal digits, letters among them, are an identifier: shorter ones may be `100d` or `2024B`."""

_DIGIT, _HEX, _LETTER = 1, 2, 4
_DASHES: Final = (8, 13, 18, 23)
_UUID: Final = 36
"""Characters of a UUID in its canonical form (RFC 9562)."""

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def _classes() -> bytes:
    table = bytearray(256)
    for kind, characters in (
        (_LETTER, [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1), *range(128, 256)]),
        (_HEX, b"abcdefABCDEF"),
        (_DIGIT, b"0123456789"),
    ):
        for character in characters:
            table[character] = kind
    return bytes(table)


_CLASSES: Final = _classes()
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")


def collapse(heads: Sequence[str]) -> list[str]:
    """Each line with every run of digits as `0`, and every UUID, `0x` number and long hexadecimal word as IDENTIFIER.

    The lines come from `tokens.head`: they hold neither line breaks nor other control characters.
    """
    if not heads:
        return []
    text = "\n".join(heads).encode("utf-8", "surrogatepass")
    keep, firsts = _reduction(text)
    reduced = np.frombuffer(text.translate(_ZEROS), dtype=np.uint8)
    if len(firsts):
        reduced = reduced.copy()
        reduced[firsts] = ord(IDENTIFIER)
    return reduced[keep].tobytes().decode("utf-8", "surrogatepass").split("\n")


def restore(heads: Sequence[str]) -> list[list[str]]:
    """For each line, what stands for each `0` and IDENTIFIER of its collapsed form, in order."""
    text = "\n".join(heads).encode("utf-8", "surrogatepass")
    found: list[list[str]] = [[] for _ in heads]
    if not text:
        return found
    keep, firsts = _reduction(text)
    data = np.frombuffer(text, dtype=np.uint8)
    numeral = (data >= ord("0")) & (data <= ord("9"))
    numeral[firsts] = True
    starts = np.flatnonzero(keep)
    ends = np.append(starts[1:], len(text))
    wanted = numeral[starts]
    lines = np.cumsum(data == ord("\n"))[starts]
    for line, start, end in np.column_stack((lines, starts, ends))[wanted].tolist():
        found[line].append(text[start:end].decode("ascii"))
    return found


def _reduction(text: bytes) -> tuple[Flags, Places]:
    """Which bytes remain, and which of these stand for an identifier."""
    data = np.frombuffer(text, dtype=np.uint8)
    kinds = np.frombuffer(bytearray(text.translate(_CLASSES)), dtype=np.uint8)
    digits = kinds == _DIGIT
    keep = np.ones(len(data), dtype=np.bool_)
    np.logical_and(digits[1:], digits[:-1], out=keep[1:])
    np.logical_not(keep[1:], out=keep[1:])
    firsts, ends = _identifiers(data, kinds)
    if len(firsts):
        keep[_within(firsts, ends)] = False
        keep[firsts] = True
    return keep, firsts


def _identifiers(data: Bytes, kinds: Bytes) -> tuple[Places, Places]:
    """Where identifiers begin and end; `kinds` is changed on the way."""
    prefixes = np.flatnonzero((data[1:] == ord("x")) & (data[:-1] == ord("0"))) + 1
    prefixes = prefixes[(prefixes < 2) | (kinds[prefixes - 2] == 0)]
    kinds[prefixes] = _HEX
    mixed = np.flatnonzero((kinds[1:] | kinds[:-1]) == _DIGIT | _HEX)
    if not len(mixed):
        return mixed, mixed
    gaps = np.concatenate(([-1], np.flatnonzero(kinds == 0), [len(data)]))
    words = np.searchsorted(gaps, mixed)
    words = words[np.flatnonzero(np.diff(words, prepend=0))]
    firsts, ends = gaps[words - 1] + 1, gaps[words]
    bounds = np.column_stack((firsts, ends)).ravel()
    pure = np.bitwise_or.reduceat(np.append(kinds, np.uint8(0)), bounds)[::2] == _DIGIT | _HEX
    firsts, ends = firsts[pure], ends[pure]
    prefixed = data[firsts + 1] == ord("x")
    letter_inside = kinds[ends - 1] == _DIGIT
    letter_inside |= kinds[ends - 2] == _HEX
    wanted = prefixed & (ends - firsts > 2) | (ends - firsts >= SHORTEST_IDENTIFIER) & letter_inside
    return _with_uuids(data, kinds, firsts[wanted], ends[wanted])


def _with_uuids(data: Bytes, kinds: Bytes, firsts: Places, ends: Places) -> tuple[Places, Places]:
    if len(data) < _UUID:
        return firsts, ends
    dashes = data == ord("-")
    span = len(data) - _UUID + 1
    found = dashes[_DASHES[0] : _DASHES[0] + span].copy()
    for place in _DASHES[1:]:
        found &= dashes[place : place + span]
    starts = np.flatnonzero(found)
    if not len(starts):
        return firsts, ends
    within = starts[:, None] + np.arange(_UUID)
    hexadecimal = (kinds[within] == _DIGIT) | (kinds[within] == _HEX)
    hexadecimal[:, list(_DASHES)] = True
    free = np.ones(len(starts), dtype=np.bool_)
    free[starts > 0] = kinds[starts[starts > 0] - 1] == 0
    after = starts + _UUID < len(data)
    free[after] &= kinds[starts[after] + _UUID] == 0
    starts = starts[hexadecimal.all(axis=1) & free]
    apart = np.ones(len(firsts), dtype=np.bool_)
    if len(starts):
        owner = np.searchsorted(starts, firsts, side="right") - 1
        apart = (owner < 0) | (firsts >= starts[owner] + _UUID)
    firsts = np.concatenate((firsts[apart], starts))
    ends = np.concatenate((ends[apart], starts + _UUID))
    order = np.argsort(firsts)
    return firsts[order], ends[order]


def _within(firsts: Places, ends: Places) -> Places:
    """Every place from each first up to its end."""
    lengths = ends - firsts
    offsets = np.cumsum(lengths) - lengths
    places: Places = np.arange(lengths.sum()) + np.repeat(firsts - offsets, lengths)
    return places
