"""Clock times in sentences of people: `10:40`, `10:40 pm`, `noon`, or a whole ISO 8601 time; all in UTC."""

from __future__ import annotations

import re

from andon.investigation.agent.times import moment
from andon.telemetry import Window

__all__ = ["TIME", "Unread", "when"]

TIME = (
    r"(?:\d{4}-\d\d-\d\d[T ]\d{1,2}:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\.?|\d{1,2}\s?o'?clock|noon|midday|midnight)"
    r"(?:\s?(?:(?-i:[A-Z]{3,4}|Z)\b|local time\b|our time\b))?"
)
"""A pattern of what may be meant as a time, with the time zone that is said with it."""

_ZONE = re.compile(r"\s?([A-Z]{3,4}|Z|local time|our time)$", re.I)
_PARTS = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::(\d{2}))?)?\s?(o'?clock|[ap]\.?m\.?)?", re.I)
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_UTC = frozenset(["UTC", "GMT", "Z"])


class Unread(Exception):
    """A time that cannot be read; the message says why, for whoever said it."""


def when(text: str, near: Window) -> float:
    """Unix seconds of a time of day nearest to a window, or of a whole time. Raises Unread."""
    said = " ".join(text.split())
    plain = said
    zone = _ZONE.search(said)
    if zone is not None and said[0].isdigit() and not _meridiem(zone[1]):
        if zone[1].upper() not in _UTC:
            raise Unread(f"times are in UTC here, and “{said}” is not; say it in UTC")
        plain = said[: zone.start()] if "-" not in said[:5] else said
    found = moment(_clock(plain), near)
    if found is None:
        raise Unread(f"“{said}” is no time; write 10:20, 10:20:30 or 2026-06-19T10:20:00Z, in UTC")
    return found


def _meridiem(text: str) -> bool:
    return text.casefold() in ("am", "pm")


def _clock(text: str) -> str:
    """A time as 24 hours write it; what is none stays as it is."""
    if text.casefold() in _NAMED:
        return _NAMED[text.casefold()]
    match = _PARTS.fullmatch(text)
    if match is None:
        return text
    hour, half = int(match[1]), (match[4] or "").casefold().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif match[2] is None and not half:
        return text
    return f"{hour:02d}:{match[2] or '00'}" + (f":{match[3]}" if match[3] else "")
