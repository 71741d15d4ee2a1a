"""Any SQL database whose tables hold metrics, logs, work orders or other changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from andon.connectors.connector import Check, Connector, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.sql.config import ChangesTable, LogsTable, MetricsTable, SqlConfig, SqlTable
from andon.errors import MissingExtra
from andon.telemetry import ChangeEvent, Logs, MetricSeries, Result, Status

if TYPE_CHECKING:
    from andon.connectors.sql.database import Database
    from andon.connectors.sql.tables import OpenTable

__all__ = ["SqlConnector"]

T = TypeVar("T", bound=SqlTable)
R = TypeVar("R")


class SqlConnector(Connector):
    """Reads the tables that its configuration names, and no other, in transactions that may only read."""

    kind = "sql"
    title = "SQL database"
    signals = (Signal.METRICS, Signal.LOGS, Signal.CHANGES)
    proved = "PostgreSQL 15 (Debian), SQLite 3.40"
    Config: ClassVar[type[ConnectorConfig]] = SqlConfig
    config: SqlConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self._lock = threading.Lock()
        self._made: Database | None = None

    def check(self) -> tuple[Check, ...]:
        _require()
        from andon.connectors.sql.checks import checks_of

        return checks_of(self.database, self.config)

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        def read(stated: MetricsTable, table: OpenTable, reading: Reading) -> tuple[MetricSeries, ...]:
            from andon.connectors.sql.metrics import read_metrics

            return read_metrics(stated, table, need, reading)

        found, reading = self._each(MetricsTable, need, read)
        series = tuple(one for part in found for one in part if self.config.scope.admits(one.service))
        return reading.result(series, sum(len(one.times) for one in series))

    def logs(self, need: Need) -> Result[Logs]:
        def read(stated: LogsTable, table: OpenTable, reading: Reading) -> Logs:
            from andon.connectors.sql.logs import read_logs

            return Logs.of(read_logs(stated, table, need, self.config.limits, reading))

        found, reading = self._each(LogsTable, need, read)
        admits = self.config.scope.admits
        logs = Logs.of([record for part in found for record in part if admits(record.service)])
        return reading.result(logs, len(logs))

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        def read(stated: ChangesTable, table: OpenTable, reading: Reading) -> list[ChangeEvent]:
            from andon.connectors.sql.changes import read_changes

            return read_changes(stated, table, need, self.name, reading)

        found, reading = self._each(ChangesTable, need, read)
        events = sorted((event for part in found for event in part), key=lambda event: (event.time, event.id))
        return reading.result(tuple(events), len(events))

    def close(self) -> None:
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    @property
    def database(self) -> Database:
        """The database, opened on first use. Raises MissingExtra."""
        _require()
        from andon.connectors.sql.database import Database

        with self._lock:
            if self._made is None:
                self._made = Database(self.session, self.name, self.config)
            return self._made

    def _each(
        self, kind: type[T], need: Need, read: Callable[[T, OpenTable, Reading], R]
    ) -> tuple[list[R], Reading]:
        """What is read of each table of a kind; a table that fails does not take the others with it."""
        reading = Reading(self.name)
        tables = [table for table in self.config.tables if isinstance(table, kind)]
        services = self._wanted(need, reading)
        if not tables or (need.services and not services):
            return [], reading
        _require()
        from andon.connectors.sql.tables import opened

        def one(stated: T) -> list[R]:
            if stated.service_is and services and stated.service_is not in services:
                return []
            with reading.part(stated.table):
                return [read(stated, opened(self.database, stated, services, reading), reading)]
            return []

        tasks = [partial(one, stated) for stated in tables]
        parts = self.session.together(tasks, self.config.limits.requests_at_once)
        return [found for part in parts for found in part], reading

    def _wanted(self, need: Need, reading: Reading) -> tuple[str, ...]:
        """The services that are asked for; those outside of the scope are refused."""
        scope = self.config.scope
        outside = [service for service in need.services if not scope.admits(service)]
        if outside:
            message = f"outside the scope of source {self.name}: {', '.join(outside)}"
            reading.lacking(Status.DENIED, message, hint="add them to `scope.services`")
        wanted = tuple(service for service in need.services if scope.admits(service))
        return wanted if need.services else scope.services


def _require() -> None:
    try:
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        raise MissingExtra("SQL databases need sqlalchemy", hint="pip install 'andon[sql]'") from error
