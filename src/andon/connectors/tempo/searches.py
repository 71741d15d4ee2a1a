"""The requests for traces: searches that may be cut off, and single traces by their id."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.connectors.tempo.answers import STRANGE, Listed, Listing, listing
from andon.connectors.tempo.slices import halves, seconds_of
from andon.connectors.trace_records import Admits, Trace, otlp_trace
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Status, Window

__all__ = ["NotUnderstood", "Searches", "Single"]

_BAD_REQUEST = frozenset([400])
_NOT_FOUND = frozenset([404])
_SPANS_AT_MOST = re.compile(r"spans per span set exceeds (\d+)")
_TRACES_AT_MOST = re.compile(r"limit \d+ exceeds max limit (\d+)")
_TOO_LONG = "range specified by start and end"
_SECOND_VERSION, _FIRST_VERSION = "/api/v2/traces/", "/api/traces/"
"""The first is all there is before Tempo 2.7."""
_AROUND = 3600
"""Seconds before and after the start of a trace in which its blocks are looked up; without bounds Tempo asks all blocks."""


class NotUnderstood(Unanswered):
    """Tempo does not know this query: it is older than what is asked."""


@dataclass(frozen=True, slots=True)
class Single:
    """A trace by its id, None when it was not found; `gap` is what Tempo says is missing of it."""

    trace: Trace | None
    gap: str
    size: int


class Searches:
    """Asks one Tempo for traces; learns from refusals how much may be asked for at once."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.traces_at_most = 10_000
        self.spans_at_most = 1_000
        """Spans of a trace that a search brings along; Tempo 2.7 and later refuse more than 100 unless told otherwise."""
        self._path = _SECOND_VERSION

    def search(self, query: str, window: Window, *, spans: int = 0, limit: int = 0) -> Listing:
        """The traces that overlap the window's whole seconds, with up to `spans` of their spans (0: as many as may be).

        Raises NotUnderstood; Unanswered with TRUNCATED when the window is longer, or the answer larger, than may be.
        """
        start, end = seconds_of(window)
        for _ in range(3):
            most = min(limit or self.traces_at_most, self.traces_at_most)
            reply = self.wire.get(
                "/api/search",
                {
                    "q": query,
                    "start": start,
                    "end": end,
                    "limit": most,
                    "spss": min(spans or self.spans_at_most, self.spans_at_most),
                },
                accept=_BAD_REQUEST,
            )
            if reply.status != 400:
                return listing(reply.json(), reply.size, most)
            self._learn(reply)
        raise Unanswered("refuses the search again and again (400)")

    def _learn(self, refusal: Reply) -> None:
        """Lowers a limit if that is what the refusal is about. Raises what it means if not."""
        text = " ".join(refusal.body[:400].decode("utf-8", "replace").split())
        if match := _SPANS_AT_MOST.search(text):
            self.spans_at_most = max(1, min(self.spans_at_most, int(match[1])))
        elif match := _TRACES_AT_MOST.search(text):
            self.traces_at_most = max(1, min(self.traces_at_most, int(match[1])))
        elif _TOO_LONG in text:
            raise Unanswered(f"refuses the search (400): {text}", status=Status.TRUNCATED)
        else:
            raise NotUnderstood(f"refuses the search (400): {text}")

    def every(self, query: str, window: Window, *, spans: int = 0) -> list[Listing]:
        """As `search`, in as many parts as are needed so that none is cut off.

        A listing that is still `full` is of a single second and cut off.
        """
        parts = halves(window)
        try:
            found = self.search(query, window, spans=spans)
        except Unanswered as gap:
            if gap.status is not Status.TRUNCATED or parts is None:
                raise
        else:
            if not found.full or parts is None:
                return [found]
        return [one for part in parts for one in self.every(query, part, spans=spans)]

    def single(self, listed: Listed, admits: Admits) -> Single:
        """The whole trace, all blocks and services together, but for spans that the scope does not admit."""
        around = {"start": math.floor(listed.start) - _AROUND, "end": math.ceil(listed.start) + _AROUND}
        reply = self._one(listed.id, around)
        if reply.status == 404:
            return Single(None, "", reply.size)
        answer = reply.json()
        if not isinstance(answer, dict):
            raise Unanswered(STRANGE)
        document = answer.get("trace", answer)
        trace = otlp_trace(document, admits)
        gap = ""
        if answer.get("status") in ("PARTIAL", 1):
            gap = str(answer.get("message") or "the trace is not complete")[:200]
        return Single(trace if math.isfinite(trace.start) else None, gap, reply.size)

    def _one(self, identity: str, around: Mapping[str, Any]) -> Reply:
        path = self._path
        reply = self.wire.get(path + identity, around, accept=_NOT_FOUND)
        if reply.status == 404 and b"page not found" in reply.body and path != _FIRST_VERSION:
            self._path = _FIRST_VERSION
            return self.wire.get(_FIRST_VERSION + identity, around, accept=_NOT_FOUND)
        return reply
