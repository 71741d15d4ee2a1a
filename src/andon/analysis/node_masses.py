"""Delay and failure masses of services, from whichever metrics they have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from andon.analysis.deviation import quiet_p
from andon.analysis.masses import cut, felt, level, mass
from andon.analysis.signals import SignalKind, signal_kind, statistic, words
from andon.telemetry import MetricSeries, Window

__all__ = ["NodeMass", "Quantity", "node_masses"]

Floats = NDArray[np.float64]
Quantity = Literal["delay", "failures"]

_STATISTICS = ("mean", "", "p50", "p75", "p90", "p95", "p99")
_RATIO_WORDS = frozenset(["ratio", "rate", "percent", "pct", "share", "fraction", "percentage"])


@dataclass(frozen=True, slots=True)
class NodeMass:
    """What one series says that a service carries of the symptom.

    `added` with `noise` (one standard deviation) and `usual` are masses: seconds x requests or failed
    requests, over the points at which the symptom was felt. `baseline` and `incident` are the level
    of the series before and its mean at those points, in its own unit; `requests` the weight.
    `z` and `p` tell how unusual the incident is for the series itself.
    """

    service: str
    series: str
    weight_series: str
    added: float
    noise: float
    usual: float
    requests: float
    baseline: float
    incident: float
    z: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class _Measure:
    """A series as badness per request (`values`), with the requests that it speaks for."""

    series: MetricSeries
    values: Floats
    weights: Floats
    weight_series: str


def node_masses(
    series: Sequence[MetricSeries],
    quantity: Quantity,
    baseline: Window,
    incident: Window,
    symptom: Iterable[str],
) -> tuple[NodeMass, ...]:
    """One mass for each service that has a fitting series; the symptom's services say when it is felt."""
    measures = _measures(series, quantity)
    times = _felt_times([measures[s] for s in symptom if s in measures], baseline, incident)
    return tuple(_weigh(service, measure, baseline, incident, times) for service, measure in measures.items())


def _measures(series: Sequence[MetricSeries], quantity: Quantity) -> dict[str, _Measure]:
    """For each service its best series: a mean before a percentile, a share before a count."""
    by_service: dict[str, list[MetricSeries]] = {}
    requests: dict[str, list[MetricSeries]] = {}
    wanted = (SignalKind.LATENCY,) if quantity == "delay" else (SignalKind.AVAILABILITY, SignalKind.ERRORS)
    for one in series:
        kind = signal_kind(one.name, one.unit, one.labels)
        if kind in wanted:
            by_service.setdefault(one.service, []).append(one)
        elif kind is SignalKind.REQUESTS:
            requests.setdefault(one.service, []).append(one)
    found = {}
    for service, candidates in by_service.items():
        best = min(candidates, key=_preference)
        found[service] = _measure(best, requests.get(service, ()), quantity)
    return found


def _preference(series: MetricSeries) -> tuple[int, int, str]:
    stated = statistic(series.name, series.labels)
    rank = _STATISTICS.index(stated) if stated in _STATISTICS else len(_STATISTICS)
    return rank, 0 if signal_kind(series.name, series.unit) is SignalKind.AVAILABILITY else 1, series.key


def _measure(series: MetricSeries, requests: Sequence[MetricSeries], quantity: Quantity) -> _Measure:
    weight = min(requests, key=lambda r: (r.times.shape != series.times.shape, r.key), default=None)
    ones = np.ones(len(series.values))
    aligned = ones if weight is None else _aligned(weight, series.times)
    name = "" if weight is None else weight.key
    if quantity == "delay":
        scale = {"ms": 1e-3, "us": 1e-6, "ns": 1e-9}.get(_time_unit(series), 1.0)
        return _Measure(series, series.values * scale, aligned, name)
    finite = series.values[np.isfinite(series.values)]
    top = float(np.max(finite)) if len(finite) else 0.0
    if signal_kind(series.name, series.unit) is SignalKind.AVAILABILITY:
        return _Measure(series, 1 - series.values / (100.0 if top > 1.5 else 1.0), aligned, name)
    if _RATIO_WORDS & set(words(series.name)) or series.unit in ("%", "1"):
        percent = series.unit == "%" or {"pct", "percent", "percentage"} & set(words(series.name))
        return _Measure(series, series.values / (100.0 if percent else 1.0), aligned, name)
    return _Measure(series, series.values, ones, "")


def _time_unit(series: MetricSeries) -> str:
    return series.unit or next((w for w in words(series.name) if w in ("ms", "us", "ns")), "s")


def _aligned(weight: MetricSeries, times: Floats) -> Floats:
    """The weight's values at the given times: the nearest point at or before each."""
    if not len(weight.times):
        return np.ones(len(times))
    at = np.clip(np.searchsorted(weight.times, times, side="right") - 1, 0, len(weight.times) - 1)
    return np.nan_to_num(weight.values[at])


def _felt_times(measures: Sequence[_Measure], baseline: Window, incident: Window) -> tuple[Window, ...]:
    """When the symptom was felt: the steps of its strongest series that reach half of its worst."""
    best: tuple[float, tuple[Window, ...]] = (0.0, ())
    for measure in measures:
        times = measure.series.times
        parts = cut(times, (baseline.start, baseline.end), (incident.start, incident.end))
        usual, _ = level(measure.values[parts.baseline], measure.values[parts.lead])
        added = (measure.values[parts.incident] - usual) * measure.weights[parts.incident]
        if not len(added) or not np.isfinite(added).any():
            continue
        step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        picked = times[parts.incident][felt(added)]
        worst = float(np.nanmax(added))
        if worst > best[0]:
            best = worst, tuple(Window(float(t), float(t) + step) for t in picked)
    return best[1]


def _weigh(
    service: str, measure: _Measure, baseline: Window, incident: Window, times: tuple[Window, ...]
) -> NodeMass:
    series = measure.series
    parts = cut(series.times, (baseline.start, baseline.end), (incident.start, incident.end))
    usual, spread = level(measure.values[parts.baseline], measure.values[parts.lead])
    now, weights = measure.values[parts.incident], measure.weights[parts.incident]
    at = series.times[parts.incident]
    where = np.ones(len(at), dtype=np.bool_)
    if times:
        where = np.any([(at >= w.start - 1e-9) & (at < w.end - 1e-9) for w in times], axis=0)
    if not np.isfinite(usual):
        return NodeMass(service, series.key, measure.weight_series, 0, 0, 0, 0, 0, 0, 0, 1.0)
    found = mass(now, weights, usual, spread, where)
    seen = now[where & np.isfinite(now)]
    mean = float(np.mean(seen)) if len(seen) else usual
    quiet = measure.values[parts.baseline]
    quiet = quiet[np.isfinite(quiet)]
    z = (float(np.median(seen)) - usual) / spread if len(seen) and spread else 0.0
    p = quiet_p(quiet, len(seen), z, float(np.median(quiet)), spread) if len(quiet) > 1 and z else 1.0
    total = float(np.sum(weights[where & np.isfinite(weights)]))
    return NodeMass(
        service,
        series.key,
        measure.weight_series,
        found.added,
        found.noise,
        found.usual,
        total,
        usual,
        mean,
        z,
        p,
    )
