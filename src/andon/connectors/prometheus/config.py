"""What `sources:` may state of a Prometheus."""

from __future__ import annotations

from pydantic import Field

from andon.connectors.patterns import Pattern
from andon.connectors.prometheus.scope import PrometheusScope
from andon.connectors.service_labels import SERVICE_LABELS
from andon.connectors.wire import HttpConfig

__all__ = ["PrometheusConfig"]


class PrometheusConfig(HttpConfig):
    """Address, scope, and which metrics are worth fetching."""

    scope: PrometheusScope = PrometheusScope()
    tenant: str = Field("", description="sent as X-Scope-OrgID: the tenant of Mimir, Cortex or Thanos")
    service_labels: tuple[str, ...] = Field(
        SERVICE_LABELS, description="labels that name the service, in the order in which they are believed"
    )
    keep_labels: tuple[str, ...] = Field(
        (), description="labels that stay apart, beside those that tell outcome, operation, peer or part"
    )
    include: tuple[Pattern, ...] = Field(
        (),
        description="regular expressions of metric names: only these are read, whatever the rules leave out",
    )
    exclude: tuple[Pattern, ...] = Field(
        (),
        description="regular expressions of metric names that are not read, beside those that rules leave out",
    )
    scrape_interval: float | None = Field(
        None,
        gt=0,
        description="seconds between two samples; up to 300 they are measured where this is not stated",
    )
    max_series: int = Field(3_000, ge=1, description="series that one question may fetch, after aggregation")
    series_per_metric: int = Field(
        60, ge=1, description="series of one metric from which on only service and outcome stay apart"
    )
