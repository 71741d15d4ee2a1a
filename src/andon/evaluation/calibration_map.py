"""A map from likelihoods as they are computed to likelihoods that hold, fitted on cases whose truth is known.

Two numbers, so that few cases suffice: the log odds are stretched and shifted (Platt 1999, on log odds). It is
monotone, so it never changes which hypothesis leads, and it is drawn towards changing nothing.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from andon.evaluation.calibration import brier_score, calibration_error

__all__ = ["CalibrationMap", "Fit", "fit_map", "held_out", "try_map"]

Floats = NDArray[np.float64]

_SHRINKAGE = 1.0
"""Precision of the normal prior around no change: slope 1 and shift 0, each give or take one, a usual weak prior."""
_EDGE = 0.001
"""Likelihoods are moved this far from 0 and 1, where log odds are infinite; no sample of ours tells 0.999 from 1."""
_LEAST_SLOPE = 0.01
"""Keeps the map increasing where high likelihoods were wrong more often than low ones."""
_STEPS = 100


@dataclass(frozen=True, slots=True)
class CalibrationMap:
    """`1 / (1 + exp(-(slope * log(p / (1 - p)) + shift)))`; the default changes nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, likelihoods: ArrayLike) -> Floats:
        """Calibrated likelihoods of the same shape, in the same order."""
        return _logistic(self.slope * _log_odds(likelihoods) + self.shift)

    def table(self, steps: int = 20) -> tuple[tuple[float, float], ...]:
        """`steps + 1` pairs of a likelihood and what becomes of it, evenly from 0 to 1."""
        points = np.linspace(0, 1, steps + 1)
        return tuple(zip(points.tolist(), self(points).tolist(), strict=True))

    def parameters(self) -> Mapping[str, float]:
        """What a data file holds; `CalibrationMap(**parameters)` is this map again."""
        return {"slope": round(self.slope, 4), "shift": round(self.shift, 4)}


@dataclass(frozen=True, slots=True)
class Fit:
    """A map fitted on all cases, and what such maps do to cases that they were not fitted on.

    `before` are calibration error and Brier score of the likelihoods as they are, `after` those of each group under
    the map of all other groups.
    """

    map: CalibrationMap
    cases: int
    groups: int
    before: tuple[float, float]
    after: tuple[float, float]


def fit_map(likelihoods: ArrayLike, right: ArrayLike, shrinkage: float = _SHRINKAGE) -> CalibrationMap:
    """The most probable map: penalised logistic regression by Newton steps (Hastie, Tibshirani and Friedman,
    Elements of Statistical Learning, 4.4). No cases change nothing.

    `likelihoods` (n,) in [0, 1], `right` booleans (n,).
    """
    odds, came = _log_odds(likelihoods), np.asarray(right, dtype=np.float64)
    design = np.column_stack([odds, np.ones_like(odds)])
    start = np.array([1.0, 0.0])
    weights = start.copy()
    for _ in range(_STEPS):
        expected = _logistic(design @ weights)
        slope = design.T @ (expected - came) + shrinkage * (weights - start)
        curvature = design.T @ (design * (expected * (1 - expected))[:, None]) + shrinkage * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    return CalibrationMap(max(_LEAST_SLOPE, float(weights[0])), float(weights[1]))


def held_out(likelihoods: ArrayLike, right: ArrayLike, groups: Sequence[Hashable]) -> Floats:
    """Likelihoods (n,), those of each group under the map that was fitted on all other groups."""
    promised, came = np.asarray(likelihoods, dtype=np.float64), np.asarray(right, dtype=bool)
    found = promised.copy()
    for group in dict.fromkeys(groups):
        inside = np.array([other == group for other in groups])
        found[inside] = fit_map(promised[~inside], came[~inside])(promised[inside])
    return found


def try_map(likelihoods: ArrayLike, right: ArrayLike, groups: Sequence[Hashable]) -> Fit:
    """Fits a map on all cases and says how well it would do on a group, such as a fault, that was never seen."""
    unseen = held_out(likelihoods, right, groups)
    return Fit(
        fit_map(likelihoods, right),
        len(unseen),
        len(set(groups)),
        (calibration_error(likelihoods, right), brier_score(likelihoods, right)),
        (calibration_error(unseen, right), brier_score(unseen, right)),
    )


def _log_odds(likelihoods: ArrayLike) -> Floats:
    inside = np.clip(np.asarray(likelihoods, dtype=np.float64), _EDGE, 1 - _EDGE)
    odds: Floats = np.log(inside / (1 - inside))
    return odds


def _logistic(odds: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(odds, -math.log(1e12), math.log(1e12))))
    return found
