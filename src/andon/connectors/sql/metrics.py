"""Metric series from a table: counted first, then row by row, or averaged in the database where that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from andon.connectors.connector import Need
from andon.connectors.points import Points, SeriesKey
from andon.connectors.reading import Reading
from andon.connectors.sql.config import MetricsTable
from andon.connectors.sql.tables import OpenTable, text
from andon.connectors.unanswered import Unanswered
from andon.telemetry import MetricSeries, Status

__all__ = ["read_metrics"]

_MOST_POINTS = 500_000
"""Points that are fetched of one table: about what a thousand series have in a baseline and an incident."""
_MOST_SERIES = 20_000
_DENSER = 1.5
"""Averages pay when there are so many times more rows than steps; the same rows are exact."""


def read_metrics(
    stated: MetricsTable, open_table: OpenTable, need: Need, reading: Reading
) -> tuple[MetricSeries, ...]:
    """The series of a table in the window. Raises Unanswered."""
    keys = [name for name in (stated.service, stated.name, stated.unit, *stated.labels) if name]
    rows, series = _counted(stated, open_table, need, keys, reading)
    if not rows:
        return ()
    step = _step(need, rows, series, open_table, reading)
    moment = _bucket(open_table, step) if step else open_table.clock.read
    columns = [open_table.column(name) for name in keys]
    values = [open_table.column(name) for name in stated.values or (stated.value,)]
    where = open_table.within(need.window)
    if step:
        averages = [sa.func.avg(value) for value in values]
        statement = sa.select(moment, *columns, *averages).where(*where).group_by(moment, *columns)
    else:
        statement = sa.select(moment, *columns, *values).where(*where)
    answer = open_table.database.rows(statement)
    reading.fetched(answer.query, place=stated.table, items=len(answer.rows), size=answer.size)
    return _series(stated, open_table, need, keys, answer.rows, bool(step), reading)


def _counted(
    stated: MetricsTable, open_table: OpenTable, need: Need, keys: Sequence[str], reading: Reading
) -> tuple[int, int]:
    """How many rows and how many series there are, over all metrics of a wide table."""
    columns = [open_table.column(name) for name in keys]
    statement = sa.select(sa.func.count(), *columns).where(*open_table.within(need.window))
    answer = open_table.database.rows(statement.group_by(*columns).limit(_MOST_SERIES + 1))
    reading.fetched(answer.query, place=stated.table, items=len(answer.rows), size=answer.size)
    if len(answer.rows) > _MOST_SERIES:
        raise Unanswered(
            f"more than {_MOST_SERIES:,} series",
            status=Status.TRUNCATED,
            hint="name fewer columns under `labels`, or services under `scope`",
        )
    many = max(1, len(stated.values))
    return sum(row[0] for row in answer.rows) * many, len(answer.rows) * many


def _step(need: Need, rows: int, series: int, open_table: OpenTable, reading: Reading) -> float:
    """Seconds over which the database shall average, 0 where every row is wanted."""
    finest = max(need.step, need.window.seconds * series / _MOST_POINTS)
    place = open_table.table.fullname
    if open_table.clock.seconds is None:
        if rows > _MOST_POINTS:
            raise Unanswered(
                f"{rows:,} points, and this database cannot average them",
                status=Status.TRUNCATED,
                hint="look at less time, or make a view that averages",
            )
        return 0.0
    if rows <= _MOST_POINTS and rows <= _DENSER * series * need.window.seconds / need.step:
        return 0.0
    if finest > need.step:
        hint = "look at less time, or name services under `scope`"
        message = f"{series:,} series: averaged over more than {need.step:g} s each"
        reading.lacking(Status.TRUNCATED, message, place=place, hint=hint)
    return float(math.ceil(finest)) if finest > 1 else finest


def _bucket(open_table: OpenTable, step: float) -> sa.ColumnElement[Any]:
    """The beginning, in Unix seconds, of the step that a row lies in."""
    seconds = open_table.clock.seconds
    assert seconds is not None
    steps = sa.literal_column(repr(step), sa.Double)
    return open_table.database.dialect.whole(seconds / steps) * steps


def _series(
    stated: MetricsTable,
    open_table: OpenTable,
    need: Need,
    keys: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    averaged: bool,
    reading: Reading,
) -> tuple[MetricSeries, ...]:
    points, bad_times, bad_values = Points(), 0, 0
    for row in rows:
        time = float(row[0]) if averaged else open_table.clock(row[0])
        bad_times += math.isnan(time)
        if averaged:
            time = max(time, need.window.start)
        if time not in need.window:
            continue
        cells = dict(zip(keys, row[1:], strict=False))
        service = open_table.named(cells.get(stated.service))
        labels = {name: text(cells[name]) for name in stated.labels if cells[name] is not None}
        for name, value in zip(
            stated.values or (text(cells.get(stated.name)),), row[1 + len(keys) :], strict=True
        ):
            if value is None:
                continue
            found = _number(value)
            bad_values += found is None
            unit = text(cells.get(stated.unit)) or stated.units.get(name, "")
            points.add(SeriesKey.of(name, service, unit, labels), time, math.nan if found is None else found)
    for count, message in (
        (bad_times, "unreadable times: rows left out"),
        (bad_values, "no numbers: set to NaN"),
    ):
        if count:
            reading.lacking(Status.PARTIAL, f"{count:,} {message}", place=stated.table)
    return points.series(need.window, reading, stated.table)


def _number(value: Any) -> float | None:
    """The value as a number, None when it is none."""
    if isinstance(value, int | float | Decimal):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None
