"""A source that holds its telemetry in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from andon.connectors import Signal, SourceInfo
from andon.telemetry import (
    ChangeEvent,
    Logs,
    MetricSeries,
    Result,
    Span,
    Spans,
    Status,
    Topology,
    Window,
)

__all__ = ["MemorySource"]

T = TypeVar("T")


@dataclass(frozen=True)
class MemorySource:
    """Answers from what it was given; `statuses` makes a signal answer as failed, denied and so on."""

    name: str = "memory"
    series: Sequence[MetricSeries] = ()
    log_records: Logs = field(default_factory=lambda: Logs.of(()))
    span_list: Sequence[Span] = ()
    events: Sequence[ChangeEvent] = ()
    model: Topology = field(default_factory=Topology)
    incident: Window | None = None
    baseline: Window | None = None
    statuses: dict[Signal, Status] = field(default_factory=dict)

    def info(self) -> SourceInfo:
        bounds = [t for s in self.series if len(s.times) for t in (float(s.times[0]), float(s.times[-1]))]
        bounds += [float(t) for t in self.log_records.times]
        bounds += [t for s in self.span_list for t in (s.start, s.start + s.duration)]
        held = Window(min(bounds), max(bounds) + 1e-3) if bounds else None
        return SourceInfo(self.name, "memory", tuple(Signal), held, self.incident, self.baseline)

    def metrics(self, window: Window) -> Result[tuple[MetricSeries, ...]]:
        found = tuple(series.within(window) for series in self.series)
        return self._result(Signal.METRICS, found, sum(len(series.times) for series in found), ())

    def logs(self, window: Window) -> Result[Logs]:
        found = self.log_records.within(window)
        return self._result(Signal.LOGS, found, len(found), Logs.of(()))

    def spans(self, window: Window) -> Result[Spans]:
        found = Spans.of([span for span in self.span_list if span.start in window])
        return self._result(Signal.TRACES, found, len(found), Spans.of(()))

    def changes(self, window: Window) -> Result[tuple[ChangeEvent, ...]]:
        found = tuple(event for event in self.events if event.time in window)
        return self._result(Signal.CHANGES, found, len(found), ())

    def topology(self) -> Result[Topology]:
        return self._result(Signal.TOPOLOGY, self.model, len(self.model.elements), Topology())

    def services(self, window: Window) -> frozenset[str]:
        return frozenset(s.service for s in self.metrics(window).value) | set(
            self.logs(window).value.services
        )

    def _result(self, signal: Signal, value: T, count: int, nothing: T) -> Result[T]:
        status = self.statuses.get(signal)
        if status in (Status.FAILED, Status.DENIED):
            return Result(nothing, status, 0)
        return Result(value, status, count) if status else Result.of(value, count)
