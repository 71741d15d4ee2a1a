"""Metrics in JSON: the answer of a Prometheus range query, and OTLP JSON lines.

OTLP sums that are cumulative and monotonic become the increase per interval: the difference to the
point before, or the value itself after a reset (a lower value or a new start time); the first point
of a run is NaN, since nobody knows what came before it. Histograms, exponential ones included, become
`<name>.count` and `<name>.sum`, per interval as above, and `<name>.mean`; summaries likewise, with
one more series a quantile (label `quantile`). Buckets are not kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.connectors.files import otlp
from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import number, text_of
from andon.connectors.files.reader import FileReader
from andon.connectors.files.series import SeriesTable, make_series

__all__ = ["parse_otlp_metrics", "parse_prometheus"]

SERVICE_LABELS = ("service_name", "service", "app", "app_kubernetes_io_name", "job")
CUMULATIVE = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")
NO_VALUE = 1
Labels = tuple[tuple[str, str], ...]


def parse_prometheus(file: FileReader, into: Collected) -> None:
    """`data.result[]` of type matrix or vector; times in Unix seconds, values as texts."""
    document = file.document()
    if isinstance(document, dict) and document.get("status") == "error":
        raise file.error(
            f"holds an error answer: {text_of(document.get('error'))[:200]}", hint="run the query again"
        )
    data = document.get("data", document) if isinstance(document, dict) else document
    results = data.get("result") if isinstance(data, dict) else data
    if not isinstance(results, list):
        raise file.error("no result list", expected="data.result[] of a Prometheus query")
    for warning in document.get("warnings") or () if isinstance(document, dict) else ():
        file.problem(f"Prometheus warned: {text_of(warning)[:200]}")
    for result in otlp.dicts(results):
        metric = result.get("metric")
        labels = {k: text_of(v) for k, v in metric.items()} if isinstance(metric, dict) else {}
        name = labels.pop("__name__", "") or file.path.rsplit("/", 1)[-1].split(".")[0]
        owner = next((label for label in SERVICE_LABELS if labels.get(label)), "")
        points = result.get("values") if isinstance(result.get("values"), list) else [result.get("value")]
        times, values = _prometheus_points(file, points or [])
        if "histograms" in result:
            file.problem("native histograms are not read")
        into.metrics.append(make_series(file, name, labels.pop(owner, ""), times, values, "", labels))


def _prometheus_points(file: FileReader, points: list[Any]) -> tuple[list[float], list[float]]:
    times, values = [], []
    for point in points:
        time = file.times(point[0]) if isinstance(point, list) and len(point) == 2 else math.nan
        if time != time:
            file.problem("unreadable point left out")
            continue
        try:
            values.append(float(point[1]))
        except (TypeError, ValueError, OverflowError):
            file.problem("value is not a number: set to NaN")
            values.append(math.nan)
        times.append(time)
    return times, values


@dataclass
class _Cumulative:
    """Points of one cumulative series: times, values and start times, in any order."""

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def increases(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        order = np.argsort(np.array(self.times), kind="stable")
        times, values, starts = (
            np.array(column, dtype=np.float64)[order] for column in (self.times, self.values, self.starts)
        )
        distinct = np.append(times[1:] != times[:-1], True)
        times, values, starts = times[distinct], values[distinct], starts[distinct]
        gained = np.full(len(values), np.nan)
        # A NaN start is unknown, and compares as a change only when both are known.
        restarted = (values[1:] < values[:-1]) | (starts[1:] > starts[:-1])
        gained[1:] = np.where(restarted, values[1:], values[1:] - values[:-1])
        return times, gained


@dataclass
class _OtlpSeries:
    plain: SeriesTable = field(default_factory=SeriesTable)
    cumulative: dict[tuple[str, str, str, Labels], _Cumulative] = field(default_factory=dict)
    means: set[tuple[str, str, str, Labels]] = field(default_factory=set)

    def add_total(
        self, name: str, service: str, unit: str, labels: Labels, time: float, start: float, value: float
    ) -> None:
        points = self.cumulative.setdefault((name, service, unit, labels), _Cumulative())
        points.times.append(time)
        points.values.append(value)
        points.starts.append(start)


def parse_otlp_metrics(file: FileReader, into: Collected) -> None:
    """`resourceMetrics` of OTLP JSON lines; see the head of this module for sums and histograms."""
    found = _OtlpSeries()
    seen, line = False, 0
    for line, batch in file.json_lines():
        for resource, metrics in otlp.resources(batch, "resourceMetrics", "scopeMetrics", "metrics"):
            seen = True
            service, labels = otlp.service_of(resource, file.service), otlp.identity(resource)
            for metric in metrics:
                _read_metric(file, line, metric, service, labels, found)
    if not seen and line:
        raise file.error("no resourceMetrics", expected="OTLP JSON lines of metrics")
    made = found.plain.series(file)
    for (name, service, unit, labels), points in found.cumulative.items():
        made.append(make_series(file, name, service, *points.increases(), unit, dict(labels)))
    into.metrics.extend(made)
    by_key = {(s.name, s.service, tuple(s.labels.items())): s for s in made}
    for name, service, unit, labels in sorted(found.means):
        count, total = (by_key.get((f"{name}.{part}", service, labels)) for part in ("count", "sum"))
        if count is not None and total is not None and np.array_equal(count.times, total.times):
            means = np.divide(
                total.values, count.values, out=np.full(len(count.values), np.nan), where=count.values > 0
            )
            into.metrics.append(
                make_series(file, f"{name}.mean", service, count.times, means, unit, dict(labels))
            )


def _read_metric(
    file: FileReader, line: int, metric: dict[str, Any], service: str, resource: Labels, found: _OtlpSeries
) -> None:
    name, unit = text_of(metric.get("name")), text_of(metric.get("unit"))
    for kind in ("gauge", "sum", "histogram", "exponentialHistogram", "summary"):
        body = metric.get(kind) or metric.get(otlp.snake_case(kind))
        if not isinstance(body, dict):
            continue
        cumulative = (
            otlp.key(body, "aggregationTemporality", "aggregation_temporality") in CUMULATIVE
            or kind == "summary"
        )
        monotonic = kind == "sum" and otlp.key(body, "isMonotonic", "is_monotonic") is True
        for point in otlp.dicts(otlp.key(body, "dataPoints", "data_points")):
            time = otlp.nanoseconds(otlp.key(point, "timeUnixNano", "time_unix_nano"))
            if time != time:
                file.problem("data point without a readable time left out", line=line)
                continue
            start = otlp.nanoseconds(otlp.key(point, "startTimeUnixNano", "start_time_unix_nano"))
            labels = resource + tuple((k, text_of(v)) for k, v in otlp.attributes_of(point).items())
            for part, part_unit, value, more, counts in _values(kind, point, unit):
                if cumulative and (counts or monotonic):
                    found.add_total(name + part, service, part_unit, labels + more, time, start, value)
                else:
                    found.plain.add(name + part, service, part_unit, labels + more, time, value)
            if kind not in ("gauge", "sum"):
                found.means.add((name, service, unit, labels))


def _values(kind: str, point: dict[str, Any], unit: str) -> Iterator[tuple[str, str, float, Labels, bool]]:
    """Suffix, unit, value, further labels, and whether it counts up, of each series that a point feeds."""
    flags = point.get("flags")
    absent: Any = 0  # Proto3 JSON leaves out fields that are zero.
    if isinstance(flags, int) and flags & NO_VALUE:
        point, absent = {}, None
    if kind in ("gauge", "sum"):
        value = next((point[k] for k in ("asDouble", "asInt", "as_double", "as_int") if k in point), None)
        yield "", unit, number(value), (), False
        return
    yield ".count", "{count}", number(point.get("count", absent)), (), True
    yield ".sum", unit, number(point.get("sum", absent if kind == "summary" else None)), (), True
    for quantile in otlp.dicts(otlp.key(point, "quantileValues", "quantile_values")):
        label = (("quantile", text_of(quantile.get("quantile", 0))),)
        yield "", unit, number(quantile.get("value", 0)), label, False
