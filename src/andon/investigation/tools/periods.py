"""The two windows that a comparison is about, as one window and as part of a query."""

from __future__ import annotations

from typing import Any

from andon.telemetry import Window

__all__ = ["compared", "whole"]


def whole(baseline: Window, incident: Window) -> Window:
    """The shortest window that holds both, whichever comes first."""
    return Window(min(baseline.start, incident.start), max(baseline.end, incident.end))


def compared(what: str, baseline: Window, incident: Window) -> dict[str, Any]:
    """The query of a comparison."""
    return {
        "what": what,
        "baseline": [baseline.start, baseline.end],
        "incident": [incident.start, incident.end],
    }
