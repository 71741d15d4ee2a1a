"""Periods: times and lengths of time as a client writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from andon.errors import UsageError
from andon.telemetry import Window

__all__ = ["period", "seconds"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def period(start: str, end: str) -> Window | None:
    """The time of an incident; until now where it has no end, None where nothing is stated. Raises UsageError."""
    if not start and not end:
        return None
    if not start:
        raise UsageError("an end needs a start")
    first, last = _time(start), _time(end) if end else datetime.now(UTC).timestamp()
    if last <= first:
        raise UsageError(f"the incident ends ({end or 'now'}) before it starts ({start})")
    return Window(first, last)


def seconds(text: str) -> float:
    """A length of time such as 90s, 30m, 6h or 2d. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])", text.strip(), re.ASCII)
    if match is None or not float(match[1]):
        raise UsageError(f"{text!r} is no length of time", hint="write 90s, 30m, 6h or 2d")
    return float(match[1]) * _UNITS[match[2]]


def _time(text: str) -> float:
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no time", hint="write 2026-06-19T10:25:00Z") from error
