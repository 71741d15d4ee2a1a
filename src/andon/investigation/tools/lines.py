"""`logs`, line by line: the lines of a service that hold a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import Logs, Problem, Status, Window

__all__ = ["LogLine", "LogLines", "find"]

TOOL = "logs"

_LONGEST = 400
"""Characters of a line that are kept: what one reads of it."""
_READ = 20_000
"""Lines that are read one by one, evenly spread, where no template holds the text: some tens of milliseconds."""


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
    """The lines of these services (none: of all) that hold the text, in any case; content `LogLines`.

    The templates of the lines are asked first. What stands in none of them can only be one of the parameters: then
    lines are read, and of very many an even sample, which makes the answer `truncated`.
    """
    wanted = text.casefold()

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, window)
        logs = result.value
        codes = [code for code, name in enumerate(logs.services) if not services or name in services]
        theirs = np.isin(logs.service_codes, codes) if services else np.ones(len(logs), dtype=np.bool_)
        holding = [n for n, one in enumerate(table.templates) if wanted in one.text.casefold()]
        rows = np.flatnonzero(theirs & np.isin(table.codes, holding)) if holding else _none()
        read = 0
        if not len(rows):
            rows, read = _read(logs, np.flatnonzero(theirs), wanted)
        left_out = int(theirs.sum()) - read if read else 0
        gaps = (
            (Problem(source.name, f"{left_out:,} lines were not read for the text", 1),) if left_out else ()
        )
        half = (limit + 1) // 2
        kept = (
            rows if len(rows) <= limit else np.concatenate([rows[:half], rows[len(rows) - (limit - half) :]])
        )
        lines = tuple(_line(logs, int(row)) for row in kept)
        status = Status.TRUNCATED if gaps else result.status
        return Answer(LogLines(lines, len(rows)), status, len(rows), (*result.problems, *gaps))

    query = {"what": "lines", "services": sorted(services), "text": text, "limit": limit}
    return box.ask(TOOL, query, fetch, window=window)


def _none() -> NDArray[np.intp]:
    return np.empty(0, dtype=np.intp)


def _read(logs: Logs, rows: NDArray[np.intp], wanted: str) -> tuple[NDArray[np.intp], int]:
    """The rows whose text holds what is wanted, among at most `_READ` of them; and how many were read."""
    some = rows[:: max(1, -(-len(rows) // _READ))]
    found = [row for row in some.tolist() if wanted in logs.bodies[row].casefold()]
    return np.array(found, dtype=np.intp), len(some)


def _line(logs: Logs, row: int) -> LogLine:
    one = logs[row]
    return LogLine(one.time, one.severity, one.service, one.body[:_LONGEST])
