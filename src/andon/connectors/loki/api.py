"""The requests to Loki, and what its refusals mean.

Loki answers 400 with a plain text when a query exceeds a limit of the tenant: the ones on entries, length and
bytes of a query are understood, so that the caller can ask for less. Their texts are those of Loki 2.9 to 3.x.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.connectors.loki.queries import nanoseconds, split
from andon.connectors.loki.streams import Entry, Stats, entries_of, groups_of, names_of, stats_of
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Status, Window

__all__ = ["LokiApi", "Page", "TooMuch"]

_REFUSED = frozenset([400])
_TOO_MANY_ENTRIES = re.compile(r"max entries limit per query exceeded.*\(\d+ > (\d+)\)")
_TOO_MUCH = (
    "the query time range exceeds the limit",
    "the query would read too many bytes",
    "query too large to execute on a single querier",
)
_CATEGORIZED = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
"""Asks for structured metadata apart from labels; older servers ignore it."""


class TooMuch(Unanswered):
    """A shorter window would be answered."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in ascending time, `full` when there may be more of them; `size` bytes came back, `strange` were malformed."""

    entries: Sequence[Entry]
    full: bool
    size: int
    strange: int


class LokiApi:
    """Loki's queries over a wire. Every method raises Unanswered."""

    def __init__(self, wire: Wire, page: int) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self._page = page

    def version(self) -> str:
        """What the server says it is; gateways often do not pass this on."""
        reply = self._wire.get("/loki/api/v1/status/buildinfo", fresh=True, accept=frozenset([404]))
        if reply.status == 404:
            return "answers; its version is behind a gateway"
        answer = reply.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("version"), str):
            raise Unanswered("answers, but not as Loki's API does")
        return f"Loki {answer['version'][:40]}"

    def labels(self, window: Window) -> tuple[list[str], int]:
        """The labels that streams have in the window, and the size of the answer."""
        return self._names("/loki/api/v1/labels", {}, window)

    def values(self, label: str, query: str, window: Window) -> tuple[list[str], int]:
        """The values of a label among the streams that the query selects."""
        return self._names(f"/loki/api/v1/label/{label}/values", {"query": query}, window)

    def stats(self, query: str, window: Window) -> tuple[Stats | None, int]:
        """What the index says of the streams that the query selects; None where the server has no such endpoint."""
        params = {"query": query} | _span(window)
        reply = self._wire.get("/loki/api/v1/index/stats", params, accept=frozenset([404]))
        return (stats_of(reply.json()), reply.size) if reply.status != 404 else (None, 0)

    def groups(self, query: str, end: float) -> tuple[list[tuple[Mapping[str, str], float]], int]:
        """The value of a metric query, by labels, over a range that ends before `end`, as windows do."""
        reply = self._wire.get(
            "/loki/api/v1/query", {"query": query, "time": nanoseconds(end) - 1}, accept=_REFUSED
        )
        _expect_answer(reply)
        return groups_of(reply.json()), reply.size

    def page(self, query: str, start: int, end: int) -> Page:
        """The first entries of [start, end), Unix nanoseconds, as many as one answer may have."""
        while True:
            limit = self._page
            params: dict[str, Any] = {"query": query, "start": start, "end": end}
            params |= {"limit": limit, "direction": "forward"}
            reply = self._wire.get("/loki/api/v1/query_range", params, headers=_CATEGORIZED, accept=_REFUSED)
            if reply.status == 400 and self._lowered(reply, limit):
                continue
            _expect_answer(reply)
            entries, strange = entries_of(reply.json())
            return Page(entries, len(entries) + strange >= limit, reply.size, strange)

    def newest(self, query: str, window: Window) -> Entry | None:
        """The last entry of the window."""
        params: dict[str, Any] = {"query": query, "limit": 1, "direction": "backward"} | _span(window)
        reply = self._wire.get("/loki/api/v1/query_range", params, headers=_CATEGORIZED, accept=_REFUSED)
        _expect_answer(reply)
        entries, _ = entries_of(reply.json())
        return entries[-1] if entries else None

    @property
    def page_size(self) -> int:
        """How many entries are asked for at a time."""
        return self._page

    def at_most(self, limit: int) -> None:
        """Asks for so many entries at a time from now on, if it was more before."""
        with self._lock:
            self._page = max(1, min(self._page, limit))

    def _names(self, path: str, params: Mapping[str, str], window: Window) -> tuple[list[str], int]:
        """Names from all parts of the window, each once: the length of these queries is limited, too."""
        found: dict[str, None] = {}
        size = 0
        for part in split(window):
            reply = self._wire.get(path, dict(params) | _span(part), accept=_REFUSED)
            _expect_answer(reply)
            found |= dict.fromkeys(names_of(reply.json()))
            size += reply.size
        return list(found), size

    def _lowered(self, reply: Reply, limit: int) -> bool:
        """Whether it was refused for asking too many entries at once, and fewer will be asked for."""
        match = _TOO_MANY_ENTRIES.search(_text(reply))
        if match is None or not 0 < int(match[1]) < limit:
            return False
        self.at_most(int(match[1]))
        return True


def _span(window: Window) -> dict[str, Any]:
    return {"start": nanoseconds(window.start), "end": nanoseconds(window.end)}


def _expect_answer(reply: Reply) -> None:
    if reply.status == 400:
        text = " ".join(_text(reply).split())[:300]
        if any(words in text for words in _TOO_MUCH):
            raise TooMuch(f"refuses the query: {text}", status=Status.TRUNCATED, hint="look at less")
        raise Unanswered(f"refuses the query: {text}")


def _text(reply: Reply) -> str:
    return reply.body[:2000].decode("utf-8", "replace")
