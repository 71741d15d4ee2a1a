"""InfluxDB: numeric fields of measurements, as metrics.

InfluxDB does not say which field counts up; `counters` of the configuration does, by name. Fields of text and of
booleans are not read. Later versions answer InfluxQL under the same path; where one knows no `SHOW SERIES`
(version 3, an assumption from its documentation), only tags that tell service, outcome and part stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.influxdb import influxql
from andon.connectors.influxdb.api import InfluxDbApi, Outcome, Table
from andon.connectors.influxdb.config import InfluxDbConfig, InfluxDbScope
from andon.connectors.influxdb.tables import metric_name, series_in
from andon.connectors.metric_names import rank
from andon.connectors.prometheus.ownership import OPERATION_LABELS, OUTCOME_LABELS
from andon.connectors.prometheus.windows import aligned
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConnector
from andon.telemetry import MetricSeries, Result, Status, Window

__all__ = ["InfluxDbConfig", "InfluxDbConnector", "InfluxDbScope"]

_AT_ONCE = 20
"""Statements in one request."""
_NUMERIC = ("float", "integer", "unsigned")


@dataclass(frozen=True, slots=True)
class _Measurement:
    """A measurement with its numeric fields, its tags, and how many series it has (at most one more than matters)."""

    name: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    series: int = 1


@dataclass(frozen=True, slots=True)
class _Ask:
    statement: str
    counter: bool


class InfluxDbConnector(HttpConnector):
    """Fields of measurements, aggregated by the server to steps and tags."""

    kind = "influxdb"
    title = "InfluxDB"
    signals = (Signal.METRICS,)
    proved = "InfluxDB 1.6.7 (Debian); later versions were not run"
    Config: ClassVar[type[ConnectorConfig]] = InfluxDbConfig
    config: InfluxDbConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.api = InfluxDbApi(self.wire, config.database, config.retention_policy)

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self.api.version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        grant = f'GRANT READ ON "{self.config.database}" TO the user, or a token that may read the bucket'
        return (
            reach,
            self.tried("metrics", self._measurements_found, grant),
            self.tried("retention", self._retention, grant),
            self.clock(),
        )

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading = Reading(self.name)
        found: list[MetricSeries] = []
        outside = self.config.scope.outside(need.services, self.config.service_tags)
        for service in outside:
            reading.lacking(Status.DENIED, f"{service} is outside the scope of source {self.name}")
        services = tuple(service for service in need.services if service not in outside)
        window = aligned(need.window, need.step)
        if window is not None and (services or not need.services):
            with reading.part(self.config.database):
                found = self._series(window, need.step, services, reading)
        most = self.config.max_series
        if len(found) > most:
            reading.lacking(Status.TRUNCATED, f"{len(found) - most:,} series more than max_series")
        kept = tuple(sorted(found[:most], key=lambda series: series.key))
        return reading.result(kept, sum(len(series.times) for series in kept))

    def _series(
        self, window: Window, step: float, services: Sequence[str], reading: Reading
    ) -> list[MetricSeries]:
        """Series with points at the times of the aligned window; each speaks for the step before it."""
        measured = Window(window.start - step, window.end)
        planned = self._within_bounds(self._counted(self._measurements(reading), reading), reading)
        asks = [ask for one in planned for ask in self._asks(one, measured, step, services)]
        parts = [asks[i : i + _AT_ONCE] for i in range(0, len(asks), _AT_ONCE)]
        answers = self.session.together(
            [partial(self._answered, part, reading) for part in parts], self.config.limits.requests_at_once
        )
        found = []
        for part, outcomes in zip(parts, answers, strict=True):
            for ask, outcome in zip(part, outcomes, strict=False):
                for table in self._admitted(outcome, services, reading):
                    found += series_in(table, step, ask.counter, self.config)
        return found

    def _answered(self, asks: Sequence[_Ask], reading: Reading) -> tuple[Outcome, ...]:
        place, statements = self.config.database, [ask.statement for ask in asks]
        with reading.part(place):
            outcomes, size = self.api.ask(statements)
            rows = sum(len(table.rows) for outcome in outcomes for table in outcome.tables)
            reading.fetched("; ".join(statements), place=place, items=rows, size=size)
            self._note(outcomes, reading)
            return outcomes
        return ()

    def _note(self, outcomes: Iterable[Outcome], reading: Reading) -> None:
        place = self.config.database
        for outcome in outcomes:
            if outcome.error:
                reading.lacking(Status.PARTIAL, f"refused: {outcome.error}", place=place)
            if outcome.malformed:
                reading.lacking(Status.PARTIAL, "part of an answer is not as InfluxDB has it", place=place)
            if outcome.cut:
                hint = "raise max-row-limit of the server, or ask for less"
                reading.lacking(Status.TRUNCATED, "the server's row limit cut it off", place=place, hint=hint)

    def _measurements(self, reading: Reading) -> list[_Measurement]:
        """What there is within the scope. Raises Unanswered."""
        statements = ["SHOW FIELD KEYS", "SHOW TAG KEYS"]
        outcomes, size = self.api.ask(statements)
        for outcome in outcomes:
            if outcome.error:
                raise Unanswered(outcome.error)
        rows = sum(len(table.rows) for outcome in outcomes for table in outcome.tables)
        reading.fetched("; ".join(statements), place=self.config.database, items=rows, size=size)
        self._note(outcomes, reading)
        tags = {table.name: tuple(str(row[0]) for row in table.rows if row) for table in outcomes[1].tables}
        found = []
        for table in outcomes[0].tables:
            fields = tuple(str(row[0]) for row in table.rows if len(row) > 1 and row[1] in _NUMERIC)
            excluded = any(re.fullmatch(pattern, table.name) for pattern in self.config.exclude)
            if fields and self.config.scope.holds(table.name) and not excluded:
                found.append(_Measurement(table.name, fields, tags.get(table.name, ())))
        return found

    def _counted(self, measurements: Sequence[_Measurement], reading: Reading) -> list[_Measurement]:
        """The measurements with their number of series, as far as it can be had."""
        most = self.config.series_per_measurement + 1
        where = influxql.condition(None, self.config.scope.match, {})
        found = []
        for first in range(0, len(measurements), _AT_ONCE):
            part = measurements[first : first + _AT_ONCE]
            outcomes: Sequence[Outcome] = ()
            with reading.part(self.config.database):
                outcomes, _ = self.api.ask([influxql.series_of(one.name, where, most) for one in part])
            for i, one in enumerate(part):
                known = i < len(outcomes) and not outcomes[i].error
                series = sum(len(table.rows) for table in outcomes[i].tables) if known else most
                found.append(_Measurement(one.name, one.fields, one.tags, max(1, series)))
        return found

    def _within_bounds(self, found: Sequence[_Measurement], reading: Reading) -> list[_Measurement]:
        room, kept = self.config.max_series, []
        for one in sorted(found, key=lambda m: (min(rank(metric_name(m.name, f)) for f in m.fields), m.name)):
            if one.series * len(one.fields) <= room:
                room -= one.series * len(one.fields)
                kept.append(one)
        if len(kept) < len(found):
            reading.lacking(
                Status.TRUNCATED,
                f"{len(found) - len(kept)} of {len(found)} measurements were not asked for: "
                f"more than {self.config.max_series:,} series in all",
                hint="narrow `scope`, or raise max_series",
            )
        return kept

    def _asks(
        self, one: _Measurement, window: Window, step: float, services: Sequence[str]
    ) -> Iterator[_Ask]:
        config = self.config
        naming = {tag: services for tag in one.tags if tag in config.service_tags}
        if services and not naming:
            return
        where = influxql.condition(window, config.scope.match, naming if services else {})
        tags = one.tags if one.series <= config.series_per_measurement else self._telling(one.tags)
        counts = [f for f in one.fields if self._counts(one.name, f)]
        if plain := [field for field in one.fields if field not in counts]:
            yield _Ask(influxql.levels(one.name, plain, where, step, tags), counter=False)
        for field in counts:
            yield _Ask(influxql.increases(one.name, field, where, step, tags), counter=True)

    def _counts(self, measurement: str, field: str) -> bool:
        return any(re.fullmatch(pattern, f"{measurement}_{field}") for pattern in self.config.counters)

    def _telling(self, tags: Sequence[str]) -> tuple[str, ...]:
        config = self.config
        kept = {
            *config.service_tags,
            *config.scope.match,
            *config.keep_tags,
            *OUTCOME_LABELS,
            *OPERATION_LABELS,
        }
        return tuple(tag for tag in tags if tag in kept)

    def _admitted(self, outcome: Outcome, services: Sequence[str], reading: Reading) -> Iterator[Table]:
        """The tables that lie in scope and are of the services."""
        for table in outcome.tables:
            if not self.config.scope.admits(table.tags) or not self.config.scope.holds(table.name):
                reading.lacking(
                    Status.PARTIAL, "series outside the scope left out", place=self.config.database
                )
            elif not services or any(table.tags.get(tag) in services for tag in self.config.service_tags):
                yield table

    def _measurements_found(self) -> str:
        tables = self.api.one("SHOW MEASUREMENTS", fresh=True)
        names = [str(row[0]) for table in tables for row in table.rows if row]
        if not names:
            raise Unanswered(f"{self.config.database} holds no measurement", hint="check `database`")
        read = sum(map(self.config.scope.holds, names))
        return f"{read:,} of {len(names):,} measurements in scope"

    def _retention(self) -> str:
        tables = self.api.one(f"SHOW RETENTION POLICIES ON {influxql.name(self.config.database)}", fresh=True)
        kept = [
            f"{row[0]} keeps {'all' if row[1] == '0s' else row[1]}"
            for t in tables
            for row in t.rows
            if len(row) > 1
        ]
        return ", ".join(kept) or "does not say how far back"
