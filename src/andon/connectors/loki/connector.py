"""Loki's connector: log records of a window, as many as are wanted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.log_levels import AIMED, wanted
from andon.connectors.loki.amounts import Amounts
from andon.connectors.loki.api import LokiApi
from andon.connectors.loki.checks import LABELS_HINT, STATS_HINT, Trial
from andon.connectors.loki.config import LokiConfig
from andon.connectors.loki.reader import Reader, Wish
from andon.connectors.loki.selection import Selection
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.wire import HttpConnector
from andon.telemetry import LogRecord, Logs, Result

__all__ = ["LokiConnector"]

_SPENDABLE = 0.8
"""The part of the byte budget that records are planned for: lines are not all of the same size."""
_PIECES = 4
"""An answer is planned to be this many times smaller than it may be."""


class LokiConnector(HttpConnector):
    """Records with their severity, service, trace id and labels."""

    kind = "loki"
    title = "Loki"
    signals = (Signal.LOGS,)
    proved = "an imitation of Loki 3 that enforces its documented limits"
    Config: ClassVar[type[ConnectorConfig]] = LokiConfig
    config: LokiConfig

    def __init__(self, name: str, config: LokiConfig, session: Session) -> None:
        super().__init__(name, config, session)
        self.api = LokiApi(self.wire, config.page)
        self.selection = Selection(name, config, self.api)
        self.place = "tenant " + "|".join(config.tenants) if config.tenants else ""

    def headers(self) -> Mapping[str, str]:
        return {"X-Scope-OrgID": "|".join(self.config.tenants)} if self.config.tenants else {}

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self.api.version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        trial = Trial(self.name, self.api, self.selection)
        labels = self.tried("labels", trial.labels, LABELS_HINT)
        if not trial.streams:
            return reach, labels, self.clock()
        return (
            reach,
            labels,
            trial.newest(),
            self.tried("amount", trial.amount, STATS_HINT),
            self.tried("history", trial.history, STATS_HINT),
            self.clock(),
        )

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        reading = Reading(self.name)
        found: tuple[str, ...] = ()
        with reading.part(self.place):
            found = self.selection.services(need.window, reading, self.place)
        return reading.result(found, len(found))

    def logs(self, need: Need) -> Result[Logs]:
        reading = Reading(self.name)
        reader = Reader(self.api, self.config, self.session, reading, self.place)
        found: list[LogRecord] = []
        with reading.part(self.place):
            services = self.selection.admitted(need.services, reading)
            streams = self.selection.narrowed(services, need.window, reading, self.place)
            if streams:
                scanned = self.config.limits.bytes
                amounts = Amounts.ask(self.api, streams, need.window, scanned, reading, self.place)
                items = self._items(need, amounts)
                for wish in self._wishes(amounts, items):
                    found += reader.records(need.window, wish)
        return reading.result(Logs.of(found), len(found))

    def _items(self, need: Need, amounts: Amounts) -> int:
        """How many records may be read, as what they hold must fit the budget."""
        limits = self.config.limits
        left = self.session.left(self.name, limits.bytes)
        self.api.at_most(int(limits.answer_bytes / (_PIECES * amounts.line)))
        return max(1, min(need.items, limits.items, int(_SPENDABLE * left / amounts.line)))

    def _wishes(self, amounts: Amounts, items: int) -> Iterator[Wish]:
        """What is wanted of each stratum; no more of the window than the server may scan."""
        readable = min(1.0, self.config.limits.bytes / amounts.bytes) if amounts.bytes else 1.0
        of_severe, of_mild = wanted(amounts.severe, amounts.mild, items)
        exact = amounts.share == 1.0
        for name, query in amounts.queries.items():
            there = amounts.there[name]
            severe = name.startswith("severe")
            total, budget = (amounts.severe, of_severe) if severe else (amounts.mild, of_mild)
            share = min(readable, budget / total) if total else readable
            if there or not exact:
                most = items if share == 1.0 else math.ceil(share * (there or total) / AIMED)
                yield Wish(query, there if exact else None, share, max(1, min(items, most)))
