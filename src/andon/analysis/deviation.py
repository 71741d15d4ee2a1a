"""How far a window lies from a baseline, without units and without assuming a distribution.

The measure is the difference of medians over a robust spread of the baseline: the largest of the
interquartile range and the median absolute deviation, both scaled to a standard deviation, with a
floor of five per cent of the level so that a nearly constant series does not shout. It is
two-sided: a fall counts as much as a rise. Significance comes from the series' own quiet history:
the same measure over every baseline window of the same length (a leave-window-out null).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.quantiles import center_and_spread, median, medians, robust_spread

__all__ = ["Deviation", "deviation", "quiet_p", "robust_spread"]

Floats = NDArray[np.float64]

_MAX_NULL_WINDOWS = 400
"""Quiet windows that are looked at: more do not move a chance of 1 in 100 any further."""
_TAIL_EXPONENT = 2.0
"""How fast the tail falls beyond what quiet time showed: slower than any normal one, so that a chance is never understated."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """`z` is signed and unit-free; `p` the share of quiet windows that deviate as much (two-sided)."""

    baseline: float
    incident: float
    spread: float
    z: float
    p: float

    @property
    def relative(self) -> float:
        """Incident over baseline minus one; infinite when the baseline is zero and the incident is not."""
        if self.baseline == 0:
            return 0.0 if self.incident == 0 else float(np.copysign(np.inf, self.incident))
        return self.incident / self.baseline - 1


def deviation(baseline: Floats, incident: Floats) -> Deviation | None:
    """The deviation of the incident's median; None when either side has no finite value.

    Shapes: baseline (n,), incident (m,); NaN are left out.
    """
    baseline, incident = baseline[np.isfinite(baseline)], incident[np.isfinite(incident)]
    if not len(baseline) or not len(incident):
        return None
    (level, spread), now = center_and_spread(baseline), median(incident)
    z = (now - level) / spread
    return Deviation(level, now, spread, z, quiet_p(baseline, len(incident), z, level, spread))


def quiet_p(baseline: Floats, length: int, z: float, level: float, spread: float) -> float:
    """Chance that a quiet window of `length` points deviates by |z| or more.

    Counted over baseline windows of that length; beyond the largest one seen it falls off as a power
    law, so that a short history can neither rule out nor promise much.
    """
    length = min(length, max(1, len(baseline) // 3))
    windows = np.lib.stride_tricks.sliding_window_view(baseline, length)
    step = max(1, len(windows) // _MAX_NULL_WINDOWS)
    null = np.abs(medians(windows[::step]) - level) / spread
    independent = max(1.0, len(baseline) / length)
    reached = float(np.mean(null >= abs(z)))
    if reached > 0:
        return max(reached, 1 / (1 + independent))
    extreme = max(float(np.max(null)), 1.0)
    return float(min(1.0, (extreme / abs(z)) ** _TAIL_EXPONENT / (1 + independent)))
