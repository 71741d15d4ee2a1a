"""Metric series: a name, labels, a unit and points in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from andon.telemetry.window import Window

__all__ = ["MetricSeries"]


@dataclass(frozen=True, slots=True, eq=False)
class MetricSeries:
    """One series of one metric.

    `times` are Unix seconds (float64, ascending, without duplicates), `values` float64 of the same
    shape (n,); NaN marks a point that the source has but cannot state. `service` is the OpenTelemetry
    `service.name` that the series belongs to, empty when the source does not say. `unit` is a UCUM
    unit (`ms`, `s`, `By`, `1`, `%`) or empty.
    """

    name: str
    service: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.times.shape != self.values.shape or self.times.ndim != 1:
            raise ValueError(f"{self.key}: times {self.times.shape} and values {self.values.shape} differ")

    @property
    def key(self) -> str:
        """What tells this series from others of the same source: `service name{label=value,…}`."""
        labels = ",".join(f"{k}={v}" for k, v in sorted(self.labels.items()))
        return f"{self.service} {self.name}{{{labels}}}" if labels else f"{self.service} {self.name}"

    def within(self, window: Window) -> MetricSeries:
        """The points inside the window, as views on the same arrays."""
        low, high = np.searchsorted(self.times, (window.start, window.end))
        return MetricSeries(
            self.name, self.service, self.times[low:high], self.values[low:high], self.unit, self.labels
        )
