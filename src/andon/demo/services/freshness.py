"""Requests say when they were made; one of another time is refused, for it may be a replay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from andon.demo import clock

__all__ = ["TOLERANCE_SECONDS", "dated", "staleness"]

TOLERANCE_SECONDS = 5.0
_HEADER = "x-request-date"


def dated() -> dict[str, str]:
    """The header of a request that is made now, by the clock of this host."""
    return {_HEADER: _utc(clock.now())}


def staleness(headers: Mapping[str, str]) -> str:
    """Why a request (header names in lower case) is refused; empty for a fresh one or one without a date."""
    made = headers.get(_HEADER)
    if made is None:
        return ""
    now = clock.now()
    if abs(now - datetime.fromisoformat(made).timestamp()) <= TOLERANCE_SECONDS:
        return ""
    return (
        "RequestTimeTooSkewed: the difference between the request time and the server's time is too large"
        f" (request {made}, server {_utc(now)}, at most {TOLERANCE_SECONDS:.0f} s)"
    )


def _utc(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
