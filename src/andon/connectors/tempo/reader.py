"""From a need to whole traces: how much is there, which slices, what they hold, and what is lacking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TypeVar

from andon.connectors.connector import Need
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.tempo import traceql
from andon.connectors.tempo.answers import Listed, Listing
from andon.connectors.tempo.config import TempoConfig
from andon.connectors.tempo.density import Gauge
from andon.connectors.tempo.searches import NotUnderstood, Searches, Single
from andon.connectors.tempo.slices import Density, Plan, planned, seconds_of
from andon.connectors.trace_records import Trace
from andon.telemetry import Status, Window

__all__ = ["TraceReader"]

T = TypeVar("T")

_SINGLES = 600
"""Traces that are fetched one by one at most, where that is the only way: some twenty seconds."""
_LISTED_SLICES = 60
"""Slices where traces are fetched one by one: each lists a whole second of traces, whatever is kept of it."""
_SPAN_BYTES = 1_500
"""What a span takes in an answer, as a rule: a search writes each twice."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of the window that was searched: what was sent, spans kept, bytes, and traces that did not come whole."""

    part: Window
    sent: str
    kept: int
    size: int
    rest: tuple[Listed, ...]


class TraceReader:
    """One reading of the traces of one Tempo."""

    def __init__(
        self, searches: Searches, session: Session, config: TempoConfig, reading: Reading, place: str
    ) -> None:
        self.searches = searches
        self.session = session
        self.config = config
        self.reading = reading
        self.place = place
        self.traces: dict[str, Trace] = {}

    def read(self, need: Need) -> None:
        """Fills `traces`. Raises Unanswered when nothing can be searched; what else fails is noted."""
        query, there, selects = self._measured(need)
        plan = self._planned(need, there, selects)
        if plan.one_by_one:
            query = traceql.traces(self.config.scope, need.services)
        # In mixed order, so that what is left undone when time is over is spread over the window.
        order = Random(0).sample(plan.windows, len(plan.windows))
        slices = self._together(partial(self._slice, plan, query, part) for part in order)
        done = [one for one in slices if one is not None]
        share = plan.share * len(done) / len(slices)
        for one in done:
            self.reading.fetched(one.sent, place=self.place, items=one.kept, size=one.size, share=share)
        rest = {(listed.id, one.part): listed for one in done for listed in one.rest}
        singles = self._together(partial(self._single, one, part) for (_, part), one in rest.items())
        self._note_singles([one for one in singles if one is not None], share)

    def _measured(self, need: Need) -> tuple[str, Density, bool]:
        """The query, how much there is of it, and whether searches bring along all that a span is made of."""
        plain = traceql.traces(self.config.scope, need.services)
        at_once = self.config.limits.requests_at_once
        there = Gauge(self.searches, self.session, self.reading, plain, at_once).density(need.window)
        selected = traceql.selected(plain, self.config.scope)
        try:
            # A refusal tells how many spans of a trace may come along: most traces should fit.
            self.searches.search(selected, Window(need.window.start, need.window.start), limit=1)
        except NotUnderstood:
            return plain, there, False
        return selected, there, True

    def _planned(self, need: Need, there: Density, selects: bool) -> Plan:
        limits = self.config.limits
        left = max(0, self.session.left(self.reading.source, limits.bytes)) // 2
        wanted = max(1, min(need.items, left // _SPAN_BYTES))
        if selects and there.size <= self.searches.spans_at_most:
            plan = planned(need.window, there, wanted, limits.slices, one_by_one=False)
            if not plan.one_by_one:
                return plan
        few = max(1, min(wanted, int(_SINGLES * there.size)))
        return planned(need.window, there, few, min(limits.slices, _LISTED_SLICES), one_by_one=True)

    def _slice(self, plan: Plan, query: str, part: Window) -> _Slice | None:
        """Keeps the traces that start in the slice and came whole; None when it could not be searched."""
        with self.reading.part(self.place):
            listings = self.searches.every(query, part, spans=1 if plan.one_by_one else 0)
            self._gaps(listings)
            listed = {one.id: one for each in listings for one in each.traces if one.start in part}
            scoped, kept, rest = bool(self.config.scope.match), 0, []
            for one in listed.values():
                if plan.one_by_one or not one.whole(scoped):
                    rest.append(one)
                else:
                    kept += self._keep(one.trace(self.config.scope.admits))
            start, end = seconds_of(part)
            sent = f"GET /api/search?q={query}&start={start}&end={end}"
            return _Slice(part, sent, kept, sum(each.size for each in listings), tuple(rest))
        return None

    def _gaps(self, listings: Iterable[Listing]) -> None:
        for each in listings:
            if each.gap:
                self.reading.lacking(Status.PARTIAL, each.gap, place=self.place)
            if each.full:
                self.reading.lacking(
                    Status.TRUNCATED,
                    f"more than {len(each.traces):,} traces in a second: those that Tempo found first were read",
                    place=self.place,
                    hint="raise query_frontend.search.max_result_limit",
                )
            for _ in range(each.malformed):
                self.reading.lacking(Status.PARTIAL, "a trace in an answer cannot be read", place=self.place)

    def _single(self, listed: Listed, part: Window) -> Single | None:
        """The trace by its id; one that shows to start elsewhere belongs to another slice."""
        with self.reading.part(self.place):
            single = self.searches.single(listed, self.config.scope.admits)
            if single.trace is None:
                lost = "a trace was gone before it could be fetched"
                self.reading.lacking(Status.PARTIAL, lost, place=self.place)
            elif single.trace.start in part:
                self._keep(single.trace)
                if single.gap:
                    self.reading.lacking(Status.PARTIAL, single.gap, place=self.place)
            return single
        return None

    def _keep(self, trace: Trace) -> int:
        """Adds the trace unless it is there; returns how many spans that were."""
        for _ in range(trace.malformed):
            self.reading.lacking(Status.PARTIAL, "a span cannot be read", place=self.place)
        # Slices share no trace but one whose parts lie in several blocks: both then hold all of it.
        return len(trace.spans) if self.traces.setdefault(trace.id, trace) is trace else 0

    def _note_singles(self, came: Sequence[Single], share: float) -> None:
        if came:
            self.reading.fetched(
                f"GET /api/v2/traces/… ({len(came)} traces)",
                place=self.place,
                items=sum(len(one.trace.spans) for one in came if one.trace),
                size=sum(one.size for one in came),
                share=share,
            )

    def _together(self, tasks: Iterable[Callable[[], T]]) -> list[T]:
        return self.session.together(tasks, self.config.limits.requests_at_once)
