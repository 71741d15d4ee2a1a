"""Reading times as people and programs write them.

Understood: ISO 8601 with or without zone (`T` or blank, point or comma before the fraction, `/` in
the date), epoch seconds, milli-, micro- and nanoseconds (told apart by their size), Apache
(`19/Jun/2026:10:25:00 +0000`), `Fri Jun 19 10:25:00 2026`, RFC 5322, and syslog without a year.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from andon.connectors.files.iso_times import read_iso

__all__ = ["TimeParser", "zone_named"]

MONTHS = {name: i + 1 for i, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}
_APACHE = re.compile(
    r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?([+-]\d{4}|Z))?$"
)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (\d{4}))?$")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)$")
_SECONDS_END, _MILLIS_END, _MICROS_END = 1e11, 1e14, 1e17
_LARGEST = 253402300800.0  # the year 10000


def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name (`Europe/Berlin`), `UTC` or an offset (`+02:00`); ValueError otherwise."""
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    if offset := _OFFSET.match(name):
        sign, hours, minutes = offset.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


class TimeParser:
    """Turns written times into Unix seconds; NaN where it cannot.

    `zone` is what the user stated for times without one (None: nobody said, read as UTC and counted
    in `naive`); `reference` is a Unix time near which a time without a year is placed (counted in
    `yearless`). `zoned` counts the texts that carried their own zone.
    """

    def __init__(self, zone: tzinfo | None = None, reference: float = 0.0) -> None:
        self.stated = zone is not None
        self.zone = zone or UTC
        self.reference = reference
        self.naive = 0
        self.zoned = 0
        self.yearless = 0

    def anew(self) -> TimeParser:
        """One that reads the same and has counted nothing."""
        return TimeParser(self.zone if self.stated else None, self.reference)

    def absorb(self, other: TimeParser) -> None:
        """Adds what another counted."""
        self.naive += other.naive
        self.zoned += other.zoned
        self.yearless += other.yearless

    def __call__(self, value: object) -> float:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _epoch(value)
        return math.nan

    def text(self, text: str) -> float:
        """Unix seconds of one text."""
        try:
            moment = datetime.fromisoformat(text)
            # A run of digits is an epoch, though it may also read as a compact date.
            if len(text) > 8 and not text.isdigit():
                return self._unix(moment)
        except ValueError:
            pass
        try:
            return self._other(text.strip())
        except (ValueError, OverflowError, TypeError, IndexError):
            return math.nan

    def column(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Unix seconds of n texts, float64 (n,); the same as `text` gives for each."""
        found = read_iso(texts)
        if found is None or (self.zone is not UTC and not found.zoned.all()):
            return np.fromiter(map(self.text, texts), dtype=np.float64, count=len(texts))
        zoned = int((found.read & found.zoned).sum())
        self.zoned += zoned
        self.naive += int(found.read.sum()) - zoned
        for i in np.flatnonzero(~found.read).tolist():
            found.seconds[i] = self.text(texts[i])
        return found.seconds

    def _unix(self, moment: datetime) -> float:
        if moment.tzinfo is None:
            self.naive += 1
            moment = moment.replace(tzinfo=self.zone)
        else:
            self.zoned += 1
        try:
            return moment.timestamp()
        except (OverflowError, ValueError):
            return math.nan

    def _other(self, text: str) -> float:
        if _NUMBER.match(text):
            return _epoch(float(text))
        if match := _APACHE.match(text):
            day, month, year, hour, minute, second, fraction, offset = match.groups()
            moment = datetime(  # noqa: DTZ001
                int(year), MONTHS[month], int(day), int(hour), int(minute), int(second)
            )
            if offset:
                moment = moment.replace(tzinfo=zone_named(offset))
            return self._unix(moment) + _fraction(fraction)
        words = text.split(" ", 1)
        if len(words) == 2 and words[0][:3] in {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}:
            if words[0].endswith(","):
                return self._unix(parsedate_to_datetime(text))
            text = words[1].lstrip()
        if match := _SYSLOG.match(_year_last(text)):
            return self._syslog(*match.groups())
        return self._loose_iso(text)

    def _syslog(
        self,
        month: str,
        day: str,
        hour: str,
        minute: str,
        second: str,
        fraction: str | None,
        year: str | None,
    ) -> float:
        if month not in MONTHS:
            return math.nan
        clock = (MONTHS[month], int(day), int(hour), int(minute), int(second))
        if year:
            return self._unix(datetime(int(year), *clock)) + _fraction(fraction)  # noqa: DTZ001
        self.yearless += 1
        self.naive += 1
        near = datetime.fromtimestamp(self.reference, UTC).year
        candidates = []
        for guess in (near - 1, near, near + 1):
            try:
                candidates.append(datetime(guess, *clock, tzinfo=self.zone).timestamp())
            except (ValueError, OverflowError):
                continue
        if not candidates:
            return math.nan
        return min(candidates, key=lambda time: abs(time - self.reference)) + _fraction(fraction)

    def _loose_iso(self, text: str) -> float:
        for ending in (" UTC", " GMT"):
            if text.endswith(ending):
                text = text.removesuffix(ending) + "+00:00"
        text = re.sub(r" ([+-]\d\d:?\d\d)$", r"\1", text)
        if len(text) > 8 and text[4:5] == "/" and text[7:8] == "/":
            text = text.replace("/", "-", 2)
        return self._unix(datetime.fromisoformat(text)) if len(text) > 8 else math.nan


def _year_last(text: str) -> str:
    """`Jun 19 10:25:00 UTC 2026` without its zone word, which only says UTC."""
    return text.replace(" UTC ", " ")


def _fraction(digits: str | None) -> float:
    return float(f"0.{digits}") if digits else 0.0


def _epoch(number: float) -> float:
    size = abs(number)
    try:
        if size < _SECONDS_END:
            seconds = float(number)
        elif size < _MILLIS_END:
            seconds = number / 1e3
        elif size < _MICROS_END:
            seconds = number / 1e6
        else:
            seconds = number / 1e9
    except OverflowError:
        return math.nan
    return seconds if abs(seconds) < _LARGEST else math.nan
