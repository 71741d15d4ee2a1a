"""What `sources:` may state of an InfluxDB."""

from __future__ import annotations

from pydantic import Field

from andon.connectors.label_scope import LabelScope
from andon.connectors.patterns import Pattern
from andon.connectors.service_labels import SERVICE_LABELS
from andon.connectors.wire import HttpConfig

__all__ = ["InfluxDbConfig", "InfluxDbScope"]


class InfluxDbScope(LabelScope):
    """Tags as in `match`, and which measurements may be read; none named means all."""

    measurements: tuple[str, ...] = Field((), description="names of measurements that may be read")

    def holds(self, measurement: str) -> bool:
        return not self.measurements or measurement in self.measurements


class InfluxDbConfig(HttpConfig):
    """Address, database, scope, and how fields are read."""

    database: str = Field(min_length=1, description="the database; in later versions the bucket mapped to it")
    retention_policy: str = Field("", description="the retention policy, where it is not the default one")
    scope: InfluxDbScope = InfluxDbScope()
    service_tags: tuple[str, ...] = Field(
        (*SERVICE_LABELS, "host"),
        description="tags that name the service or machine, in the order in which they are believed",
    )
    keep_tags: tuple[str, ...] = Field(
        (), description="tags that stay apart also where a measurement has very many series"
    )
    counters: tuple[Pattern, ...] = Field(
        (r".*_total", r".*_counter"),
        description="regular expressions of `measurement_field`: these count up, and come as increases",
    )
    exclude: tuple[Pattern, ...] = Field(
        (), description="regular expressions of measurements that are not read"
    )
    series_per_measurement: int = Field(
        60, ge=1, description="series of a measurement up to which all of its tags stay apart"
    )
    max_series: int = Field(3_000, ge=1, description="series that one question may fetch")
