"""Counters, histograms and gauges of one process, as OTLP metrics with delta temporality."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from andon.demo import clock, otlp

__all__ = ["BOUNDS", "Meter"]

BOUNDS = (0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the histogram buckets in seconds."""

_DELTA = 1
_Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _Histogram:
    count: int = 0
    total: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))


class Meter:
    """Thread-safe. A series that was seen once is reported in every period, with zero when nothing came.

    `time_ns` gives the stamps: Unix nanoseconds.
    """

    def __init__(self, time_ns: Callable[[], int] = clock.time_ns) -> None:
        self._time_ns = time_ns
        self._lock = threading.Lock()
        self._sums: dict[_Key, float] = {}
        self._histograms: dict[_Key, _Histogram] = {}
        self._gauges: dict[_Key, tuple[Callable[[], float], str]] = {}
        self._since = time_ns()

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        key = _key(name, labels)
        with self._lock:
            self._sums[key] = self._sums.get(key, 0) + amount

    def duration(self, name: str, seconds: float, **labels: str) -> None:
        with self._lock:
            series = self._histograms.setdefault(_key(name, labels), _Histogram())
            series.count += 1
            series.total += seconds
            series.buckets[bisect_left(BOUNDS, seconds)] += 1

    def gauge(self, name: str, read: Callable[[], float], unit: str = "1", **labels: str) -> None:
        """`read` is called once a period, in the exporting thread."""
        self._gauges[_key(name, labels)] = (read, unit)

    def collect(self) -> list[dict[str, Any]]:
        """The metrics of the period that ends now."""
        gauges = [(key, read(), unit) for key, (read, unit) in list(self._gauges.items())]
        with self._lock:
            now, since = self._time_ns(), self._since
            sums, histograms = dict(self._sums), dict(self._histograms)
            self._sums = dict.fromkeys(sums, 0)
            self._histograms = {key: _Histogram() for key in histograms}
            self._since = now
        period = {"startTimeUnixNano": str(since), "timeUnixNano": str(now)}
        metrics: dict[str, dict[str, Any]] = {}
        for key, total in sums.items():
            metric = metrics.setdefault(key[0], _sum(key[0]))
            metric["sum"]["dataPoints"].append(_point(key, period) | {"asDouble": float(total)})
        for key, series in histograms.items():
            metric = metrics.setdefault(key[0], _histogram(key[0]))
            metric["histogram"]["dataPoints"].append(_point(key, period) | _buckets(series))
        for key, value, unit in gauges:
            metric = metrics.setdefault(key[0], {"name": key[0], "unit": unit, "gauge": {"dataPoints": []}})
            moment = {"timeUnixNano": str(now)}
            metric["gauge"]["dataPoints"].append(_point(key, moment) | {"asDouble": float(value)})
        return list(metrics.values())


def _key(name: str, labels: dict[str, str]) -> _Key:
    return name, tuple(sorted(labels.items()))


def _sum(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "unit": "1",
        "sum": {"aggregationTemporality": _DELTA, "isMonotonic": True, "dataPoints": []},
    }


def _histogram(name: str) -> dict[str, Any]:
    return {"name": name, "unit": "s", "histogram": {"aggregationTemporality": _DELTA, "dataPoints": []}}


def _point(key: _Key, period: dict[str, str]) -> dict[str, Any]:
    return {**period, "attributes": otlp.attributes(dict(key[1]))}


def _buckets(series: _Histogram) -> dict[str, Any]:
    return {
        "count": str(series.count),
        "sum": round(series.total, 6),
        "bucketCounts": [str(n) for n in series.buckets],
        "explicitBounds": list(BOUNDS),
    }
