"""How many traces and spans a window of a Tempo holds, found out with little."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.tempo import traceql
from andon.connectors.tempo.answers import Listing, counted_spans
from andon.connectors.tempo.searches import Searches
from andon.connectors.tempo.slices import Density, probes, seconds_of
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = ["Gauge"]

_FEW = 200
"""Traces that are simply listed, at about 500 bytes each."""
_PROBES = 8
_TELLING = 100
"""Traces in the probes from which on their number is good to a tenth."""
_STEPS = 60
"""Steps of a metrics query: Tempo widens the window to whole ones, and many add little."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """Counts the traces that a query finds."""

    searches: Searches
    session: Session
    reading: Reading
    query: str
    at_once: int

    def density(self, window: Window) -> Density:
        """About how many traces start in the window, with how many spans; exact when they are few.

        Searches tell of each trace how many spans match: short probes are counted, wider ones where few are found.
        TraceQL metrics are asked too, where they are on; the larger figure counts, for metrics may leave out spans
        that are no server's, and probes may miss bursts. Raises Unanswered when nothing can be searched.
        """
        first, least = self._first(window), Density(0, 0)
        if first is not None:
            least = _sum([first], (window,))
            self._note(window, [first])
            if not first.full:
                return least
        probed = self._probed(window)
        spans = max(least.spans, probed.spans, self._metrics(window))
        size = probed.size if probed.traces else least.size
        return Density(max(least.traces, probed.traces, spans / size), spans)

    def _first(self, window: Window) -> Listing | None:
        """The first traces of the window, None where Tempo does not search so much at once."""
        try:
            return self.searches.search(self.query, window, spans=1, limit=_FEW)
        except Unanswered as gap:
            if gap.status is not Status.TRUNCATED:
                raise
            return None

    def _probed(self, window: Window) -> Density:
        length = 1
        while True:
            windows = probes(window, length, _PROBES)
            ask = [partial(self.searches.every, self.query, part, spans=1) for part in windows]
            found = [one for listings in self.session.together(ask, self.at_once) for one in listings]
            self._note(window, found)
            share = sum(part.seconds for part in windows) / window.seconds if window.seconds else 1.0
            seen = _sum(found, windows)
            if seen.traces >= _TELLING or share >= 1.0:
                return Density(seen.traces / share, seen.spans / share)
            length *= _PROBES

    def _metrics(self, window: Window) -> float:
        """Spans that TraceQL metrics count; 0 where they are off, or do not reach so far."""
        start, end = seconds_of(window)
        step = max(1, (end - start) // _STEPS)
        with contextlib.suppress(Unanswered):
            params = {"q": traceql.counted(self.query), "start": start, "end": end, "step": f"{step}s"}
            reply = self.searches.wire.get("/api/metrics/query_range", params)
            return counted_spans(reply.json())
        return 0.0

    def _note(self, window: Window, found: list[Listing]) -> None:
        """Probes bring no spans along, so that they have no part in the share of what is read."""
        sent = f"GET /api/search?q={self.query}&spss=1 ({len(found)} probes)"
        self.reading.fetched(sent, place=str(window), size=sum(one.size for one in found))


def _sum(listings: Iterable[Listing], windows: tuple[Window, ...]) -> Density:
    """Traces that start in the windows, each once, and their spans."""
    found = {
        one.id: max(one.matched, 1)
        for each in listings
        for one in each.traces
        if any(one.start in part for part in windows)
    }
    return Density(len(found), sum(found.values()))
