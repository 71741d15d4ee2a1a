"""`metrics`: what changed in the series: by how much, in which direction, since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from andon.analysis.episode import find_episode
from andon.analysis.node_masses import NodeMass, Quantity, node_masses
from andon.analysis.series import SeriesChange, compare_series, increments
from andon.analysis.signals import SignalKind, signal_kind
from andon.analysis.totals import with_totals
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.investigation.tools.periods import compared, whole
from andon.storage import Observation
from andon.telemetry import MetricSeries, Window

__all__ = [
    "MassTable",
    "MetricChanges",
    "SeriesPoints",
    "SeriesTurn",
    "SeriesTurns",
    "compare",
    "masses",
    "points",
    "survey",
]

TOOL = "metrics"


@dataclass(frozen=True, slots=True)
class MetricChanges:
    """Every series of the source, compared."""

    series: tuple[SeriesChange, ...]


@dataclass(frozen=True, slots=True)
class MassTable:
    """Each service's mass of one quantity, and who calls whom among services."""

    quantity: Quantity
    masses: tuple[NodeMass, ...]
    callees: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SeriesPoints:
    """The points of one series: n Unix seconds, n values (None where the source has no number)."""

    key: str
    name: str
    service: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SeriesTurn:
    """A lasting turn for the worse of one series."""

    key: str
    service: str
    kind: SignalKind
    onset: float
    low: float
    high: float
    end: float | None
    score: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class SeriesTurns:
    """All turns of one source's series."""

    turns: tuple[SeriesTurn, ...]


_BAD = {
    SignalKind.ERRORS: 1,
    SignalKind.LATENCY: 1,
    SignalKind.AVAILABILITY: -1,
    SignalKind.SUCCESSES: -1,
    SignalKind.SATURATION: 1,
    SignalKind.REQUESTS: 0,
}
"""Which direction is for the worse; a kind that is not here has no worse."""


def survey(box: Toolbox, window: Window) -> tuple[Observation, ...]:
    """When each series turned for the worse within the window; content `SeriesTurns`."""

    def fetch(source: Source) -> Answer:
        result = source.metrics(window)
        turns = [turn for series in result.value if (turn := _turn(series)) is not None]
        return Answer(SeriesTurns(tuple(turns)), result.status, result.count, result.problems)

    return box.ask(TOOL, {"what": "turns"}, fetch, window=window)


def _turn(series: MetricSeries) -> SeriesTurn | None:
    kind = signal_kind(series.name, series.unit, series.labels)
    if kind not in _BAD:
        return None
    series = increments(series)
    episode = find_episode(series.times, series.values, _BAD[kind])
    if episode is None:
        return None
    onset = episode.onset
    return SeriesTurn(
        series.key,
        series.service,
        kind,
        onset.time,
        onset.low,
        onset.high,
        episode.end,
        onset.score,
        episode.before,
        episode.after,
    )


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Every series in both windows; content `MetricChanges`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result = source.metrics(span)
        changes = tuple(compare_series(s, baseline, incident) for s in with_totals(result.value))
        return Answer(MetricChanges(changes), result.status, result.count, result.problems)

    return box.ask(TOOL, compared("series compared", baseline, incident), fetch, window=span)


def points(box: Toolbox, source_name: str, key: str, window: Window) -> Observation:
    """The points of one series; content `SeriesPoints`, or none when the source does not have it."""

    def fetch(source: Source) -> Answer:
        result = source.metrics(window)
        found = next((series for series in result.value if series.key == key), None)
        found = found or next((series for series in with_totals(result.value) if series.key == key), None)
        if found is None:
            return Answer(None, result.status, 0, result.problems)
        return Answer(_points(found), result.status, len(found.times))

    query = {"what": "points", "series": key}
    (found,) = box.ask(TOOL, query, fetch, window=window, only=source_name)
    return found


def _points(series: MetricSeries) -> SeriesPoints:
    values = tuple(float(v) if np.isfinite(v) else None for v in series.values)
    return SeriesPoints(
        series.key, series.name, series.service, series.unit, tuple(map(float, series.times)), values
    )


def masses(
    box: Toolbox,
    quantity: Quantity,
    windows: tuple[Window, Window],
    symptom: tuple[str, ...],
    callees: dict[str, tuple[str, ...]],
) -> tuple[Observation, ...]:
    """How much of the symptom each service carries, from its metrics; content `MassTable`.

    `windows` are baseline and incident; `callees` maps services to those that they call.
    """
    baseline, incident = windows
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result = source.metrics(span)
        found = node_masses(result.value, quantity, baseline, incident, symptom)
        return Answer(MassTable(quantity, found, callees), result.status, result.count, result.problems)

    query = compared(f"{quantity} carried", baseline, incident) | {"symptom": list(symptom)}
    return box.ask(TOOL, query, fetch, window=span)
