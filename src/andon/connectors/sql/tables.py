"""The tables that the configuration names, as the database describes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from andon.connectors.reading import Reading
from andon.connectors.sql.clocks import Clock, clock_of
from andon.connectors.sql.config import SqlTable
from andon.connectors.sql.database import Database
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = ["OpenTable", "opened"]

_SHOWN = 20
"""Columns that are listed where one is missing."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that is there and has the columns that it should have; `services` are those that are wanted, none: all."""

    database: Database
    table: sa.Table
    clock: Clock
    services: tuple[str, ...]
    service: str
    service_is: str

    def column(self, name: str) -> sa.ColumnElement[Any]:
        return self.table.c[name]

    def within(self, window: Window) -> list[sa.ColumnElement[bool]]:
        """The conditions for rows of a window and of the services that are wanted."""
        found = [self.clock.where(window)]
        if self.service and self.services:
            found.append(self.column(self.service).in_(self.services))
        return found

    def admits(self, service: str) -> bool:
        """Whether rows of this service are wanted, for what came back all the same."""
        return not self.services or service in self.services

    def named(self, value: Any) -> str:
        """The service of a row whose service column holds this."""
        return text(value) if self.service else self.service_is


def text(value: Any) -> str:
    """A value as text; nothing for NULL."""
    return "" if value is None else str(value)


def opened(
    database: Database, stated: SqlTable, services: Collection[str], reading: Reading | None = None
) -> OpenTable:
    """The table as reflected. Raises Unanswered when it, or a column of it, is not there.

    Tells the reading of times whose zone nobody stated.
    """
    table = database.inspected(lambda connection: _reflected(connection, stated.table), stated.table)
    missing = [name for name in stated.columns() if name not in table.c]
    if missing:
        there = ", ".join(list(table.c.keys())[:_SHOWN])
        raise Unanswered(
            f"there is no column {', '.join(missing)} in {stated.table}", hint=f"its columns are {there}"
        )
    column = table.c[stated.time]
    largest = None
    if isinstance(column.type, sa.Numeric | sa.Integer | sa.Float) and not stated.time_unit:
        answered = database.rows(sa.select(sa.func.max(column))).rows
        largest = answered[0][0] if answered else None
    clock = clock_of(column, stated, database.dialect, largest)
    if clock.naive and reading is not None:
        reading.lacking(
            Status.PARTIAL,
            "times without a zone were read as UTC",
            place=stated.table,
            hint="state `timezone` for this table",
        )
    return OpenTable(database, table, clock, tuple(services), stated.service, stated.service_is)


def _reflected(connection: Connection, name: str) -> sa.Table:
    schema, _, plain = name.rpartition(".")
    try:
        return sa.Table(
            plain, sa.MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False
        )
    except sa.exc.NoSuchTableError:
        raise Unanswered(
            f"there is no table or view {name}, or it is hidden from this user",
            hint="check `table`, with its schema; GRANT USAGE ON SCHEMA … and GRANT SELECT ON … to the user",
        ) from None
