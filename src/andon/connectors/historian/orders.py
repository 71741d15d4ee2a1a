"""Work orders in CSV, one change event a row."""

from __future__ import annotations

import math
from collections.abc import Mapping

from andon.connectors.files.bundle import Bundle
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader
from andon.connectors.files.times import TimeParser, zone_named
from andon.connectors.historian.config import WorkOrderFiles
from andon.connectors.unanswered import Unanswered
from andon.telemetry import ChangeEvent, ChangeKind, Window

__all__ = ["read_orders"]


def read_orders(
    stated: WorkOrderFiles, bundle: Bundle, path: str, window: Window, source: str, problems: ProblemCounter
) -> list[ChangeEvent]:
    """The work orders of a file in the window. Raises Unanswered when a column is not there."""
    times = TimeParser(zone_named(stated.timezone) if stated.timezone else None)
    rows = FileReader(path, bundle, problems, times).csv_rows()
    header = [cell.strip() for cell in next((row for _, row in rows if any(row)), [])]
    named = (
        stated.time,
        stated.target,
        stated.id,
        stated.action,
        stated.actor,
        stated.summary,
        stated.status,
    )
    if missing := [name for name in named if name and name not in header]:
        hint = f"its columns are {', '.join(header[:20])}"
        raise Unanswered(f"there is no column {', '.join(missing)}", hint=hint)
    events = []
    for line, row in rows:
        if len(row) != len(header):
            problems.add(path, f"row has {len(row)} cells where the header has {len(header)}", line=line)
            continue
        cells = dict(zip(header, row, strict=True))
        moment = times.text(cells[stated.time])
        if math.isnan(moment):
            problems.add(path, "work order without a readable time left out", line=line)
        elif moment in window:
            events.append(_event(stated, cells, moment, f"{source}/{path}"))
    if times.naive and not times.stated:
        hint = "state `timezone` for these files"
        problems.add(path, "times without a zone were read as UTC", count=times.naive, hint=hint)
    return events


def _event(stated: WorkOrderFiles, cells: Mapping[str, str], moment: float, origin: str) -> ChangeEvent:
    status, target = cells.get(stated.status, ""), cells[stated.target]
    known = {stated.time, stated.target, stated.id, stated.action, stated.actor, stated.summary}
    return ChangeEvent(
        id=cells.get(stated.id, "") or f"work-order:{target}@{moment:.0f}",
        time=moment,
        kind=ChangeKind.WORK_ORDER,
        action=cells.get(stated.action, "") or "work order",
        target=target,
        actor=cells.get(stated.actor, ""),
        summary=cells.get(stated.summary, ""),
        origin=origin,
        parameters={name: value for name, value in cells.items() if name not in known and value},
        error=status if status.casefold() in stated.not_done else "",
    )
