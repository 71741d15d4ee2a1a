"""How much of a symptom a node carries, in conserved units, from its metrics.

Delay: (latency now - usual latency) x requests, in seconds. Failure: (failed share now - usual
share) x requests, in requests. Only what exceeds the noise of the node's own history counts, so that
a restless node with few requests does not look like a cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.deviation import robust_spread

__all__ = ["Cut", "Mass", "cut", "felt", "level", "mass"]

Floats = NDArray[np.float64]

_DRIFT = 2.0
"""Spreads by which the points right before the incident may lie off the usual level: the normal range of noise."""


@dataclass(frozen=True, slots=True)
class Mass:
    """Added mass and its noise (one standard deviation), in the unit of value x weight."""

    added: float
    noise: float
    usual: float
    """The usual mass over the same requests: what the node carries when nothing is wrong."""

    @property
    def certain(self) -> float:
        """What is left after one standard deviation of noise, never negative."""
        return max(0.0, self.added - self.noise)


@dataclass(frozen=True, slots=True)
class Cut:
    """Index ranges of a series: the baseline, the points just before the incident, the incident."""

    baseline: slice
    lead: slice
    incident: slice


def cut(times: Floats, baseline: tuple[float, float], incident: tuple[float, float]) -> Cut:
    """Which points (n,) belong where. A point stands for the step that follows it.

    A point whose step reaches into the incident is kept out of the quiet parts, and belongs to the
    incident when more than half of it does. The lead are the points between baseline and incident.
    """
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    quiet_end = incident[0] - step + 1e-9
    low, high, lead, start, end = np.searchsorted(
        times, (baseline[0], min(baseline[1], quiet_end), quiet_end, incident[0] - step / 2, incident[1])
    )
    lead_start = high if baseline[1] <= incident[0] else int(np.searchsorted(times, incident[0] - 12 * step))
    if high > lead:
        lead = high
    return Cut(
        slice(int(low), int(high)),
        slice(min(int(lead_start), int(lead)), int(lead)),
        slice(int(start), int(end)),
    )


def level(baseline: Floats, lead: Floats) -> tuple[float, float]:
    """The usual value just before the incident, and its spread.

    The long baseline decides, unless the lead has drifted away from it by more than twice its spread;
    then the lead decides, and the spread grows in proportion. NaN when neither has a finite value.
    """
    baseline, lead = baseline[np.isfinite(baseline)], lead[np.isfinite(lead)]
    if not len(baseline):
        return (float(np.median(lead)), robust_spread(lead)) if len(lead) else (float("nan"), float("nan"))
    usual, spread = float(np.median(baseline)), robust_spread(baseline)
    if not len(lead):
        return usual, spread
    recent = float(np.median(lead))
    if abs(recent - usual) <= _DRIFT * spread:
        return usual, spread
    return recent, spread * max(1.0, abs(recent / usual)) if usual else spread


def mass(values: Floats, weights: Floats, usual: float, spread: float, where: NDArray[np.bool_]) -> Mass:
    """Mass of incident points (m,), weighted by requests (m,), over the points picked by `where`."""
    use = where & np.isfinite(values) & np.isfinite(weights)
    weight = weights[use]
    if not len(weight):
        return Mass(0.0, 0.0, 0.0)
    added = float(np.sum((values[use] - usual) * weight))
    return Mass(added, spread * float(np.sqrt(np.sum(weight**2))), usual * float(np.sum(weight)))


def felt(added: Floats) -> NDArray[np.bool_]:
    """The points (m,) at which the symptom is felt: at least half as strongly as at its worst."""
    worst = float(np.nanmax(added)) if np.isfinite(added).any() else 0.0
    if worst <= 0:
        return np.ones(len(added), dtype=np.bool_)
    return np.nan_to_num(added, nan=-np.inf) >= worst / 2
