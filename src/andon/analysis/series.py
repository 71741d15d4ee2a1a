"""One metric series, compared between two windows: level, spike, trend, gap, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from andon.analysis.deviation import Deviation, deviation
from andon.analysis.onset import find_onset
from andon.analysis.quantiles import center_and_spread, median
from andon.analysis.season import without_season
from andon.analysis.signals import SignalKind, signal_kind, statistic, words
from andon.telemetry import MetricSeries, Window

__all__ = ["SeriesChange", "Shape", "compare_series", "increments"]

Floats = NDArray[np.float64]
Shape = Literal["level", "spike", "trend", "gap", "none"]

SIGNIFICANT = 0.01
"""How often quiet windows may differ as much: one in a hundred, the field's usual strictness for screening."""
_CLEAR = 4.0
"""Spreads from which on a median has moved: about 1 in 16,000 for normal noise, so that thousands of series raise few alarms."""
_CLEAR_COUNTS = 3.0
"""The same for small counts, whose test is exact and judged as one whole."""
_FEWEST = 3
"""Quiet points below which there is no spread to measure by."""
_SMALL_COUNT = 20.0
"""Level of a count below which its steps are too coarse for a median."""
_COUNTER_WORDS = frozenset(["total", "count", "sum", "bucket"])


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """How a series moved. Values are in the series' unit; times in Unix seconds.

    `baseline` and `incident` are medians, `spread` the baseline's robust standard deviation, `z` the
    signed difference in spreads, `p` how often quiet windows differ as much. `peak` is the value in the
    incident that lies farthest from the baseline, `peak_z` its distance. `season` is the period in
    seconds that was taken out first, 0 for none.
    """

    key: str
    name: str
    service: str
    unit: str
    kind: SignalKind
    statistic: str
    shape: Shape
    baseline: float
    incident: float
    spread: float
    z: float
    p: float
    peak: float
    peak_z: float
    baseline_mean: float
    incident_mean: float
    baseline_points: int
    incident_points: int
    onset: float | None
    onset_low: float | None
    onset_high: float | None
    onset_score: float
    season: float

    @property
    def changed(self) -> bool:
        return self.shape != "none"

    @property
    def direction(self) -> int:
        """+1 for a rise, -1 for a fall."""
        if self.shape == "spike":
            return 1 if self.peak_z >= 0 else -1
        moved = self.incident - self.baseline or self.incident_mean - self.baseline_mean
        return 1 if moved >= 0 else -1


def increments(series: MetricSeries) -> MetricSeries:
    """A cumulative counter as increments per step, anything else as it is.

    A counter is a series named as one (`_total`, `_count`, …) that never falls but to a restart.
    """
    values = series.values
    if not _COUNTER_WORDS & set(words(series.name)[-1:]) or len(values) < 3:
        return series
    steps = np.diff(values)
    if not np.isfinite(steps).all() or np.mean(steps < 0) > 0.02 or values[-1] == values[0]:
        return series
    if median(values) <= 2 * median(np.abs(steps)):
        return series
    return MetricSeries(
        series.name,
        series.service,
        series.times[1:],
        np.where(steps < 0, values[1:], steps),
        series.unit,
        series.labels,
    )


def compare_series(series: MetricSeries, baseline: Window, incident: Window) -> SeriesChange:
    """Compares the two windows; a window without points gives shape `gap` or `none`, with NaN as zero."""
    series = increments(series)
    deseasoned, season = without_season(series.times, series.values, baseline)
    old = _inside(series.times, deseasoned, baseline)
    new = _inside(series.times, deseasoned, incident)
    found = deviation(old, new)
    kind = signal_kind(series.name, series.unit, series.labels)
    step = median(np.diff(series.times)) if len(series.times) > 1 else 0.0
    expected = incident.seconds / step if step else 0.0
    if found is None:
        shape: Shape = "gap" if len(old) >= 5 and expected >= 3 and not len(new) else "none"
        return _change(series, kind, shape, old, new, season)
    peak, peak_z = _peak(new, found.baseline, found.spread)
    shape = _shape(old, new, expected, found, peak_z)
    onset = None
    if shape != "none":
        whole = Window(baseline.start, incident.end)
        low, high = np.searchsorted(series.times, (whole.start, whole.end))
        onset = find_onset(series.times[low:high], deseasoned[low:high])
    return SeriesChange(
        key=series.key,
        name=series.name,
        service=series.service,
        unit=series.unit,
        kind=kind,
        statistic=statistic(series.name, series.labels),
        shape=shape,
        baseline=found.baseline,
        incident=found.incident,
        spread=found.spread,
        z=float(found.z),
        p=found.p,
        peak=peak,
        peak_z=peak_z,
        baseline_mean=float(np.mean(old)),
        incident_mean=float(np.mean(new)),
        baseline_points=len(old),
        incident_points=len(new),
        onset=onset.time if onset else None,
        onset_low=onset.low if onset else None,
        onset_high=onset.high if onset else None,
        onset_score=onset.score if onset else 0.0,
        season=season,
    )


