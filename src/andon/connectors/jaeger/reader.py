"""From a need to whole traces: how much is there, which slices, what they hold, and what is lacking."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random

from andon.connectors.connector import Limits, Need
from andon.connectors.jaeger.answers import Found
from andon.connectors.jaeger.searches import Searches
from andon.connectors.reading import Reading
from andon.connectors.sampling import Sample, sample
from andon.connectors.session import Session
from andon.connectors.trace_records import Trace
from andon.telemetry import Status, Window

__all__ = ["TraceReader"]

_FEW = 10
"""Traces of each service that are looked at first."""
_PROBES = 4
_LONGER = 16
_TELLING = 50
"""Traces in the probes from which on their number is good to a seventh."""
_REQUESTS = 480
"""Requests that the slices may take, each of them one for every service."""
_FEWEST = 12
"""Slices below which a window would not be seen evenly."""
_PIECE = 100
"""Traces that one search should find, where everything is read."""


@dataclass(frozen=True, slots=True)
class _Density:
    """About how many traces and spans a window holds, and the bytes of answers that one span takes.

    A trace is told once for every service in it that is asked.
    """

    traces: float
    spans: float
    bytes: float


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of the window that was searched: traces of it, and bytes."""

    part: Window
    traces: dict[str, Trace]
    size: int


class TraceReader:
    """One reading of the traces of some services in one Jaeger.

    A trace belongs to the slice in which the first span of one of these services starts. So it is found there,
    whichever other services it runs through, and in no other slice.
    """

    def __init__(
        self, searches: Searches, session: Session, limits: Limits, reading: Reading, services: Sequence[str]
    ) -> None:
        self.searches = searches
        self.session = session
        self.limits = limits
        self.reading = reading
        self.services = tuple(services)
        self.traces: dict[str, Trace] = {}

    def read(self, need: Need) -> None:
        """Fills `traces`. Raises Unanswered when nothing can be searched; what else fails is noted."""
        plan = self._planned(need, self._density(need.window))
        # In mixed order, so that what is left undone when time is over is spread over the window.
        order = Random(0).sample(plan.windows, len(plan.windows))
        slices = self.session.together(
            [partial(self._slice, part) for part in order], self.limits.requests_at_once
        )
        done = [one for one in slices if one is not None]
        for one in done:
            self.traces |= one.traces
            self.reading.fetched(
                f"GET /api/traces?start={one.part.start * 1e6:.0f}&end={one.part.end * 1e6:.0f}"
                f" ({len(self.services)} services)",
                items=sum(len(trace.spans) for trace in one.traces.values()),
                size=one.size,
                share=plan.share * len(done) / len(order),
            )

    def _density(self, window: Window) -> _Density:
        """About what the window holds; exact when it is little."""
        tasks = [partial(self.searches.search, service, window, _FEW) for service in self.services]
        first = self.session.together(tasks, self.limits.requests_at_once)
        least = self._seen(first, (window,), 1.0)
        many = [name for name, one in zip(self.services, first, strict=True) if one.listed >= _FEW]
        if not many:
            return least
        length = 1.0
        while True:
            probed = self._probed(many, window, length)
            if probed is not None:
                return _Density(
                    max(least.traces, probed.traces),
                    max(least.spans, probed.spans),
                    max(least.bytes, probed.bytes),
                )
            length *= _LONGER

    def _probed(self, services: list[str], window: Window, length: float) -> _Density | None:
        """What short parts of the window hold, None when that is too little to tell."""
        share = min(1.0, _PROBES * length / window.seconds) if window.seconds else 1.0
        windows = sample(window, 1.0 / share, 1, _PROBES).windows
        asked = list(product(services, windows))
        answers = self.session.together(
            [partial(self.searches.every, service, part) for service, part in asked],
            self.limits.requests_at_once,
        )
        seen = self._seen((one for parts, _ in answers for one in parts), windows, share)
        return seen if share >= 1.0 or seen.traces * share >= _TELLING else None

    def _seen(self, answers: Iterable[Found], windows: tuple[Window, ...], share: float) -> _Density:
        listed = list(answers)
        traces = {trace.id: trace for one in listed for trace in one.traces}
        inside = [trace for trace in traces.values() if any(self._moment(trace) in part for part in windows)]
        size, spans = sum(one.size for one in listed), sum(len(trace.spans) for trace in traces.values())
        if listed:
            # Probes have no part in the share of what is read.
            self.reading.fetched(f"GET /api/traces ({len(listed)} probes)", size=size)
        counted = sum(len(trace.spans) for trace in inside)
        return _Density(len(inside) / share, counted / share, size / spans if spans else 0.0)

    def _planned(self, need: Need, there: _Density) -> Sample:
        left = max(0, self.session.left(self.reading.source, self.limits.bytes)) / 2
        wanted = max(1, min(need.items, int(left / there.bytes) if there.bytes else need.items))
        slices = min(self.limits.slices, max(_FEWEST, _REQUESTS // max(1, len(self.services))))
        plan = sample(need.window, there.spans, wanted, slices)
        if plan.share < 1.0:
            return plan
        pieces = max(1, min(slices, math.ceil(there.traces / _PIECE)))
        borders = [need.window.start + need.window.seconds * i / pieces for i in range(pieces)]
        ends = [*borders[1:], need.window.end]
        return Sample(tuple(Window(a, b) for a, b in zip(borders, ends, strict=True)), 1.0)

    def _slice(self, part: Window) -> _Slice | None:
        """The traces of a slice, None when one of the services could not be searched: it would not be whole."""
        traces: dict[str, Trace] = {}
        size = 0
        with self.reading.part():
            for service in self.services:
                answers, whole = self.searches.every(service, part)
                if not whole:
                    self.reading.lacking(Status.TRUNCATED, f"{service}: too many traces in a millisecond")
                for one in answers:
                    size += one.size
                    self._gaps(one)
                    for trace in one.traces:
                        if trace.id not in traces and self._moment(trace) in part:
                            traces[trace.id] = trace
            for trace in traces.values():
                self._lost(trace.malformed, "a span cannot be read")
            return _Slice(part, traces, size)
        return None

    def _gaps(self, one: Found) -> None:
        for gap in one.gaps:
            self.reading.lacking(Status.PARTIAL, gap)
        self._lost(one.listed - len(one.traces), "a trace in an answer cannot be read")

    def _lost(self, count: int, message: str) -> None:
        for _ in range(count):
            self.reading.lacking(Status.PARTIAL, message)

    def _moment(self, trace: Trace) -> float:
        """When the first span of an asked service starts; never, when the scope let none in."""
        starts = (span.start for span in trace.spans if span.service in self.services)
        return min(starts, default=math.inf)
