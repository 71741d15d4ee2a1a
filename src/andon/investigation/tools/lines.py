"""`logs`, line by line: the lines of a service that hold a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import Window

__all__ = ["LogLine", "LogLines", "find"]

TOOL = "logs"

_LONGEST = 400
"""Characters of a line that are kept: what one reads of it."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: Unix seconds, OpenTelemetry severity number, service, the text's beginning."""

    time: float
    severity: int
    service: str
    text: str


@dataclass(frozen=True, slots=True)
class LogLines:
    """Lines in ascending time; `found` is how many there were, of which the first and the last ones are kept."""

    lines: tuple[LogLine, ...]
    found: int


def find(
    box: Toolbox, window: Window, services: tuple[str, ...], text: str, limit: int = 20
) -> tuple[Observation, ...]:
    """The lines of these services (none: of all) that hold the text, in any case; content `LogLines`."""
    wanted = text.casefold()

    def fetch(source: Source) -> Answer:
        result = source.logs(window)
        logs = result.value
        codes = [code for code, name in enumerate(logs.services) if not services or name in services]
        rows = np.flatnonzero(np.isin(logs.service_codes, codes)).tolist()
        found = [row for row in rows if wanted in logs.bodies[row].casefold()]
        half = (limit + 1) // 2
        kept = found if len(found) <= limit else [*found[:half], *found[len(found) - (limit - half) :]]
        lines = tuple(
            _line(logs[row].time, logs[row].severity, logs[row].service, logs[row].body) for row in kept
        )
        return Answer(LogLines(lines, len(found)), result.status, len(found), result.problems)

    query = {"what": "lines", "services": sorted(services), "text": text, "limit": limit}
    return box.ask(TOOL, query, fetch, window=window)


def _line(time: float, severity: int, service: str, text: str) -> LogLine:
    return LogLine(time, severity, service, text[:_LONGEST])
