"""Which label of a metric, stream or alert names the service that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["SERVICE_LABELS", "service_of"]

SERVICE_LABELS = (
    "service_name",
    "service.name",
    "service",
    "app_kubernetes_io_name",
    "app",
    "container",
    "job",
)
"""In the order in which they are believed: OpenTelemetry's own, Kubernetes' recommended ones, Prometheus' last."""


def service_of(labels: Mapping[str, str], names: Sequence[str] = SERVICE_LABELS) -> str:
    """The service that the labels name, empty when they name none.

    A Prometheus `job` made by OpenTelemetry is `namespace/name`: the name counts.
    """
    for name in names:
        value = labels.get(name, "")
        if name == "job":
            value = value.rpartition("/")[2]
        if value:
            return value
    return ""