def _inside(times: Floats, values: Floats, window: Window) -> Floats:
    low, high = np.searchsorted(times, (window.start, window.end))
    inside = values[low:high]
    return inside[np.isfinite(inside)]


def _peak(new: Floats, level: float, spread: float) -> tuple[float, float]:
    """The value that lies farthest from the baseline's level, and its signed distance in spreads."""
    far = int(np.argmax(np.abs(new - level)))
    return float(new[far]), float((new[far] - level) / spread)


def _shape(old: Floats, new: Floats, expected: float, found: Deviation, peak_z: float) -> Shape:
    z, p = found.z, found.p
    if expected >= 4 and len(new) < 0.5 * expected and len(old) >= 8:
        return "gap"
    if len(old) < _FEWEST or len(new) < 2:
        return "none"
    if p <= SIGNIFICANT and abs(z) >= _CLEAR:
        return "trend" if _is_trend(new) else "level"
    if len(old) < 100 and abs(z) >= _CLEAR and p <= 3.0 / (3 + len(old)):
        return "trend" if _is_trend(new) else "level"
    if _counts_changed(old, new, found.baseline):
        return "level"
    if abs(peak_z) < 2 * _CLEAR:
        return "none"
    reach = float(np.max(np.abs(old - found.baseline))) / found.spread
    return "spike" if abs(peak_z) > 1.5 * reach else "none"


def _counts_changed(old: Floats, new: Floats, level: float) -> bool:
    """Whether small counts, which a median hardly sees, differ in their mean beyond their scatter."""
    if len(old) < 8 or len(new) < 4 or level > _SMALL_COUNT:
        return False
    if np.any(old != np.round(old)) or np.any(new != np.round(new)):
        return False
    before, after = float(np.mean(old)), float(np.mean(new))
    variance = max(float(np.var(old)), before, 1 / len(old))
    gap = abs(after - before) / np.sqrt(variance * (1 / len(old) + 1 / len(new)))
    return bool(gap >= _CLEAR_COUNTS and abs(after - before) >= 0.3 * max(before, after))


def _is_trend(new: Floats) -> bool:
    """Whether the incident keeps on rising or falling: nearly all pairs of points agree (Kendall's tau)."""
    if len(new) < 6:
        return False
    sample = new[:: max(1, len(new) // 60)]
    signs = np.sign(sample[None, :] - sample[:, None])[np.triu_indices(len(sample), 1)]
    return bool(abs(np.mean(signs)) >= 0.8)


def _change(
    series: MetricSeries, kind: SignalKind, shape: Shape, old: Floats, new: Floats, season: float
) -> SeriesChange:
    """A change for a window without points."""
    level, spread = center_and_spread(old) if len(old) else (0.0, 0.0)
    now = median(new) if len(new) else 0.0
    return SeriesChange(
        key=series.key,
        name=series.name,
        service=series.service,
        unit=series.unit,
        kind=kind,
        statistic=statistic(series.name, series.labels),
        shape=shape,
        baseline=level,
        incident=now,
        spread=spread,
        z=0.0,
        p=1.0,
        peak=now,
        peak_z=0.0,
        baseline_mean=float(np.mean(old)) if len(old) else 0.0,
        incident_mean=float(np.mean(new)) if len(new) else 0.0,
        baseline_points=len(old),
        incident_points=len(new),
        onset=float(series.times[-1]) if shape == "gap" and len(series.times) else None,
        onset_low=None,
        onset_high=None,
        onset_score=0.0,
        season=season,
    )
