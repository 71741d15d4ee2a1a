"""What is tried on a Loki: which labels there are, how new and how old the records, how many a day."""

from __future__ import annotations

import time

from andon.connectors.connector import Check, CheckState
from andon.connectors.loki.api import LokiApi
from andon.connectors.loki.selection import Selection
from andon.connectors.reading import Reading
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Window, isoformat

__all__ = ["LABELS_HINT", "STATS_HINT", "Trial"]

LABELS_HINT = "give the user read access to the tenant (/loki/api/v1/*), and name it under `tenants`"
STATS_HINT = "pass /loki/api/v1/index/stats on to Loki"

_DAY = 86_400.0
_AGES = (365, 90, 31, 14, 7, 2, 1)
"""Days back at which it is asked whether there is anything, the oldest first."""
_LATE = 300.0
"""Seconds without a new record after which it is told: agents ship within a minute."""
_SKEW = 60.0
"""Seconds by which a record may be newer than now before a sender's clock is wrong."""


class Trial:
    """One check of one Loki; its methods raise Unanswered."""

    def __init__(self, name: str, api: LokiApi, selection: Selection) -> None:
        self._api = api
        self._selection = selection
        self._reading = Reading(name)
        self._now = time.time()
        self.streams = ""

    def labels(self) -> str:
        """Which label names the service, and how many services have it; sets `streams`."""
        window = Window(self._now - _DAY, self._now)
        known, _ = self._api.labels(window)
        if not known:
            return "no stream in the last day"
        self.streams = self._selection.selector(window, self._reading, "")
        label = self._selection.service_label(known)
        if not label:
            raise Unanswered(
                f"no label names the service; there are {', '.join(known[:10])}",
                hint="name one of them under `service_labels`",
            )
        values, _ = self._api.values(label, self.streams, window)
        return f"{len(values)} services by the label {label}"

    def newest(self) -> Check:
        """How old the newest record is."""
        try:
            entry = self._api.newest(self.streams, Window(self._now - _DAY, self._now + _DAY / 24))
        except Unanswered as gap:
            return Check("logs", CheckState.FAILED, gap.message, gap.hint or LABELS_HINT)
        if entry is None:
            hint = "do the agents still send? is the scope right?"
            return Check("logs", CheckState.WARNING, "no record in the last day", hint)
        age = self._now - entry.ns / 1e9
        if age > _LATE:
            found = f"the newest record is {age / 60:,.0f} minutes old"
            return Check("logs", CheckState.WARNING, found, "an incident of these minutes would not be seen")
        if age < -_SKEW:
            found = f"the newest record is {-age:.0f} s in the future"
            return Check("logs", CheckState.WARNING, found, "set the clocks of the senders by NTP")
        return Check("logs", CheckState.OK, f"the newest record is {max(0.0, age):.0f} s old")

    def amount(self) -> str:
        """What the scope holds of the last day, as far as the index knows."""
        stats, _ = self._api.stats(self.streams, Window(self._now - _DAY, self._now))
        if stats is None:
            raise Unanswered("there is no /loki/api/v1/index/stats (Loki before 2.8, or a gateway)")
        return f"{stats.bytes / 1e6:,.1f} MB in {stats.streams:,} streams in the last day"

    def history(self) -> str:
        """How far back there are records at least."""
        for days in _AGES:
            end = self._now - (days - 1) * _DAY
            stats, _ = self._api.stats(self.streams, Window(end - _DAY, end))
            if stats is not None and stats.entries:
                return f"back to {isoformat(end - _DAY)[:10]} or further"
        return "the index knows none yet"
