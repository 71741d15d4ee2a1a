"""From InfluxDB's tables to metric series."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from andon.connectors.influxdb.api import Table
from andon.connectors.influxdb.config import InfluxDbConfig
from andon.connectors.metric_names import plain_name, unit_of
from andon.connectors.service_labels import service_of
from andon.telemetry import MetricSeries

__all__ = ["metric_name", "series_in"]

_PLAIN_FIELDS = ("value", "gauge", "counter")
"""Names of fields that say nothing beside the measurement's."""
_LARGEST = 1e150


def metric_name(measurement: str, field: str) -> str:
    """`measurement_field`, or the measurement alone where the field has no name of its own."""
    return measurement if field in _PLAIN_FIELDS else f"{measurement}_{field}"


def series_in(table: Table, step: float, counter: bool, config: InfluxDbConfig) -> list[MetricSeries]:
    """One series for each field column; a point is put at the end of the step that it speaks for.

    Times in the table are Unix milliseconds of the beginning of each step.
    """
    if "time" not in table.columns:
        return []
    at = table.columns.index("time")
    kept = {tag: value for tag, value in table.tags.items() if value and tag not in config.service_tags}
    single = {tag for tag, values in config.scope.match.items() if len(values) == 1}
    labels = {tag: value for tag, value in kept.items() if tag not in single}
    service = service_of(table.tags, config.service_tags)
    found = []
    for column, field in enumerate(table.columns):
        points = {_number(row[at]) / 1000 + step: _number(row[column]) for row in table.rows if column != at}
        points = {t: v for t, v in points.items() if math.isfinite(t) and (v == v or not counter)}
        if not points:
            continue
        times = np.array(sorted(points), dtype=np.float64)
        values = np.array([points[time] for time in times.tolist()], dtype=np.float64)
        present = np.isfinite(values)
        if not present.any():
            continue
        name = metric_name(table.name, field)
        found.append(
            MetricSeries(
                plain_name(name) if counter else name,
                service,
                times[present],
                values[present],
                unit_of(plain_name(name) if counter else name),
                labels,
            )
        )
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    number = float(value) if abs(value) <= _LARGEST else math.nan
    return number if math.isfinite(number) else math.nan
