"""`infrastructure`: one timeline of all changes, with noise folded but never lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import ChangeEvent, Window

__all__ = ["ChangeTimeline", "FoldedNoise", "is_noise", "timeline"]

TOOL = "infrastructure"

_NOISE = re.compile(
    r"^(assume|describe|get|list|head|lookup|search|batchget|view|check|test|simulate|decode|generatedatakey"
    r"|consolelogin|health|ping|poll|watch)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoldedNoise:
    """Calls that only look, counted: who did what how often, between when and when (Unix seconds)."""

    action: str
    actor: str
    count: int
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class ChangeTimeline:
    """Changes in ascending time, and what was folded away."""

    events: tuple[ChangeEvent, ...]
    noise: tuple[FoldedNoise, ...]


def is_noise(event: ChangeEvent) -> bool:
    """Whether the event changed nothing: a read-only call, an assumed role, a health check."""
    return event.read_only or bool(_NOISE.match(event.action))


def timeline(box: Toolbox, window: Window) -> tuple[Observation, ...]:
    """All change events of the window; content `ChangeTimeline`."""

    def fetch(source: Source) -> Answer:
        result = source.changes(window)
        events = sorted(result.value, key=lambda event: (event.time, event.id))
        kept = tuple(event for event in events if not is_noise(event))
        noise = _fold([event for event in events if is_noise(event)])
        return Answer(ChangeTimeline(kept, noise), result.status, len(events), result.problems)

    return box.ask(TOOL, {"what": "changes"}, fetch, window=window)


def _fold(events: list[ChangeEvent]) -> tuple[FoldedNoise, ...]:
    groups: dict[tuple[str, str], list[float]] = {}
    for event in events:
        groups.setdefault((event.action, event.actor), []).append(event.time)
    return tuple(
        FoldedNoise(action, actor, len(times), min(times), max(times))
        for (action, actor), times in sorted(groups.items())
    )
