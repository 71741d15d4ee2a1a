"""Jaeger's query API, and whatever serves it under a prefix (VictoriaTraces does): traces and calls between services.

The JSON API of Jaeger's own pages is used, `/api/traces` and its like: the newer `/api/v3` is not served by all.
Every search is for one service; a trace comes whole with each, so that it is told once for every service in it.
Written after Jaeger's public source; what it answers is adjusted for clock skew between hosts, as its pages show it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.jaeger import answers
from andon.connectors.jaeger.config import JaegerConfig
from andon.connectors.jaeger.reader import TraceReader
from andon.connectors.jaeger.searches import Searches
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.wire import HttpConnector
from andon.telemetry import Result, Spans, Status, Topology, Window

__all__ = ["JaegerConnector"]

_DAY = 86_400.0
_AGES = (30, 14, 7, 2, 1)
"""Days back at which an hour is looked into, to say how far data reach."""
_ASKED = 3
"""Services that are asked how far back they go."""
_HINT = "let GET /api/services, /api/traces and /api/dependencies through; scope.tenant where it has tenants"


class JaegerConnector(HttpConnector):
    """Traces that start in the window with all their spans in the scope, and calls between services up to now."""

    kind = "jaeger"
    title = "Jaeger"
    signals = (Signal.TRACES, Signal.TOPOLOGY)
    proved = "an imitation"
    Config: ClassVar[type[ConnectorConfig]] = JaegerConfig
    config: JaegerConfig

    def headers(self) -> Mapping[str, str]:
        return self.config.scope.tenant

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", lambda: f"{len(self._names(fresh=True)[0])} services", _HINT)
        if reach.state is CheckState.FAILED:
            return (reach,)
        traces = self.tried("traces", self._oldest, _HINT)
        calls = self.tried("service calls", self._calls, _HINT)
        return reach, traces, calls, self.clock()

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        """Those that it lists, which is what was seen in any trace that it keeps."""
        reading, names = Reading(self.name), tuple[str, ...]()
        with reading.part():
            listed, size = self._names()
            names = tuple(name for name in listed if not need.services or name in need.services)
            reading.fetched("GET /api/services", items=len(names), size=size)
        return reading.result(names, len(names))

    def spans(self, need: Need) -> Result[Spans]:
        reading, spans = Reading(self.name), Spans.of(())
        outside = self.config.scope.outside(need.services)
        for service in outside:
            reading.lacking(Status.DENIED, f"{service}: outside the scope of source {self.name}")
        if not outside:
            with reading.part():
                asked = need.services or self._entries(reading)
                searches = Searches(self.wire, self.config.scope)
                reader = TraceReader(searches, self.session, self.config.limits, reading, asked)
                reader.read(need)
                spans = Spans.of([span for trace in reader.traces.values() for span in trace.spans])
        return reading.result(spans, len(spans))

    def topology(self) -> Result[Topology]:
        reading, found = Reading(self.name), Topology()
        with reading.part():
            found, malformed, size = self._dependencies()
            for _ in range(malformed):
                reading.lacking(Status.PARTIAL, "a call in the answer cannot be read")
            reading.fetched("GET /api/dependencies", items=len(found.relationships), size=size)
        return reading.result(found, len(found.relationships))

    def _entries(self, reading: Reading) -> tuple[str, ...]:
        """The services that are asked for traces when none is named: those of the configuration, else all."""
        if self.config.entry_services:
            outside = self.config.scope.outside(self.config.entry_services)
            return tuple(name for name in self.config.entry_services if name not in outside)
        names, size = self._names()
        reading.fetched("GET /api/services", size=size)
        return names

    def _names(self, *, fresh: bool = False) -> tuple[tuple[str, ...], int]:
        """The services in the scope, and the bytes of the answer. Raises Unanswered."""
        reply = self.wire.get("/api/services", fresh=fresh)
        names = answers.services(reply)
        outside = set(self.config.scope.outside(names))
        return tuple(name for name in names if name not in outside), reply.size

    def _dependencies(self) -> tuple[Topology, int, int]:
        """Calls up to this minute, entries that are none, and bytes. Raises Unanswered."""
        minute = int(time.time()) // 60 * 60 + 60
        lookback = int(self.config.calls_within * 1000)
        reply = self.wire.get("/api/dependencies", {"endTs": minute * 1000, "lookback": lookback})
        found, malformed = answers.dependencies(reply, self.config.scope.services)
        return found, malformed, reply.size

    def _calls(self) -> str:
        found, _, _ = self._dependencies()
        if not found.relationships:
            return "none: Jaeger on Cassandra or Elasticsearch needs its dependencies job for them"
        return f"{len(found.relationships)} pairs of services"

    def _oldest(self) -> str:
        """How far back traces go, by looking into single hours."""
        searches, now = Searches(self.wire, self.config.scope), float(int(time.time()))
        names = self._names()[0][:_ASKED]
        for age in _AGES:
            hour = Window(now - age * _DAY - 3600, now - age * _DAY)
            if any(searches.search(name, hour, 1).traces for name in names):
                return f"readable, {age} days back and more" if age > 1 else "readable, a day back and more"
        return "readable, less than a day back"
