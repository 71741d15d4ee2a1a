"""What the estate's metrics add up to, in the Prometheus text format: as a collector would show them to a scraper.

Names, units and suffixes follow the OpenTelemetry specification on compatibility with Prometheus; `job` is the
service. Delta sums and histograms are added up, so that counters only grow.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["Exposition"]

_UNITS = {"s": "seconds", "ms": "milliseconds", "By": "bytes", "%": "percent"}

_Labels = tuple[tuple[str, str], ...]


class Exposition:
    """Thread-safe. `add` takes the export requests of the services, `text` shows where they stand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, dict[_Labels, float]] = {}
        self._types: dict[str, str] = {}

    def add(self, request: dict[str, Any]) -> None:
        """One `ExportMetricsServiceRequest` in JSON."""
        with self._lock:
            for resource in request.get("resourceMetrics", []):
                job = _attributes(resource["resource"]["attributes"]).get("service.name", "")
                for scope in resource.get("scopeMetrics", []):
                    for metric in scope.get("metrics", []):
                        self._metric(metric, job)

    def text(self) -> str:
        """Every series at its last value, grouped by metric."""
        with self._lock:
            return "".join(self._lines())

    def _lines(self) -> Iterator[str]:
        told = set()
        for name, series in sorted(self._values.items()):
            family = next(
                (f for f in (name, re.sub(r"_(bucket|sum|count)$", "", name)) if f in self._types), ""
            )
            if family and family not in told:
                told.add(family)
                yield f"# TYPE {family} {self._types[family]}\n"
            for labels, value in series.items():
                inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
                yield f"{name}{{{inside}}} {value!r}\n"

    def _metric(self, metric: dict[str, Any], job: str) -> None:
        name = _name(metric["name"], metric.get("unit", ""))
        for point in metric.get("sum", {}).get("dataPoints", []):
            self._add(f"{name}_total", "counter", _labels(point, job), _number(point))
        for point in metric.get("gauge", {}).get("dataPoints", []):
            gauge = f"{name}_ratio" if metric.get("unit") == "1" else name
            self._set(gauge, _labels(point, job), _number(point))
        for point in metric.get("histogram", {}).get("dataPoints", []):
            self._histogram(name, point, _labels(point, job))

    def _histogram(self, name: str, point: dict[str, Any], labels: _Labels) -> None:
        self._types[name] = "histogram"
        running = 0.0
        bounds = [*map(repr, point["explicitBounds"]), "+Inf"]
        for bound, count in zip(bounds, point["bucketCounts"], strict=True):
            running += float(count)
            self._add(f"{name}_bucket", "", (*labels, ("le", bound)), running)
        self._add(f"{name}_sum", "", labels, float(point["sum"]))
        self._add(f"{name}_count", "", labels, float(point["count"]))

    def _add(self, name: str, kind: str, labels: _Labels, amount: float) -> None:
        if kind:
            self._types[name] = kind
        series = self._values.setdefault(name, {})
        series[labels] = series.get(labels, 0.0) + amount

    def _set(self, name: str, labels: _Labels, value: float) -> None:
        self._types[name] = "gauge"
        self._values.setdefault(name, {})[labels] = value


def _name(name: str, unit: str) -> str:
    plain = re.sub(r"[^a-zA-Z0-9_:]", "_", name)
    suffix = _UNITS.get(unit, "")
    return plain if not suffix or plain.endswith(suffix) else f"{plain}_{suffix}"


def _labels(point: dict[str, Any], job: str) -> _Labels:
    found = {re.sub(r"[^a-zA-Z0-9_]", "_", k): v for k, v in _attributes(point.get("attributes", [])).items()}
    return tuple(sorted((found | {"job": job}).items()))


def _attributes(listed: list[dict[str, Any]]) -> dict[str, str]:
    return {one["key"]: str(next(iter(one["value"].values()))) for one in listed}


def _number(point: dict[str, Any]) -> float:
    return float(point.get("asDouble", point.get("asInt", 0)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
