"""A span of time, and how times are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Window", "clock", "isoformat"]


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open span [start, end) in Unix seconds, UTC.

    Raises ValueError when the end lies before the start.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not self.end >= self.start:
            raise ValueError(f"window ends ({self.end}) before it starts ({self.start})")

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def __contains__(self, time: float) -> bool:
        return self.start <= time < self.end

    def __str__(self) -> str:
        return f"{isoformat(self.start)} to {isoformat(self.end)}"


def isoformat(time: float) -> str:
    """Unix seconds as RFC 3339 in UTC with whole seconds, `2026-06-19T10:25:00Z`."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(time: float) -> str:
    """Unix seconds as a time of day in UTC, `10:25:00`."""
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M:%S")
