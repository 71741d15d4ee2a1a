"""Log records from a table: counted by level first, then warnings whole and the rest as an even sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from andon.connectors.connector import Limits, Need
from andon.connectors.files.fields import severity_of
from andon.connectors.log_records import LONGEST_TEXT, bounded
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.sql.config import LogsTable
from andon.connectors.sql.tables import OpenTable, text
from andon.connectors.unanswered import Unanswered
from andon.telemetry import WARN, LogRecord, Status

__all__ = ["read_logs"]

_MOST_LEVELS = 200
"""Different levels in a column; a column with more is no column of levels."""


def read_logs(
    stated: LogsTable, open_table: OpenTable, need: Need, limits: Limits, reading: Reading
) -> list[LogRecord]:
    """The records of a table in the window, in any order. Raises Unanswered."""
    counts = _counted(stated, open_table, need, reading)
    loud = [level for level in counts if severity_of(level) >= WARN]
    loud_there = sum(counts[level] for level in loud)
    quiet_there = sum(counts.values()) - loud_there
    records: list[LogRecord] = []
    if loud_there:
        level = open_table.column(stated.level)
        records += _fetched(
            stated, open_table, need, level.in_(loud), loud_there, need.items // 2, limits, reading
        )
    if quiet_there:
        level_or_none = open_table.column(stated.level) if stated.level else None
        quiet = (
            sa.or_(level_or_none.is_(None), level_or_none.not_in(loud))
            if level_or_none is not None and loud
            else sa.true()
        )
        room = max(1, need.items - min(loud_there, need.items // 2))
        records += _fetched(stated, open_table, need, quiet, quiet_there, room, limits, reading)
    return records


def _counted(stated: LogsTable, open_table: OpenTable, need: Need, reading: Reading) -> dict[Any, int]:
    """Level, as it is written, to how many records have it."""
    where = open_table.within(need.window)
    if not stated.level:
        answer = open_table.database.rows(
            sa.select(sa.func.count()).select_from(open_table.table).where(*where)
        )
        found: dict[Any, int] = {None: sum(row[0] for row in answer.rows)}
    else:
        level = open_table.column(stated.level)
        statement = sa.select(level, sa.func.count()).where(*where).group_by(level).limit(_MOST_LEVELS + 1)
        answer = open_table.database.rows(statement)
        if len(answer.rows) > _MOST_LEVELS:
            raise Unanswered(f"column {stated.level} holds more than {_MOST_LEVELS} different levels")
        found = {row[0]: row[1] for row in answer.rows}
    reading.fetched(answer.query, place=stated.table, items=len(answer.rows), size=answer.size)
    return found


def _fetched(
    stated: LogsTable,
    open_table: OpenTable,
    need: Need,
    of_level: sa.ColumnElement[bool],
    there: int,
    wanted: int,
    limits: Limits,
    reading: Reading,
) -> list[LogRecord]:
    """An even sample of the records for which a condition holds, all of them where they are few."""
    drawn = sample(need.window, there, wanted, limits.slices)
    names = stated.columns()
    columns = [open_table.clock.read if name == stated.time else open_table.column(name) for name in names]
    windows = sa.or_(*(open_table.clock.where(window) for window in drawn.windows))
    statement = sa.select(*columns).where(*open_table.within(need.window), windows, of_level)
    answer = open_table.database.rows(statement)
    reading.fetched(
        answer.query, place=stated.table, items=len(answer.rows), size=answer.size, share=drawn.share
    )
    records, unread = [], 0
    for row in answer.rows:
        record = _record(stated, open_table, names, row)
        unread += math.isnan(record.time)
        if any(record.time in window for window in _near(drawn.windows, record.time)):
            records.append(record)
    if unread:
        reading.lacking(Status.PARTIAL, f"{unread:,} unreadable times: rows left out", place=stated.table)
    return records


def _near(windows: Sequence[Any], time: float) -> Sequence[Any]:
    """The one or two windows, of many in ascending order, that a time can lie in."""
    low, high = 0, len(windows)
    while low < high:
        middle = (low + high) // 2
        if windows[middle].end <= time:
            low = middle + 1
        else:
            high = middle
    return windows[low : low + 1]


def _record(stated: LogsTable, open_table: OpenTable, names: Sequence[str], row: Sequence[Any]) -> LogRecord:
    cells = dict(zip(names, row, strict=True))
    return LogRecord(
        time=open_table.clock(cells[stated.time]),
        severity=severity_of(cells.get(stated.level)),
        service=open_table.named(cells.get(stated.service)),
        body=text(cells[stated.message])[:LONGEST_TEXT],
        trace_id=text(cells.get(stated.trace_id)),
        attributes=bounded(
            {name: text(cells[name]) for name in stated.attributes if cells[name] is not None}
        ),
    )
