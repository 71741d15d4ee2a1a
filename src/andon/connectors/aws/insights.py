"""Queries of Logs Insights: started, waited for, stopped when nobody waits any more, and paid for by the byte.

At most 50 log groups and 10,000 rows a query; 30 queries at once in an account, which others share. Times are
whole seconds with both ends included. Source: Amazon CloudWatch Logs API reference.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from andon.connectors.aws.api import Answer, AwsApi
from andon.connectors.aws.config import Place
from andon.connectors.aws.log_groups import LogGroup, LogsScope
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = ["AT_ONCE", "MOST_GROUPS", "MOST_ROWS", "Insights", "Rows"]

MOST_GROUPS, MOST_ROWS, AT_ONCE = 50, 10_000, 30
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.1, 2.0, 1.5
_LAST_WORDS = 1.0
"""Seconds that stopping a query may take after the time is over."""
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a query, each field by name; how many records matched, bytes that came and that were scanned."""

    rows: Sequence[Mapping[str, str]]
    matched: float
    size: int
    scanned: float


class Insights:
    """Runs queries in the accounts of a scope; starts none once `scan_bytes` were scanned in this run.

    `price_per_gb` is in US dollars, as AWS bills what a query scans.
    """

    def __init__(
        self, api: AwsApi, scope: LogsScope, source: str, *, scan_bytes: float, price_per_gb: float
    ) -> None:
        self._api, self._scope, self._source = api, scope, source
        self._most, self._price = scan_bytes, price_per_gb
        self._lock = threading.Lock()
        self.scanned = 0.0

    def run(
        self, place: Place, groups: Sequence[LogGroup], text: str, window: Window, limit: int = MOST_ROWS
    ) -> Rows:
        """What a query finds; sent once in a run. Raises Unanswered."""
        names = tuple(group.arn for group in groups)
        key = (self._source, "insights", place, names, text, window, limit)
        return self._api.session.once(key, lambda: self._run(place, groups, text, window, limit))

    def try_out(self, place: Place, group: LogGroup, window: Window) -> None:
        """Starts a query, looks at it and stops it. Raises Unanswered when one of these is not allowed."""
        query = self._started(place, [group], "limit 1", window, 1)
        self._api.ask(place, "logs", "get_query_results", fresh=True, queryId=query)
        try:
            self._api.ask(place, "logs", "stop_query", fresh=True, queryId=query)
        except Unanswered as gap:
            if gap.status is Status.DENIED:
                raise

    def cost(self, scanned: float) -> str:
        """What a query scanned and costs, for people."""
        return f"scanned {scanned / _GB:,.3f} GB, {scanned / _GB * self._price:.4f} USD"

    def _run(self, place: Place, groups: Sequence[LogGroup], text: str, window: Window, limit: int) -> Rows:
        self._scope.admit_groups(groups, self._source)
        if self.scanned >= self._most:
            raise Unanswered(
                f"the budget of {self._most / _GB:,.1f} GB to scan is used up ({self.cost(self.scanned)})",
                status=Status.TRUNCATED,
                hint="look at a shorter time or fewer log_groups, or raise scan_bytes",
            )
        query, ended = self._started(place, groups, text, window, limit), False
        try:
            rows = self._awaited(place, query)
            ended = True
        finally:
            if not ended:
                self._stop(place, query)
        with self._lock:
            self.scanned += rows.scanned
        return rows

    def _started(
        self, place: Place, groups: Sequence[LogGroup], text: str, window: Window, limit: int
    ) -> str:
        answer = self._api.ask(
            place,
            "logs",
            "start_query",
            fresh=True,
            logGroupIdentifiers=[group.arn for group in groups],
            startTime=floor(window.start),
            endTime=ceil(window.end),
            queryString=text,
            limit=limit,
        )
        query = answer.value.get("queryId")
        if not isinstance(query, str) or not query:
            raise Unanswered("answers, but not as AWS does", hint="check `endpoint`")
        return query

    def _awaited(self, place: Place, query: str) -> Rows:
        pause = _FIRST_PAUSE
        while True:
            answer = self._api.ask(place, "logs", "get_query_results", fresh=True, queryId=query)
            status = answer.value.get("status")
            if status == "Complete":
                return _rows(answer)
            if status not in ("Scheduled", "Running"):
                words = f"a query ended as {status}" if status else "answers, but not as AWS does"
                raise Unanswered(words, hint="look at a shorter time or fewer log_groups")
            self._api.session.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)

    def _stop(self, place: Place, query: str) -> None:
        """Ends a query that nobody waits for, on a session of its own: that of the run may be over."""
        with contextlib.suppress(Unanswered), Session(_LAST_WORDS) as last:
            self._api.on(last).ask(place, "logs", "stop_query", fresh=True, queryId=query)


def _rows(answer: Answer) -> Rows:
    statistics = answer.value.get("statistics") or {}
    found = [_row(cells) for cells in answer.items("results")]
    matched, scanned = (float(statistics.get(name) or 0.0) for name in ("recordsMatched", "bytesScanned"))
    return Rows(found, matched, answer.size, scanned)


def _row(cells: Any) -> dict[str, str]:
    return {
        str(cell.get("field")): str(cell.get("value")) for cell in cells or () if cell and "value" in cell
    }
