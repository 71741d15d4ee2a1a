"""Many ISO 8601 times at once, as loggers write them: `2026-06-19T10:25:00.123Z` and its likes.

What is read here reads as `datetime.fromisoformat` would: date and time with all their digits, a
fraction of any length of which six digits count, and `Z`, `+02:00`, `+0200` or no zone. The rest is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["IsoTimes", "read_iso"]

_LONGEST = 40
_TAIL = 7
"""Letters that a zone may take (`+02:00`), and the end of the text after it."""
_PLACES = {
    "year": (0, 4),
    "month": (5, 2),
    "day": (8, 2),
    "hour": (11, 2),
    "minute": (14, 2),
    "second": (17, 2),
}
_SEPARATORS = {4: ord("-"), 7: ord("-"), 13: ord(":"), 16: ord(":")}
_YEARS = (1970, 2199)
"""Microseconds of these years are exact as floats."""
_FIRST_DAYS = (
    np.arange((_YEARS[1] - 1969) * 12 + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
)
"""The days since 1970 at which each month begins."""

Letters = NDArray[np.uint8]
"""A text a column, a place in it a row."""
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class IsoTimes:
    """`seconds` float64 (n,) as if in UTC where `read` and not `zoned`; what is not `read` was not understood."""

    seconds: NDArray[np.float64]
    read: Bools
    zoned: Bools


def read_iso(texts: Sequence[str]) -> IsoTimes | None:
    """The times of n texts; None when they are no plain short ASCII texts, so that nothing can be told."""
    try:
        packed = np.array(texts, dtype=np.bytes_)
    except UnicodeEncodeError:
        return None
    width = packed.dtype.itemsize
    if not len(packed) or not 19 <= width <= _LONGEST:
        return None
    letters = np.zeros((width + _TAIL, len(packed)), dtype=np.uint8)
    letters[:width] = packed.view(np.uint8).reshape(len(packed), width).T
    if np.count_nonzero(letters) != sum(map(len, texts)):
        return None
    read = (letters[10] == ord("T")) | (letters[10] == ord(" "))
    for place, separator in _SEPARATORS.items():
        read &= letters[place] == separator
    numbers = {name: _number(letters, *at, read) for name, at in _PLACES.items()}
    days = _days(numbers["year"], numbers["month"], numbers["day"], read)
    read &= (numbers["hour"] < 24) & (numbers["minute"] < 60) & (numbers["second"] < 60)
    micros, ends = _fraction(letters, read)
    offset, zoned = _offset(letters, ends, read)
    clock = numbers["hour"] * 3600 + numbers["minute"] * 60 + numbers["second"]
    seconds = ((days * 86_400 + clock - offset) * 1_000_000 + micros) / 1e6
    return IsoTimes(np.where(read, seconds, np.nan), read, zoned)


def _number(letters: Letters, start: int, digits: int, read: Bools) -> Ints:
    """The number in these rows; clears `read` where there is none."""
    total = np.zeros(letters.shape[1], dtype=np.int32)
    for row in letters[start : start + digits]:
        digit = row - np.uint8(48)
        read &= digit < 10
        total *= 10
        total += digit
    return total.astype(np.int64)


def _days(year: Ints, month: Ints, day: Ints, read: Bools) -> Ints:
    """Days since 1970; clears `read` where the calendar has no such day."""
    read &= (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(read, (year - 1970) * 12 + month - 1, 0)
    first = _FIRST_DAYS[months]
    read &= first + day <= _FIRST_DAYS[months + 1]
    return np.asarray(first + day - 1, dtype=np.int64)


def _fraction(letters: Letters, read: Bools) -> tuple[Ints, Ints]:
    """Microseconds, and the row after the fraction, which may be absent."""
    pointed = (letters[19] == ord(".")) | (letters[19] == ord(","))
    micros = np.zeros(letters.shape[1], dtype=np.int64)
    ends = np.where(pointed, 20, 19)
    running = pointed
    for place in range(20, len(letters) - _TAIL):
        digit = letters[place] - np.uint8(48)
        running = running & (digit < 10)
        if not running.any():
            break
        ends += running
        if place < 26:
            micros += (digit * running).astype(np.int64) * 10 ** (25 - place)
    read &= ~pointed | (ends > 20)
    return micros, ends


def _offset(letters: Letters, ends: Ints, read: Bools) -> tuple[Ints, Bools]:
    """Seconds east of UTC, and where a zone is written; clears `read` where something else is."""
    if (ends == ends[0]).all():
        tail = letters[ends[0] : ends[0] + _TAIL]
    else:
        tail = np.take_along_axis(letters, ends + np.arange(_TAIL)[:, None], axis=0)
    offset = np.zeros(len(ends), dtype=np.int64)
    bare = tail[0] == 0
    good = bare | ((tail[0] == ord("Z")) & (tail[1] == 0))
    if good.all():
        return offset, ~bare
    signed = np.flatnonzero((tail[0] == ord("+")) | (tail[0] == ord("-")))
    tail = tail[:, signed]
    for minutes_at in (4, 3):
        fits = tail[minutes_at + 2] == 0
        if minutes_at == 4:
            fits &= tail[3] == ord(":")
        hours, minutes = _number(tail, 1, 2, fits), _number(tail, minutes_at, 2, fits)
        fits &= (hours < 24) & (minutes < 60)
        sign = np.where(tail[0] == ord("-"), -1, 1)
        offset[signed[fits]] = (sign * (hours * 3600 + minutes * 60))[fits]
        good[signed[fits]] = True
    read &= good
    return offset, ~bare
