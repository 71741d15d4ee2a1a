"""The seam between andon and any system that holds telemetry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from andon.telemetry import ChangeEvent, Logs, MetricSeries, Problem, Result, Spans, Topology, Window

__all__ = ["Signal", "Source", "SourceInfo"]


class Signal(StrEnum):
    """The kinds of telemetry that a source can hold."""

    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"
    CHANGES = "changes"
    TOPOLOGY = "topology"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source is and holds.

    `extent` spans its earliest and latest metric point, log record or span, None where it cannot
    know. `incident` and `baseline` are windows that whoever made the source stated, `alert` a
    moment inside the incident (Unix seconds); `symptom` what they wrote of it. `problems` concern the source as a whole, not one signal (files that nobody
    could place, entries that were refused); those of a signal ride on its results.
    """

    name: str
    kind: str
    signals: tuple[Signal, ...]
    extent: Window | None = None
    incident: Window | None = None
    baseline: Window | None = None
    alert: float | None = None
    symptom: str = ""
    problems: tuple[Problem, ...] = ()


class Source(Protocol):
    """Read-only access to one system. Every method answers with a `Result`, also when it fails.

    A source answers `empty` for a signal that it does not hold.
    """

    @property
    def name(self) -> str: ...

    def info(self) -> SourceInfo: ...

    def metrics(self, window: Window) -> Result[tuple[MetricSeries, ...]]: ...

    def logs(self, window: Window) -> Result[Logs]: ...

    def spans(self, window: Window) -> Result[Spans]: ...

    def changes(self, window: Window) -> Result[tuple[ChangeEvent, ...]]: ...

    def topology(self) -> Result[Topology]: ...

    def services(self, window: Window) -> frozenset[str]:
        """The services that metrics and logs speak of."""
        ...
