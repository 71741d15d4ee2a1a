"""Grafana Tempo: whole traces, as an even sample of known share.

Spans come with the search itself (`select`), a request a slice; traces of which a search cannot give all spans are
fetched by their id. Written after the public source of Tempo 2.x and 3.0: searches know whole seconds, return what
overlaps them, bring at most `max_spans_per_span_set` spans of a trace along, and have no pages. Assumed: the blocks
that hold a trace overlap the hour before or after its start.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.tempo import traceql
from andon.connectors.tempo.answers import STRANGE
from andon.connectors.tempo.config import SERVICE, TempoConfig
from andon.connectors.tempo.reader import TraceReader
from andon.connectors.tempo.searches import NotUnderstood, Searches
from andon.connectors.tempo.slices import seconds_of
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConnector
from andon.telemetry import Result, Spans, Status, Window

__all__ = ["TempoConnector"]

_NOT_FOUND = frozenset([404])
_DAY = 86_400.0
_AGES = (30, 14, 7, 2, 1)
"""Days back at which an hour is looked into, to say how far data reach."""
_HINT = "allow reading traces (Grafana Cloud: traces:read); with multitenancy_enabled name scope.tenant"


class TempoConnector(HttpConnector):
    """Traces that start in the window, with all their spans in the scope."""

    kind = "tempo"
    title = "Grafana Tempo"
    signals = (Signal.TRACES,)
    proved = "an imitation"
    Config: ClassVar[type[ConnectorConfig]] = TempoConfig
    config: TempoConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self._searches = Searches(self.wire)

    def headers(self) -> Mapping[str, str]:
        tenant = self.config.scope.tenant
        return {"x-scope-orgid": tenant} if tenant else {}

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._version, _HINT)
        if reach.state is CheckState.FAILED:
            return (reach,)
        traces = self.tried("traces", self._readable, _HINT)
        if traces.state is CheckState.FAILED:
            return reach, traces
        return reach, traces, self.tried("how far back", self._oldest), self.clock()

    def spans(self, need: Need) -> Result[Spans]:
        reading = Reading(self.name)
        reader = TraceReader(self._searches, self.session, self.config, reading, self._place)
        outside = self.config.scope.outside(need.services)
        for service in outside:
            reading.lacking(Status.DENIED, f"{service}: outside the scope of source {self.name}")
        if not outside:
            with reading.part(self._place):
                reader.read(need)
        spans = [span for trace in reader.traces.values() for span in trace.spans]
        return reading.result(Spans.of(spans), len(spans))

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        """The values of `service.name` in the window."""
        reading, found = Reading(self.name), set[str]()
        with reading.part(self._place):
            start, end = seconds_of(need.window)
            path = f"/api/v2/search/tag/{SERVICE}/values"
            query = traceql.conditions(self.config.scope)
            reply = self.wire.get(path, {"q": query, "start": start, "end": end})
            answer = reply.json()
            values = answer.get("tagValues") if isinstance(answer, dict) else None
            if not isinstance(values, list):
                raise Unanswered(STRANGE)
            told = {str(one["value"]) for one in values if isinstance(one, dict) and one.get("value")}
            found = told.difference(self.config.scope.outside(tuple(told)))
            reading.fetched(f"GET {path}?q={query}", place=self._place, items=len(found), size=reply.size)
        return reading.result(tuple(sorted(found)), len(found))

    @property
    def _place(self) -> str:
        tenant = self.config.scope.tenant
        return f"tenant {tenant}" if tenant else ""

    def _version(self) -> str:
        reply = self.wire.get("/api/status/buildinfo", fresh=True, accept=_NOT_FOUND)
        if reply.status == 404:
            # Gateways often let only the queries through.
            if self.wire.get("/api/echo", fresh=True).body.strip() != b"echo":
                raise Unanswered(STRANGE, hint="is this the address of Tempo's query frontend?")
            return "Tempo, which does not say its version"
        told = reply.json()
        if not isinstance(told, dict) or not isinstance(told.get("version"), str):
            raise Unanswered(STRANGE, hint="is this the address of Tempo's query frontend?")
        return f"Tempo {told['version']}"

    def _readable(self) -> str:
        """Whether traces can be searched, and whether whole spans come along."""
        now = float(int(time.time()))
        plain = traceql.traces(self.config.scope)
        last = Window(now - 3600, now)
        try:
            found = self._searches.search(traceql.selected(plain, self.config.scope), last, spans=1, limit=1)
            how = "read with the search"
        except NotUnderstood:
            found = self._searches.search(plain, last, spans=1, limit=1)
            how = "fetched one by one (with Tempo 2.8 or later a tenth of the requests would do)"
        return how if found.traces else f"{how}; none in the last hour"

    def _oldest(self) -> str:
        now, query = float(int(time.time())), traceql.traces(self.config.scope)
        for age in _AGES:
            hour = Window(now - age * _DAY - 3600, now - age * _DAY)
            if self._searches.search(query, hour, spans=1, limit=1).traces:
                return f"{age} days and more" if age > 1 else "a day and more"
        return "less than a day"
