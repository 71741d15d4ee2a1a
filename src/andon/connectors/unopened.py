"""A source that is configured and cannot be opened: it answers like a system that is down, and says why."""

from __future__ import annotations

from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.errors import AndonError
from andon.telemetry import Logs, MetricSeries, Result, Status

__all__ = ["Unopened"]


class Unopened(Connector):
    """Fails for metrics and logs, once each: which signals it would have held, nobody knows."""

    kind = "unopened"
    title = "a source that cannot be opened"
    proved = "itself"
    signals: ClassVar[tuple[Signal, ...]] = (Signal.METRICS, Signal.LOGS)

    def __init__(self, name: str, error: AndonError) -> None:
        super().__init__(name, ConnectorConfig(kind=self.kind), Session(0.0))
        self.error = error

    def check(self) -> tuple[Check, ...]:
        return (Check("configuration", CheckState.FAILED, self.error.message, self.error.hint),)

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        return self._lacking(())

    def logs(self, need: Need) -> Result[Logs]:
        return self._lacking(Logs.of(()))

    def _lacking(self, nothing: Any) -> Result[Any]:
        reading = Reading(self.name)
        reading.lacking(Status.FAILED, self.error.message, hint=self.error.hint)
        return reading.result(nothing, 0)
