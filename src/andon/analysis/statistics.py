"""Tests of whether counts changed between two windows, and the bound on false discoveries among many tests."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["benjamini_hochberg", "chi_square_tail", "dispersion", "g_statistic", "poisson_rate_test"]

Array = NDArray[np.float64]

_EXACT_UP_TO = 1000
"""Counts up to which the exact test is affordable; beyond, its normal approximation is good to three digits."""
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def g_statistic(first: Array, second: Array, share: float) -> Array:
    """The log-likelihood ratio G of counts (n,) against `share` of each total being in the first window.

    Chi-square with one degree of freedom under no change (Sokal and Rohlf, Biometry, the G-test).
    """
    total = first + second
    return 2 * (_entropy_term(first, total * share) + _entropy_term(second, total * (1 - share)))


def _entropy_term(observed: Array, expected: Array) -> Array:
    ratio = np.divide(observed, expected, out=np.ones_like(observed), where=(observed > 0) & (expected > 0))
    return observed * np.log(ratio)


def chi_square_tail(statistic: Array) -> Array:
    """P(X >= statistic) for chi-square with one degree of freedom."""
    return np.asarray(_erfc(np.sqrt(np.maximum(statistic, 0) / 2)), dtype=np.float64).reshape(statistic.shape)


def dispersion(counts: NDArray[np.int64]) -> Array:
    """How much more than Poisson counts (n, bins) scatter from bin to bin: Pearson's estimate, at least 1.

    The quasi-Poisson factor (McCullagh and Nelder, Generalized Linear Models, 6.2.3); 1 with fewer than three bins.
    """
    rows, bins = counts.shape
    if bins < 3:
        return np.ones(rows)
    mean = counts.mean(axis=1)
    spread = ((counts - mean[:, None]) ** 2).sum(axis=1) / (bins - 1)
    factor: Array = np.divide(spread, mean, out=np.ones(rows), where=mean > 0)
    return np.maximum(factor, 1.0, out=factor)


def poisson_rate_test(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    exposures: tuple[float, float],
    over: Array | float = 1.0,
) -> tuple[Array, Array]:
    """Statistic and two-sided p value, each (n,), that counts come from one rate over exposures in seconds.

    The statistic is G divided by the dispersion `over`. Up to a total of 1,000 the p value is not smaller than the
    exact conditional binomial one (Przyborowski and Wilenski 1940), which counts all outcomes as likely or less.
    """
    length = sum(exposures)
    if min(exposures) <= 0:
        return np.zeros(len(first)), np.ones(len(first))
    share = exposures[0] / length
    statistic = g_statistic(first.astype(np.float64), second.astype(np.float64), share) / over
    p = chi_square_tail(statistic)
    total = first + second
    for n in np.unique(total[total <= _EXACT_UP_TO]):
        rows = np.flatnonzero(total == n)
        p[rows] = np.maximum(p[rows], _binomial_two_sided(int(n), share)[first[rows]])
    return statistic, p


def _binomial_two_sided(n: int, share: float) -> Array:
    """Two-sided p values of 0 to n successes in n trials, shape (n + 1,)."""
    k = np.arange(n + 1)
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    log_mass = (
        log_factorial[n]
        - log_factorial
        - log_factorial[::-1]
        + k * math.log(share)
        + (n - k) * math.log1p(-share)
    )
    mass = np.exp(log_mass)
    order = np.argsort(mass)
    cumulative = np.cumsum(mass[order])
    ranks = np.searchsorted(mass[order], mass * (1 + 1e-9), side="right")
    p: Array = cumulative[ranks - 1]
    return np.minimum(p, 1.0, out=p)


def benjamini_hochberg(p: Array) -> Array:
    """q values (n,): the false discovery rate at which each test would be called (Benjamini and Hochberg 1995)."""
    n = len(p)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q
