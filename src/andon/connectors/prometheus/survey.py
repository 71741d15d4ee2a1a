"""How the metrics of a need are read: names, plan, batches, answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from andon.connectors.connector import Need
from andon.connectors.prometheus.answers import Gathered
from andon.connectors.prometheus.api import Answer, PrometheusApi, QueryRefused
from andon.connectors.prometheus.catalogue import Family, FamilyKind, families, left_out, worth
from andon.connectors.prometheus.config import PrometheusConfig
from andon.connectors.prometheus.facts import Facts, Inquiry
from andon.connectors.prometheus.ownership import OPERATION_LABELS, OUTCOME_LABELS, Ownership, owner_of
from andon.connectors.prometheus.queries import Ask, Grid, asks_of, batch
from andon.connectors.prometheus.scope import any_of, selector
from andon.connectors.prometheus.windows import aligned, past, pieces
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.telemetry import MetricSeries, Status, Window

__all__ = ["Survey"]

_BATCH_POINTS = 150_000
"""Points that one query may be expected to bring: some 5 MB."""
_BATCH_ASKS = 25


@dataclass(frozen=True, slots=True)
class _Planned:
    """A metric with its owner, the labels that stay apart, and how many series that makes."""

    family: Family
    owner: Ownership
    labels: tuple[str, ...]
    series: int


class Survey:
    """Reads the metrics of one need; what is lacking goes into the reading."""

    def __init__(
        self, api: PrometheusApi, config: PrometheusConfig, session: Session, reading: Reading
    ) -> None:
        self.api = api
        self.config = config
        self.session = session
        self.reading = reading
        self.scope = config.scope.matchers()
        self.at_once = config.limits.requests_at_once

    def series(self, need: Need, services: Sequence[str]) -> tuple[MetricSeries, ...]:
        """The series of these services, of all when none is named. Raises Unanswered when no name can be read."""
        chosen = self._names(need.window)
        if not chosen:
            return ()
        inquiry = Inquiry(self.api, self.session, self.at_once, self.scope, need.window)
        facts = inquiry.facts(chosen, self.config.scrape_interval)
        grid = Grid(max(need.step, facts.interval), facts.interval or need.step, facts.flavour)
        window = aligned(past(need.window, time.time()), grid.step)
        if window is None:
            return ()
        planned = self._within_bounds(self._planned(families(chosen, facts.types), facts, inquiry))
        asks = self._asks(planned, services, facts, grid, inquiry)
        gathered = Gathered(self.config.scope, frozenset(services))
        tasks = [
            partial(self._answered, part, piece, grid.step)
            for piece in pieces(window, grid.step)
            for part in _batches(asks, round(piece.seconds / grid.step) + 1)
        ]
        for answers in self.session.together(tasks, self.at_once):
            for part, result in answers:
                gathered.add(part, result)
        return self._bounded(gathered)

    def _names(self, window: Window) -> tuple[str, ...]:
        """The metrics that rules and configuration let in."""
        match = selector("", self.scope)
        answer = self.api.values("__name__", match, window)
        self._note(f"values of __name__ of {match}", answer, len(answer.data))
        config = self.config
        return tuple(name for name in answer.data if not left_out(name, config.include, config.exclude))

    def _planned(self, found: Sequence[Family], facts: Facts, inquiry: Inquiry) -> list[_Planned]:
        """How each metric is aggregated: coarsely where it has very many series otherwise."""
        config = self.config
        fine = (*config.scope.match, *config.keep_labels, *OUTCOME_LABELS, *OPERATION_LABELS)
        coarse = (*config.scope.match, *config.keep_labels, *OUTCOME_LABELS)
        planned = []
        by_owner: dict[Ownership, list[Family]] = {}
        for family in found:
            by_owner.setdefault(owner_of(family.name, config.service_labels), []).append(family)
        for owner, owned in by_owner.items():
            finely, coarsely = facts.there((*owner.labels, *fine)), facts.there((*owner.labels, *coarse))
            counts = inquiry.counts([_counted_by(family) for family in owned], finely)
            for family in owned:
                count = max(1, counts.get(_counted_by(family), 1))
                labels = finely if count <= config.series_per_metric else coarsely
                planned.append(_Planned(family, owner, labels, min(count, config.series_per_metric)))
        return planned

    def _within_bounds(self, planned: Sequence[_Planned]) -> list[_Planned]:
        """The metrics that say the most, as many as may be fetched together."""
        room, kept = self.config.max_series, []
        for one in sorted(planned, key=lambda p: (worth(p.family), p.series, p.family.name)):
            needed = one.series * (3 if one.family.kind is FamilyKind.HISTOGRAM else 1)
            if needed <= room:
                room -= needed
                kept.append(one)
        if len(kept) < len(planned):
            self.reading.lacking(
                Status.TRUNCATED,
                f"{len(planned) - len(kept)} of {len(planned)} metrics were not asked for: "
                f"more than {self.config.max_series:,} series in all",
                hint="narrow `scope` or `include`, or raise max_series",
            )
        return kept

    def _asks(
        self, planned: Sequence[_Planned], services: Sequence[str], facts: Facts, grid: Grid, inquiry: Inquiry
    ) -> list[Ask]:
        by_owner: dict[Ownership, list[tuple[str, ...]]] = {}
        found: list[Ask] = []
        for one in planned:
            if one.owner not in by_owner:
                by_owner[one.owner] = self._alternatives(one.owner, services, facts, inquiry)
            if matchers := by_owner[one.owner]:
                found += asks_of(one.family, one.owner, one.labels, grid, matchers, one.series)
        return found

    def _alternatives(
        self, owner: Ownership, services: Sequence[str], facts: Facts, inquiry: Inquiry
    ) -> list[tuple[str, ...]]:
        """Matchers of the services' series, one for each label that names one of them."""
        if not services:
            return [self.scope]
        found = []
        for label in facts.there(owner.labels):
            values = inquiry.holders(label)
            if hits := [value for value in values if owner.service({label: value}) in services]:
                found.append((*self.scope, any_of(label, hits)))
        return found

    def _answered(self, asks: Sequence[Ask], window: Window, step: float) -> list[tuple[Sequence[Ask], Any]]:
        """The answers to a batch, in halves where the system refuses the whole."""
        query = batch(asks)
        with self.reading.part(self.config.tenant):
            try:
                answer = self.api.over(query, window, step)
            except QueryRefused:
                if len(asks) == 1:
                    raise
                half = len(asks) // 2
                return [
                    pair for part in (asks[:half], asks[half:]) for pair in self._answered(part, window, step)
                ]
            points = sum(len(one["values"]) for one in answer.data if isinstance(one.get("values"), list))
            self._note(query, answer, points)
            return [(asks, answer.data)]
        return []

    def _bounded(self, gathered: Gathered) -> tuple[MetricSeries, ...]:
        """The series, not more than may be, and what was wrong with the answers."""
        found = gathered.series()
        for number, what in (
            (gathered.malformed, "parts of answers are not as Prometheus' API has them, and were left out"),
            (gathered.infinite, "infinite values were set to NaN"),
        ):
            if number:
                self.reading.lacking(Status.PARTIAL, f"{number:,} {what}", place=self.config.tenant)
        if gathered.foreign and self.scope:
            self.reading.lacking(
                Status.PARTIAL,
                f"{gathered.foreign:,} series lay outside the scope, and were left out",
                place=self.config.tenant,
            )
        most = self.config.max_series
        if len(found) > most:
            self.reading.lacking(
                Status.TRUNCATED,
                f"{len(found) - most:,} of {len(found):,} series were left out: more than max_series",
                hint="narrow `scope` or `include`, or raise max_series",
            )
        return found[:most]

    def _note(self, query: str, answer: Answer, items: int) -> None:
        self.reading.fetched(query, place=self.config.tenant, items=items, size=answer.size)
        for warning in answer.warnings:
            self.reading.lacking(Status.PARTIAL, warning, place=self.config.tenant)


def _counted_by(family: Family) -> str:
    """The stored name whose series tell how many a metric has."""
    return f"{family.name}_count" if f"{family.name}_count" in family.members else family.name


def _batches(asks: Sequence[Ask], points: int) -> Iterator[list[Ask]]:
    """Asks in groups, each for one query, none of which should bring very much."""
    group: list[Ask] = []
    expected = 0
    for ask in asks:
        if group and (len(group) == _BATCH_ASKS or expected + ask.series * points > _BATCH_POINTS):
            yield group
            group, expected = [], 0
        group.append(ask)
        expected += ask.series * points
    if group:
        yield group
