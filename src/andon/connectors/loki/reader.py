"""Reads the records of a query: whole or in an even sample, page by page, several parts of the window at once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from andon.connectors.log_levels import thinned
from andon.connectors.log_records import LONGEST_TEXT, log_record
from andon.connectors.loki.api import LokiApi
from andon.connectors.loki.config import LokiConfig
from andon.connectors.loki.pages import Overfull, pages
from andon.connectors.loki.queries import nanoseconds, split
from andon.connectors.loki.streams import Entry
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.session import Session
from andon.telemetry import LogRecord, Status, Window

__all__ = ["Reader", "Wish"]

_TENANT = "__tenant_id__"
"""The label by which Loki tells tenants apart when several are asked at once."""
_GIVEN_UP = 3
"""Parts of a window that may fail before the others are not asked for any more."""
_MOST_PARTS = 64
_NEARLY = 0.99
"""Counts are of whole milliseconds, and what Loki took in twice it returns once."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one query: a `share` of the records that are `there` (None: not known), at most so many."""

    query: str
    there: float | None
    share: float
    most: int


@dataclass(frozen=True, slots=True)
class _Fetched:
    query: str
    items: int
    size: int


class Reader:
    """Fetches for one answer; gaps and fetches are noted in its reading."""

    def __init__(
        self, api: LokiApi, config: LokiConfig, session: Session, reading: Reading, place: str
    ) -> None:
        self._api = api
        self._config = config
        self._session = session
        self._reading = reading
        self._place = place
        self._lock = threading.Lock()
        self._failed = 0

    def records(self, window: Window, wish: Wish) -> list[LogRecord]:
        """The records of one query, each fetch noted with the share of the whole that was kept."""
        limits = self._config.limits
        taken = sample(window, 1.0 / wish.share if wish.share < 1.0 else 1.0, 1, limits.slices)
        spans = self._spans(taken.windows, wish.there or 0.0)
        tasks = [partial(self._entries, wish.query, start, end) for start, end in spans]
        answered = self._session.together(tasks, limits.requests_at_once)
        entries = [entry for found, _ in answered for entry in found]
        if taken.share == 1.0 and wish.there and len(entries) < _NEARLY * wish.there and not self._failed:
            self._lacks(Status.PARTIAL, "fewer records came than were counted")
        kept = thinned(entries, wish.most)
        share = taken.share * (len(kept) / len(entries) if entries else 1.0)
        for _, fetches in answered:
            for one in fetches:
                self._reading.fetched(
                    one.query, place=self._place, items=one.items, size=one.size, share=share
                )
        return [self._record(entry) for entry in kept]

    def _spans(self, windows: Sequence[Window], there: float) -> list[tuple[int, int]]:
        """The windows in nanoseconds; a single one is cut into parts that can be asked for at once."""
        cuts = 1 if len(windows) > 1 else max(1, min(_MOST_PARTS, round(there / self._api.page_size)))
        found: list[tuple[int, int]] = []
        for part in (part for window in windows for part in split(window)):
            start, end = nanoseconds(part.start), nanoseconds(part.end)
            edges = [start + (end - start) * i // cuts for i in range(cuts)] + [end]
            found += [(low, high) for low, high in itertools.pairwise(edges) if low < high]
        return found

    def _entries(self, query: str, start: int, end: int) -> tuple[list[Entry], list[_Fetched]]:
        """The entries of one part of the window, and the requests that brought them."""
        found: list[Entry] = []
        fetches: list[_Fetched] = []
        if self._failed >= _GIVEN_UP:
            self._lacks(Status.FAILED, "not asked for after other parts of the window failed")
            return found, fetches
        overfull, whole = Overfull(), False
        with self._reading.part(self._place):
            for page in pages(self._api, query, start, end, overfull):
                admitted = [entry for entry in page.entries if self._admits(entry)]
                self._lacks(Status.PARTIAL, "a malformed entry was left out", page.strange)
                outside = len(page.entries) - len(admitted)
                self._lacks(Status.PARTIAL, "an entry outside of the scope was left out", outside)
                found += admitted
                fetches.append(_Fetched(f"{query} [{start}, {end})", len(admitted), page.size))
            whole = True
        if not whole:
            with self._lock:
                self._failed += 1
        self._lacks(
            Status.TRUNCATED,
            "a nanosecond holds more records than one answer may",
            overfull.count,
            "raise max_entries_limit_per_query in Loki's limits_config",
        )
        return found, fetches

    def _admits(self, entry: Entry) -> bool:
        tenant, tenants = entry.labels.get(_TENANT), self._config.tenants
        known = tenant is None or not tenants or tenant in tenants
        return known and self._config.scope.admits(entry.labels)

    def _lacks(self, status: Status, message: str, times: int = 1, hint: str = "") -> None:
        for _ in range(times):
            self._reading.lacking(status, message, place=self._place, hint=hint)

    def _record(self, entry: Entry) -> LogRecord:
        if len(entry.line) > LONGEST_TEXT:
            self._lacks(Status.PARTIAL, f"a record longer than {LONGEST_TEXT:,} characters was cut")
        fields = {**entry.labels, **entry.metadata}
        return log_record(entry.ns / 1e9, entry.line, fields, service_labels=self._config.service_labels)
