"""VictoriaLogs' connector: log records of a window, as many as are wanted."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.log_levels import AIMED, LevelCounts, thinned, wanted
from andon.connectors.log_records import LONGEST_TEXT, log_record
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.victorialogs.config import VictoriaLogsConfig
from andon.connectors.victorialogs.queries import LEVEL_FIELDS, counted, scoped, services, strata, within
from andon.connectors.victorialogs.records import Row, groups_of, rows_of
from andon.connectors.wire import HttpConnector, Reply
from andon.telemetry import LogRecord, Logs, Result, Status, Window, isoformat

__all__ = ["VictoriaLogsConnector"]

_FIELDS = 400.0
"""Bytes that a record's fields add to its message in an answer, about."""
_PIECES = 8
"""An answer is planned to be this many times smaller than it may be: records are not evenly spread."""
_GIVEN_UP = 3
_DAY = 86_400.0
_LATE = 300.0
_AGES = (365, 90, 31, 14, 7, 2, 1)
_READ = "let the user read /select/logsql/*, and state `account` and `project`"


class VictoriaLogsConnector(HttpConnector):
    """Records with their severity, service, trace id and fields."""

    kind = "victorialogs"
    title = "VictoriaLogs"
    signals = (Signal.LOGS,)
    proved = "an imitation of VictoriaLogs 1.x"
    Config: ClassVar[type[ConnectorConfig]] = VictoriaLogsConfig
    config: VictoriaLogsConfig

    def __init__(self, name: str, config: VictoriaLogsConfig, session: Session) -> None:
        super().__init__(name, config, session)
        self.place = f"tenant {config.account}:{config.project}"
        self._failed = 0

    def headers(self) -> Mapping[str, str]:
        return {"AccountID": str(self.config.account), "ProjectID": str(self.config.project)}

    def check(self) -> tuple[Check, ...]:
        now = time.time()
        day = Window(now - _DAY, now)
        reach = self.tried("reach", lambda: self._fields(day), _READ)
        if reach.state is CheckState.FAILED:
            return (reach,)
        history = self.tried("history", lambda: self._oldest(now), _READ)
        return (
            reach,
            self._newest(now),
            self.tried("amount", lambda: self._amount(day), _READ),
            history,
            self.clock(),
        )

    def logs(self, need: Need) -> Result[Logs]:
        reading = Reading(self.name)
        found: list[LogRecord] = []
        self._failed = 0
        with reading.part(self.place):
            names = self._admitted(need.services, reading)
            query = services(names, self.config.service_labels)
            there, queries, line = self._amounts(query, need.window, reading)
            found = self._read(need, there, queries, line, reading)
        return reading.result(Logs.of(found), len(found))

    def _admitted(self, names: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
        """The services that the scope admits. Raises Unanswered (DENIED) when it admits none of them."""
        match = self.config.scope.match
        bounds = [match[label] for label in self.config.service_labels if label in match]
        outside = [name for name in names if any(name not in bound for bound in bounds)]
        for name in outside:
            message = f"service {name} is outside the scope of source {self.name}"
            hint = "widen scope.match, or ask for less"
            if len(outside) == len(names):
                raise Unanswered(message, status=Status.DENIED, hint=hint)
            reading.lacking(Status.DENIED, message, hint=hint)
        return tuple(name for name in names if name not in outside)

    def _amounts(
        self, query: str, window: Window, reading: Reading
    ) -> tuple[dict[str, float], dict[str, str], float]:
        """How many records each stratum holds, its query, and the bytes of a record in an answer."""
        groups = self._counted(counted(within(window, query), LEVEL_FIELDS), window, reading)
        counts = LevelCounts.of([(labels, records) for labels, records, _ in groups], LEVEL_FIELDS)
        queries = strata(query, counts)
        there = {"severe": sum(counts.severe.values()), "mild": sum(counts.mild.values())}
        if counts.unknown:
            text = counted(within(window, queries["severe words"]))
            severe = sum(records for _, records, _ in self._counted(text, window, reading))
            there |= {"severe words": severe, "mild words": max(0.0, counts.unknown - severe)}
        size = sum(size for _, _, size in groups)
        return there, queries, size / max(1.0, counts.total) + _FIELDS

    def _counted(
        self, query: str, window: Window, reading: Reading
    ) -> list[tuple[Mapping[str, str], float, float]]:
        reply = self._ask("stats_query", {"query": query, "time": window.end})
        groups = groups_of(reply.json())
        reading.fetched(query, place=self.place, items=len(groups), size=reply.size)
        return groups

    def _read(
        self, need: Need, there: dict[str, float], queries: dict[str, str], line: float, reading: Reading
    ) -> list[LogRecord]:
        """The records of all strata, each with the share that is wanted of it."""
        left = self.session.left(self.name, self.config.limits.bytes)
        items = max(1, min(need.items, self.config.limits.items, int(0.8 * left / line)))
        severe = there.get("severe", 0.0) + there.get("severe words", 0.0)
        mild = there.get("mild", 0.0) + there.get("mild words", 0.0)
        budgets = wanted(severe, mild, items)
        found: list[LogRecord] = []
        for name, count in there.items():
            if count:
                of_severe = name.startswith("severe")
                share = budgets[0] / severe if of_severe else budgets[1] / mild
                most = items if share == 1.0 else math.ceil(share * count / AIMED)
                found += self._stratum(need.window, queries[name], share, count, line, most, reading)
        return found

    def _stratum(
        self,
        window: Window,
        query: str,
        share: float,
        there: float,
        line: float,
        most: int,
        reading: Reading,
    ) -> list[LogRecord]:
        """So large a share of the records that match one query, and the note of what was fetched."""
        taken = sample(window, 1.0 / share if share < 1.0 else 1.0, 1, self.config.limits.slices)
        windows = list(taken.windows)
        if len(windows) == 1:
            windows = _cut(window, 1 + int(there * line * _PIECES / self.config.limits.answer_bytes))
        tasks = [partial(self._slice, query, one, reading) for one in windows]
        answered = self.session.together(tasks, self.config.limits.requests_at_once)
        rows = [row for found, _ in answered for row in found]
        if taken.share == 1.0 and len(rows) < there and not self._failed:
            reading.lacking(Status.PARTIAL, "fewer records came than were counted", place=self.place)
        kept = thinned(rows, most)
        share = taken.share * (len(kept) / len(rows) if rows else 1.0)
        for _, fetches in answered:
            for text, count, size in fetches:
                reading.fetched(text, place=self.place, items=count, size=size, share=share)
        return [self._record(row, reading) for row in kept]

    def _slice(
        self, query: str, window: Window, reading: Reading
    ) -> tuple[list[Row], list[tuple[str, int, int]]]:
        """The records of one part of the window, and the requests that brought them."""
        if self._failed >= _GIVEN_UP:
            message = "not asked for after other parts of the window failed"
            reading.lacking(Status.FAILED, message, place=self.place)
            return [], []
        text = within(window, query)
        try:
            reply = self._ask("query", {"query": text})
            rows, strange = rows_of(reply.body)
        except Unanswered as gap:
            self._failed += 1
            reading.lacking(gap.status, gap.message, place=self.place, hint=gap.hint)
            return [], []
        for _ in range(strange):
            reading.lacking(Status.PARTIAL, "a malformed record was left out", place=self.place)
        admitted = [row for row in rows if row[0] in window and self.config.scope.admits(row[2])]
        for _ in range(len(rows) - len(admitted)):
            message = "a record outside of the scope or the window was left out"
            reading.lacking(Status.PARTIAL, message, place=self.place)
        return admitted, [(text, len(admitted), reply.size)]

    def _ask(self, what: str, form: dict[str, Any]) -> Reply:
        """One query, with the scope as a filter that applies whatever the query says. Raises Unanswered."""
        scope = scoped(self.config.scope.match)
        return self.wire.post(
            f"/select/logsql/{what}", form=form | ({"extra_filters": scope} if scope else {})
        )

    def _record(self, row: Row, reading: Reading) -> LogRecord:
        moment, message, fields = row
        if len(message) > LONGEST_TEXT:
            text = f"a record longer than {LONGEST_TEXT:,} characters was cut"
            reading.lacking(Status.PARTIAL, text, place=self.place)
        return log_record(moment, message, fields, service_labels=self.config.service_labels)

    def _fields(self, window: Window) -> str:
        answer = self._ask("field_names", {"query": within(window, "*")}).json()
        if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
            raise Unanswered("answers, but not as VictoriaLogs' API does")
        names = {one.get("value") for one in answer["values"] if isinstance(one, dict)}
        service = next((name for name in self.config.service_labels if name in names), "")
        if names and not service:
            raise Unanswered("no field names the service", hint="name one under `service_labels`")
        return f"{len(names)} fields in the last day" + (f", the service by {service}" if service else "")

    def _newest(self, now: float) -> Check:
        try:
            rows, _ = rows_of(
                self._ask("query", {"query": within(Window(now - _DAY, now + 60), "*"), "limit": 1}).body
            )
        except Unanswered as gap:
            return Check("logs", CheckState.FAILED, gap.message, gap.hint or _READ)
        if not rows:
            hint = "do the agents still send? is the scope right?"
            return Check("logs", CheckState.WARNING, "no record in the last day", hint)
        age = now - rows[0][0]
        if age > _LATE:
            found = f"the newest record is {age / 60:,.0f} minutes old"
            return Check("logs", CheckState.WARNING, found, "an incident of these minutes would not be seen")
        return Check("logs", CheckState.OK, f"the newest record is {max(0.0, age):.0f} s old")

    def _amount(self, window: Window) -> str:
        groups = self._counted(counted(within(window, "*")), window, Reading(self.name))
        records, size = sum(n for _, n, _ in groups), sum(s for _, _, s in groups)
        return f"{records:,.0f} records with {size / 1e6:,.1f} MB of messages in the last day"

    def _oldest(self, now: float) -> str:
        for days in _AGES:
            end = now - (days - 1) * _DAY
            rows, _ = rows_of(
                self._ask("query", {"query": within(Window(end - _DAY, end), "*"), "limit": 1}).body
            )
            if rows:
                return f"back to {isoformat(rows[0][0])[:10]} or further"
        return "no record yet"


def _cut(window: Window, parts: int) -> list[Window]:
    """The window in equal parts whose edges are whole milliseconds."""
    edges = [round(window.start + window.seconds * i / parts, 3) for i in range(1, parts)]
    edges = [window.start, *edges, window.end]
    return [Window(low, high) for low, high in itertools.pairwise(edges) if low < high]
