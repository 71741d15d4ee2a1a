"""Work orders and other changes from a table, one event a row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from andon.connectors.connector import Need
from andon.connectors.reading import Reading
from andon.connectors.sql.config import ChangesTable
from andon.connectors.sql.tables import OpenTable, text
from andon.telemetry import ChangeEvent, ChangeKind, Status

__all__ = ["read_changes"]


def read_changes(
    stated: ChangesTable, open_table: OpenTable, need: Need, source: str, reading: Reading
) -> list[ChangeEvent]:
    """The changes of a table in the window, the newest of them where there are too many. Raises Unanswered."""
    names = stated.columns()
    columns = [open_table.clock.read if name == stated.time else open_table.column(name) for name in names]
    newest = open_table.clock.bound.desc()
    statement = sa.select(*columns).where(*open_table.within(need.window)).order_by(newest)
    answer = open_table.database.rows(statement.limit(need.items + 1))
    reading.fetched(answer.query, place=stated.table, items=len(answer.rows), size=answer.size)
    rows = answer.rows
    if len(rows) > need.items:
        rows = rows[: need.items]
        reading.lacking(
            Status.TRUNCATED, f"only the newest {need.items:,} changes were read", place=stated.table
        )
    events, unread = [], 0
    for row in rows:
        event = _event(stated, open_table, dict(zip(names, row, strict=True)), f"{source}/{stated.table}")
        unread += math.isnan(event.time)
        service = event.parameters.get("service", "")
        if event.time in need.window and (not service or open_table.admits(service)):
            events.append(event)
    if unread:
        reading.lacking(Status.PARTIAL, f"{unread:,} unreadable times: rows left out", place=stated.table)
    return events


def _event(stated: ChangesTable, open_table: OpenTable, cells: Mapping[str, Any], origin: str) -> ChangeEvent:
    time, target = open_table.clock(cells[stated.time]), text(cells[stated.target])
    status, kind = text(cells.get(stated.status)), stated.kind_is
    with suppress(ValueError):
        kind = ChangeKind(text(cells.get(stated.kind)))
    kept = {name: text(cells[name]) for name in stated.parameters if cells[name] is not None}
    if stated.service or stated.service_is:
        kept["service"] = open_table.named(cells.get(stated.service))
    return ChangeEvent(
        id=text(cells.get(stated.id)) or f"{stated.table}:{target}@{time:.3f}",
        time=time,
        kind=kind,
        action=text(cells.get(stated.action)) or kind.value.replace("-", " "),
        target=target,
        actor=text(cells.get(stated.actor)),
        summary=text(cells.get(stated.summary)),
        origin=origin,
        resources=tuple({kept["service"]} - {target, ""}) if "service" in kept else (),
        parameters=kept,
        error=status if status.casefold() in stated.not_done else "",
    )
