"""`instruments`: what the instruments of a plant say together: unsteadiness, tracking, departures, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from andon.analysis.episode import find_episode
from andon.analysis.redundancy import departures, is_drop, tracking
from andon.analysis.series import SeriesChange, compare_series
from andon.analysis.signals import SignalKind
from andon.analysis.unsteadiness import unsteadiness
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.investigation.tools.metrics import SeriesTurn, SeriesTurns
from andon.investigation.tools.periods import compared, whole
from andon.storage import Observation
from andon.telemetry import MetricSeries, Window

__all__ = ["Check", "InstrumentChange", "InstrumentChanges", "compare", "survey"]

TOOL = "instruments"

Loops = Sequence[Sequence[str]]
"""The services of the equipment, grouped by the flow that joins them."""


class Check(StrEnum):
    """What was made of a reading, alone or together with others."""

    READING = "reading"
    UNSTEADINESS = "unsteadiness"
    TRACKING = "tracking"
    METER = "meter"
    """By how much a flow meter departs from the other instruments of its flow."""
    RESISTANCE = "resistance"
    """By how much a pressure drop departs from the other instruments of its flow."""


@dataclass(frozen=True, slots=True)
class InstrumentChange:
    """How what was made of the metric `of` moved between the windows."""

    check: Check
    of: str
    change: SeriesChange


@dataclass(frozen=True, slots=True)
class InstrumentChanges:
    """Every check of every instrument of the equipment, compared."""

    changes: tuple[InstrumentChange, ...]


def compare(box: Toolbox, baseline: Window, incident: Window, loops: Loops) -> tuple[Observation, ...]:
    """Every check in both windows; content `InstrumentChanges`. Nothing is asked where there is no equipment."""
    if not loops:
        return ()
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result = source.metrics(span)
        changes = tuple(
            InstrumentChange(check, of.name, compare_series(made, baseline, incident))
            for check, of, made in _checks(result.value, loops)
        )
        return Answer(InstrumentChanges(changes), result.status, len(changes), result.problems)

    query = compared("instruments compared", baseline, incident) | {"loops": [list(loop) for loop in loops]}
    return box.ask(TOOL, query, fetch, window=span)


def survey(box: Toolbox, window: Window, loops: Loops) -> tuple[Observation, ...]:
    """When each reading and each check of the equipment turned within the window; content `SeriesTurns`."""
    if not loops:
        return ()

    def fetch(source: Source) -> Answer:
        result = source.metrics(window)
        turns = [
            turn
            for check, _, made in _checks(result.value, loops)
            if (turn := _turn(check, made)) is not None
        ]
        return Answer(SeriesTurns(tuple(turns)), result.status, result.count, result.problems)

    query = {"what": "turns of instruments", "loops": [list(loop) for loop in loops]}
    return box.ask(TOOL, query, fetch, window=window)


def _checks(
    series: Sequence[MetricSeries], loops: Loops
) -> Iterator[tuple[Check, MetricSeries, MetricSeries]]:
    """What was made, the series of which it was made, and the series that came of it."""
    for loop in loops:
        inside = [one for one in series if one.service in loop]
        for one in inside:
            yield Check.READING, one, one
            if (swing := unsteadiness(one)) is not None:
                yield Check.UNSTEADINESS, one, swing
        for of, made in tracking(inside):
            yield Check.TRACKING, of, made
        for of, made in departures(inside):
            yield Check.RESISTANCE if is_drop(of) else Check.METER, of, made


def _turn(check: Check, series: MetricSeries) -> SeriesTurn | None:
    """A turn either way: no reading of a plant is better the higher it is."""
    bad = 1 if check in (Check.UNSTEADINESS, Check.TRACKING) else 0
    episode = find_episode(series.times, series.values, bad)
    if episode is None:
        return None
    onset = episode.onset
    return SeriesTurn(
        series.key,
        series.service,
        SignalKind.OTHER,
        onset.time,
        onset.low,
        onset.high,
        episode.end,
        onset.score,
        episode.before,
        episode.after,
    )
