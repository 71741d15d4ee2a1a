"""Logs of two windows, read once, batch by batch: templates, what changed between the windows, and families of errors."""

from __future__ import annotations

from andon.analysis.log_comparison import LogComparison, LogTally
from andon.analysis.log_families import ErrorFamilies, FamilyTally
from andon.analysis.templates import Miner
from andon.telemetry import Logs, Window

__all__ = ["LogStream"]


class LogStream:
    """Takes logs in batches and answers at any time for all that came; the size of the batches has no say.

    Batches come in ascending time, within and across; each may have services of its own. Memory grows with templates
    and services, not with records. `LogSample.index` counts from the first record of the first batch.
    """

    def __init__(self, baseline: Window, incident: Window, *, per_service: bool = True) -> None:
        self._miner = Miner()
        self._changes = LogTally(baseline, incident, per_service=per_service)
        self._errors = FamilyTally(baseline, incident)

    @property
    def records(self) -> int:
        """How many records came."""
        return self._changes.records

    @property
    def overflow(self) -> int:
        """How many lines were told apart by their first words only; see `Miner`."""
        return self._miner.overflow

    def add(self, logs: Logs) -> None:
        """Takes a batch in."""
        codes = self._miner.add(logs.bodies)
        self._changes.add(logs, codes)
        self._errors.add(logs, codes)

    def comparison(self, *, false_discovery_rate: float = 0.01) -> LogComparison:
        """What changed between the windows."""
        return self._changes.result(self._miner.table(), false_discovery_rate=false_discovery_rate)

    def families(self) -> ErrorFamilies:
        """The errors of both windows by where they come from."""
        return self._errors.result(self._miner.table())
