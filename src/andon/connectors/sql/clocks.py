"""How a column holds time, and how a window is asked of it.

Times with a zone are moments. Those without are read in the zone that is configured, else in UTC, which is told.
Numbers count since 1970 in a unit that their size tells. SQLite keeps times as text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from andon.connectors.files.times import TimeParser
from andon.connectors.sql.config import SqlTable
from andon.connectors.sql.dialects import Dialect
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Window

__all__ = ["Clock", "clock_of"]

_UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_SIZES = ((1e11, "s"), (1e14, "ms"), (1e17, "us"))
"""A number below the first is seconds: 1e11 seconds are the year 5138."""
_DST = timedelta(hours=1)
"""By how much clocks jump: in such an hour, local times do not tell what was before what."""
_ANY_ZONE = timedelta(hours=15)
"""No zone is further from UTC (they are from -12 to +14 hours)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The time column of a table.

    `read` is what to select of it, `seconds` its Unix seconds as the database computes them (None where it
    cannot). `where` lets at least the rows of a window through: ask `__call__` which time a row has.
    """

    read: sa.ColumnElement[Any]
    bound: sa.ColumnElement[Any]
    kind: str
    zone: ZoneInfo
    seconds: sa.ColumnElement[Any] | None = None
    per_second: float = 1.0
    naive: bool = False
    """Nobody said in which zone its times are."""
    parse: TimeParser = field(default_factory=TimeParser)

    def where(self, window: Window) -> sa.ColumnElement[bool]:
        """The condition for a window."""
        if self.kind == "text":
            margin = 0.0 if self.seconds is not None else _ANY_ZONE.total_seconds()
            return sa.and_(self.bound >= window.start - margin, self.bound < window.end + margin)
        if self.kind == "number":
            low, high = (Decimal(repr(end)) * int(self.per_second) for end in (window.start, window.end))
            if isinstance(self.bound.type, sa.Integer):
                return sa.and_(self.bound >= math.ceil(low), self.bound < math.ceil(high))
            return sa.and_(self.bound >= float(low), self.bound < float(high))
        start, end = (datetime.fromtimestamp(end, UTC) for end in (window.start, window.end))
        if self.kind == "naive":
            margin_of = timedelta() if self.zone.key == "UTC" else _DST
            start = (start - margin_of).astimezone(self.zone).replace(tzinfo=None)
            end = (end + margin_of).astimezone(self.zone).replace(tzinfo=None)
        rough = sa.and_(self.bound >= start, self.bound < end)
        if self.kind == "naive" and self.zone.key != "UTC" and self.seconds is not None:
            return sa.and_(rough, self.seconds >= window.start, self.seconds < window.end)
        return rough

    def __call__(self, value: Any) -> float:
        """Unix seconds of a value that was read; NaN where it tells no time."""
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=self.zone)
            return moment.timestamp()
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=self.zone).timestamp()
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return float(value / int(self.per_second)) if math.isfinite(value) else math.nan
        return self.parse.text(value) if isinstance(value, str) else math.nan


def clock_of(column: sa.Column[Any], stated: SqlTable, dialect: Dialect, largest: Any) -> Clock:
    """The clock of a column; `largest` is its largest value, which tells the unit of numbers.

    Raises Unanswered for a type that holds no time.
    """
    zone, kind = ZoneInfo(stated.timezone or "UTC"), column.type
    if isinstance(kind, sa.Numeric | sa.Integer | sa.Float):
        return _counting(column, zone, stated.time_unit or _unit_of(largest))
    if dialect.text_times and isinstance(kind, sa.String | sa.DateTime | sa.Date | sa.types.NullType):
        return _written(column, zone, dialect, not stated.timezone)
    if isinstance(kind, sa.Date):
        days = sa.cast(column, sa.DateTime)
        return Clock(column, days, "naive", zone, _seconds(days, zone, dialect), naive=not stated.timezone)
    if not isinstance(kind, sa.DateTime):
        raise Unanswered(
            f"column {column.name} holds {kind!s}, which is no time",
            hint="name a column of timestamps or numbers, or make a view that casts it",
        )
    seconds = _seconds(column, zone, dialect)
    if kind.timezone:
        return Clock(column, column, "moment", zone, seconds)
    return Clock(column, column, "naive", zone, seconds, naive=not stated.timezone)


def _seconds(column: sa.ColumnElement[Any], zone: ZoneInfo, dialect: Dialect) -> sa.ColumnElement[Any] | None:
    return dialect.seconds(column, zone.key) if dialect.seconds else None


def _written(column: sa.Column[Any], zone: ZoneInfo, dialect: Dialect, naive: bool) -> Clock:
    """Text: the database reads what has no zone as UTC."""
    text = sa.type_coerce(column, sa.String)
    as_utc = _seconds(column, ZoneInfo("UTC"), dialect)
    seconds = as_utc if zone.key == "UTC" else None
    bound = text if as_utc is None else as_utc
    return Clock(text, bound, "text", zone, seconds, naive=naive, parse=TimeParser(zone))


def _counting(column: sa.Column[Any], zone: ZoneInfo, unit: str) -> Clock:
    per_second = _UNITS[unit]
    seconds = sa.cast(column, sa.Double) / per_second
    return Clock(column, column, "number", zone, seconds, per_second)


def _unit_of(largest: Any) -> str:
    size = abs(float(largest)) if largest is not None else 0.0
    return next((unit for most, unit in _SIZES if size < most), "ns")
