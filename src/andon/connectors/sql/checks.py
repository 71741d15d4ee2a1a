"""What works of a database, and what has to be granted."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from andon.connectors.connector import Check, CheckState
from andon.connectors.sql.config import SqlConfig, SqlTable
from andon.connectors.sql.database import Database
from andon.connectors.sql.dialects import WRITING
from andon.connectors.sql.tables import opened
from andon.connectors.unanswered import Unanswered
from andon.errors import ConfigError
from andon.telemetry import isoformat

__all__ = ["checks_of"]

_SKEW = 5.0
"""Seconds by which a clock may differ before it is told."""


def checks_of(database: Database, config: SqlConfig) -> tuple[Check, ...]:
    """Reach and version, reading only, each table with how far back it goes, and the clock; never raises Unanswered."""
    reach = _tried("reach", lambda: database.inspected(_version, "version"))
    if reach.state is CheckState.FAILED:
        return (reach,)
    tables = [check for stated in config.tables for check in _table(database, stated)]
    return (reach, _reads_only(database), *tables, *_clock(database))


def _tried(what: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(what, CheckState.OK, ask())
    except Unanswered as gap:
        return Check(what, CheckState.FAILED, gap.message, gap.hint)
    except ConfigError as error:
        return Check(what, CheckState.FAILED, error.message, error.hint)


def _version(connection: Connection) -> str:
    numbers = connection.dialect.server_version_info or ()
    return f"{connection.dialect.name} {'.'.join(map(str, numbers))}".strip()


def _reads_only(database: Database) -> Check:
    how = database.dialect.reads_only
    if how:
        return Check("read only", CheckState.OK, how)
    hint = "sign in as a user that may only SELECT"
    return Check(
        "read only", CheckState.WARNING, "only SELECTs are sent; the database does not enforce it", hint
    )


def _table(database: Database, stated: SqlTable) -> list[Check]:
    """How far the rows of a table reach, and whether more is granted than reading."""
    what = stated.table

    def extent() -> str:
        found = opened(database, stated, ())
        column = found.clock.seconds if database.dialect.text_times else found.clock.read
        column = found.clock.read if column is None else column
        ends = [database.one(sa.select(bound(column))) for bound in (sa.func.min, sa.func.max)]
        for name in stated.columns():
            database.one(sa.select(found.column(name)).limit(1))
        first, last = (end[0] for end in ends)
        if first is None:
            return "no rows"
        if database.dialect.text_times and found.clock.seconds is not None:
            return f"from {isoformat(first)} to {isoformat(last)}"
        return f"from {isoformat(found.clock(first))} to {isoformat(found.clock(last))}"

    checks = [_tried(what, extent)]
    if checks[0].state is CheckState.OK and checks[0].found == "no rows":
        checks = [Check(what, CheckState.WARNING, "no rows", "is this the table that is written to?")]
    if checks[0].state is CheckState.FAILED:
        return checks
    if opened(database, stated, ()).clock.naive:
        hint = "state `timezone` for this table"
        checks.append(Check(what, CheckState.WARNING, "times without a zone are read as UTC", hint))
    if granted := _granted(database, stated):
        hint = f"REVOKE {', '.join(granted)} ON {stated.table} FROM the user; andon needs SELECT only"
        checks.append(Check(what, CheckState.WARNING, f"the user may also {', '.join(granted)}", hint))
    return checks


def _granted(database: Database, stated: SqlTable) -> list[str]:
    """What the user may do to a table beside reading it, where the database tells."""
    writes = database.dialect.writes
    if writes is None:
        return []
    try:
        may = database.one(writes(_quoted(opened(database, stated, ()).table)))
    except Unanswered:
        return []
    return [right for right, granted in zip(WRITING, may, strict=True) if granted]


def _quoted(table: sa.Table) -> str:
    """The table's name as PostgreSQL's functions take it, with quotes around each part."""
    parts = [part for part in (table.schema, table.name) if part]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _clock(database: Database) -> list[Check]:
    """How far the clock of a server is from ours; a file has none."""
    seconds = database.dialect.seconds
    if database.dialect.text_times or seconds is None:
        return []
    now = seconds(sa.func.now(type_=sa.DateTime(timezone=True)), "UTC")
    try:
        skew = float(database.one(sa.select(now))[0]) - time.time()
    except Unanswered as gap:
        return [Check("clock", CheckState.WARNING, gap.message, gap.hint)]
    if abs(skew) > _SKEW:
        side = "ahead of" if skew > 0 else "behind"
        hint = "set both clocks by NTP; onsets would be ordered wrongly"
        return [Check("clock", CheckState.WARNING, f"{abs(skew):.0f} s {side} ours", hint)]
    return [Check("clock", CheckState.OK, "as ours")]
