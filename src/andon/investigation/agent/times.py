"""Times as people write them, on the day that is looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from andon.telemetry import Window

__all__ = ["moment"]

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:Z|UTC)?", re.IGNORECASE)


def moment(text: str, near: Window) -> float | None:
    """Unix seconds of an ISO 8601 time, or of a time of day (UTC) nearest to a window; None when it is neither."""
    text = text.strip()
    match = _CLOCK.fullmatch(text)
    if match is None:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    middle = (near.start + near.end) / 2
    day = datetime.fromtimestamp(middle, UTC).replace(hour=hour, minute=minute, second=second, microsecond=0)
    return min(((day + timedelta(days=n)).timestamp() for n in (-1, 0, 1)), key=lambda t: abs(t - middle))
