"""What the functions and operators of PromQL do, on samples in memory, as Prometheus' documentation says.

Ranges are extrapolated to their borders and resets of counters are taken out. Label sets are frozen sets of pairs.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

__all__ = [
    "AGGREGATIONS", "OVER_TIME", "BadQuery", "Expression", "Matcher", "Selector", "StoredSeries", "Vector",
    "aggregated", "arithmetic", "constant", "either", "histogram_quantile", "labelled", "over_range", "quantile_of",
]  # fmt: skip

LOOKBACK = 300.0
Identity = frozenset[tuple[str, str]]
Vector = dict[Identity, float]
Expression = Callable[[Sequence["StoredSeries"], float], Vector]

AGGREGATIONS: Mapping[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": lambda values: math.fsum(values) / len(values),
    "max": max,
    "min": min,
    "count": lambda values: float(len(values)),
}
OVER_TIME: Mapping[str, Callable[[list[float]], float]] = {
    "count_over_time": lambda values: float(len(values)),
    "avg_over_time": lambda values: math.fsum(values) / len(values),
    "max_over_time": max,
}


class BadQuery(Exception):
    """The text is not in the part of the language that is known here."""


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """A series: labels with `__name__`, Unix seconds ascending, values."""

    labels: Mapping[str, str]
    times: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label; regular expressions are held against the whole value."""

    name: str
    how: str
    value: str

    def takes(self, labels: Mapping[str, str]) -> bool:
        there = labels.get(self.name, "")
        if "~" in self.how:
            return (re.fullmatch(self.value, there) is not None) == (self.how == "=~")
        return (there == self.value) == (self.how == "=")


@dataclass(frozen=True, slots=True)
class Selector:
    """The series that all matchers take."""

    matchers: tuple[Matcher, ...]

    def chosen(self, stored: Sequence[StoredSeries]) -> list[StoredSeries]:
        return [one for one in stored if all(matcher.takes(one.labels) for matcher in self.matchers)]

    def __call__(self, stored: Sequence[StoredSeries], time: float) -> Vector:
        """The last sample at or before the time that is not older than the lookback."""
        found = {}
        for one in self.chosen(stored):
            at = bisect_right(one.times, time) - 1
            if at >= 0 and one.times[at] > time - LOOKBACK:
                found[frozenset(one.labels.items())] = one.values[at]
        return found


def constant(number: float) -> Expression:
    """A number, as a vector of its own kind."""
    return lambda _stored, _time: {frozenset({("", "scalar")}): number}


def either(left: Expression, right: Expression) -> Expression:
    """The left vector, and of the right one what the left has not."""
    return lambda stored, time: {**right(stored, time), **left(stored, time)}


def _unnamed(identity: Identity) -> Identity:
    return frozenset((name, value) for name, value in identity if name != "__name__")


def arithmetic(how: str, left: Expression, right: Expression) -> Expression:
    """`*` or `/` of two vectors with equal labels, or of a vector and a number."""
    scalar = frozenset({("", "scalar")})

    def combine(a: float, b: float) -> float:
        if how == "*":
            return a * b
        return a / b if b else math.nan if not a or math.isnan(a) else math.copysign(math.inf, a)

    def evaluate(stored: Sequence[StoredSeries], time: float) -> Vector:
        first, second = left(stored, time), right(stored, time)
        if scalar in second:
            return {_unnamed(key): combine(value, second[scalar]) for key, value in first.items()}
        if scalar in first:
            return {_unnamed(key): combine(first[scalar], value) for key, value in second.items()}
        there = {_unnamed(key): value for key, value in second.items()}
        return {
            _unnamed(key): combine(value, there[_unnamed(key)])
            for key, value in first.items()
            if _unnamed(key) in there
        }

    return evaluate


def aggregated(how: Callable[[list[float]], float], by: frozenset[str], inner: Expression) -> Expression:
    """One value for each group of equal labels in `by`."""

    def evaluate(stored: Sequence[StoredSeries], time: float) -> Vector:
        groups: dict[Identity, list[float]] = {}
        for identity, value in inner(stored, time).items():
            key = frozenset((name, label) for name, label in identity if name in by)
            groups.setdefault(key, []).append(value)
        return {key: how(values) for key, values in groups.items()}

    return evaluate


def quantile_of(quantile: float, inner: Expression) -> Expression:
    """A quantile over all values of a vector."""

    def evaluate(stored: Sequence[StoredSeries], time: float) -> Vector:
        values = list(inner(stored, time).values())
        return {frozenset(): float(np.quantile(values, quantile))} if values else {}

    return evaluate


def labelled(name: str, value: str, inner: Expression) -> Expression:
    """The same vector with one more label."""
    return lambda stored, time: {
        frozenset({**dict(identity), name: value}.items()): number
        for identity, number in inner(stored, time).items()
    }


def histogram_quantile(quantile: float, inner: Expression) -> Expression:
    """Linear within the bucket that holds the quantile; the highest finite bound above it."""

    def evaluate(stored: Sequence[StoredSeries], time: float) -> Vector:
        groups: dict[Identity, list[tuple[float, float]]] = {}
        for identity, value in inner(stored, time).items():
            labels = dict(identity)
            bound = float(labels.pop("le", "nan"))
            if bound == bound:
                groups.setdefault(frozenset(labels.items()), []).append((bound, value))
        return {key: _within_buckets(quantile, sorted(buckets)) for key, buckets in groups.items()}

    return evaluate


def _within_buckets(quantile: float, buckets: list[tuple[float, float]]) -> float:
    total = buckets[-1][1]
    if not total or not math.isinf(buckets[-1][0]) or len(buckets) < 2:
        return math.nan
    rank = quantile * total
    at = bisect_left([count for _, count in buckets], rank)
    if at >= len(buckets) - 1:
        return buckets[-2][0]
    start, below = buckets[at - 1] if at else (0.0, 0.0)
    bound, count = buckets[at]
    return start + (bound - start) * (rank - below) / (count - below)


def over_range(name: str, selector: Selector, span: float) -> Expression:
    """A function over the samples between `span` seconds before the moment and the moment, both included."""

    def evaluate(stored: Sequence[StoredSeries], time: float) -> Vector:
        found: Vector = {}
        for one in selector.chosen(stored):
            low, high = bisect_left(one.times, time - span), bisect_right(one.times, time)
            times, values = list(one.times[low:high]), list(one.values[low:high])
            if name in OVER_TIME:
                value = OVER_TIME[name](values) if values else None
            else:
                value = _increase(times, values, time - span, time)
                value = value / span if value is not None and name == "rate" else value
            if value is not None:
                key = _unnamed(frozenset(one.labels.items()))
                if key in found:
                    raise BadQuery("vector cannot contain metrics with the same labelset")
                found[key] = value
        return found

    return evaluate


def _increase(times: list[float], values: list[float], start: float, end: float) -> float | None:
    """What a counter gained, extrapolated to the borders of the range as the documentation of `rate` says."""
    if len(times) < 2:
        return None
    gained = values[-1] - values[0] + sum(a for a, b in pairwise(values) if b < a)
    seen = times[-1] - times[0]
    between = seen / (len(times) - 1)
    to_start, to_end = times[0] - start, end - times[-1]
    if gained > 0 and values[0] >= 0:
        to_start = min(to_start, seen * values[0] / gained)
    parts = [part if part < 1.1 * between else between / 2 for part in (to_start, to_end)]
    return gained * (seen + sum(parts)) / seen
