"""A connector that holds its telemetry in memory, and counts what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from andon.connectors import Check, CheckState, Connector, ConnectorConfig, Need, Reading, Session, Signal
from andon.telemetry import ChangeEvent, Logs, MetricSeries, Result, Spans, Status, Topology, Window
from andon.testing.memory_source import MemorySource

__all__ = ["MemoryConnector"]


class MemoryConnector(Connector):
    """Answers from a `MemorySource`, narrowed to the services that are needed; `needs` is what it was asked."""

    kind = "memory"
    title = "memory"
    proved = "itself"
    signals: ClassVar[tuple[Signal, ...]] = tuple(Signal)

    def __init__(self, name: str, held: MemorySource, signals: Sequence[Signal] = tuple(Signal)) -> None:
        super().__init__(name, ConnectorConfig(kind=self.kind), Session())
        self.held = held
        self.signals = tuple(signals)  # type: ignore[misc]
        self.needs: list[tuple[Signal, Need]] = []
        self.failing: dict[Signal, Status] = {}

    def check(self) -> tuple[Check, ...]:
        return (Check("reach", CheckState.OK, "it is here"),)

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        found = tuple(s for s in self.held.metrics(need.window).value if _wanted(s.service, need))
        return self._result(Signal.METRICS, need, found, sum(len(s.times) for s in found), ())

    def logs(self, need: Need) -> Result[Logs]:
        records = [r for r in self.held.logs(need.window).value if _wanted(r.service, need)]
        return self._result(Signal.LOGS, need, Logs.of(records), len(records), Logs.of(()))

    def spans(self, need: Need) -> Result[Spans]:
        found = self.held.spans(need.window).value
        return self._result(Signal.TRACES, need, found, len(found), Spans.of(()))

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        found = self.held.changes(need.window).value
        return self._result(Signal.CHANGES, need, found, len(found), ())

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        found = tuple(sorted(self.held.services(need.window)))
        return Result.of(found, len(found))

    def topology(self) -> Result[Topology]:
        self.needs.append((Signal.TOPOLOGY, Need(_whole(self.held))))
        return self.held.topology()

    def _result(self, signal: Signal, need: Need, value: Any, count: int, nothing: Any) -> Result[Any]:
        self.needs.append((signal, need))
        reading = Reading(self.name)
        if signal in self.failing:
            reading.lacking(self.failing[signal], "does not answer")
            return reading.result(nothing, 0)
        reading.fetched(f"{signal} of {len(need.services) or 'all'} services", items=count, size=count * 100)
        return reading.result(value, count)


def _wanted(service: str, need: Need) -> bool:
    return not need.services or service in need.services


def _whole(held: MemorySource) -> Window:
    return held.info().extent or Window(0.0, 0.0)
