"""Which labels of a metric say whose it is, and which of the others are worth keeping apart.

Metrics of hosts and of orchestrators carry the exporter in `job` and `service`; whom they are about stands in
labels of their own. Everything that is neither owner nor kept (pods, instances, ids) is summed over by the server.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from andon.connectors.service_labels import service_of

__all__ = ["OPERATION_LABELS", "OUTCOME_LABELS", "Ownership", "owner_of"]

OUTCOME_LABELS = (
    "code status status_code http_status_code http_response_status_code response_code grpc_code grpc_status "
    "rpc_grpc_status_code outcome result success error error_type exception quantile"
).split()
"""What became of a request: kept also where a metric has very many series."""

OPERATION_LABELS = (
    "method http_method http_request_method route http_route handler operation span_name rpc_method rpc_service "
    "grpc_method grpc_service peer peer_service server_address upstream client source_workload "
    "destination_service_name db_name database db_operation cache queue queue_name topic messaging_destination_name "
    "consumer_group pool reason cause state phase condition type kind area mode level device mountpoint interface "
    "resource direction statistic stat"
).split()
"""Which operation, towards whom, of which part."""

_HOSTS = ("nodename", "node", "host", "instance")
_BY_PREFIX: Sequence[tuple[re.Pattern[str], tuple[str, ...]]] = (
    (re.compile(r"node_|windows_"), _HOSTS),
    (re.compile(r"container_"), ("container", "container_name", "pod")),
    (
        re.compile(r"kube_"),
        (
            "container",
            "deployment",
            "statefulset",
            "daemonset",
            "horizontalpodautoscaler",
            "job_name",
            "node",
        ),
    ),
    (
        re.compile(r"istio_"),
        ("destination_canonical_service", "destination_service_name", "destination_workload"),
    ),
    (re.compile(r"traces_service_graph_"), ("server",)),
)
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Ownership:
    """The labels that name the service of a metric, in the order in which they are believed."""

    labels: tuple[str, ...]

    def service(self, labels: Mapping[str, str]) -> str:
        """The service; a host goes without its port."""
        name = service_of(labels, self.labels)
        if labels.get("instance") == name and "instance" in self.labels:
            return re.sub(r":\d+$", "", name)
        return name

    def grouping(self, there: Collection[str], kept: Sequence[str]) -> tuple[str, ...]:
        """The labels that an aggregation keeps: owners and `kept`, as far as they are `there`."""
        return tuple(label for label in dict.fromkeys((*self.labels, *kept)) if label in there)


def owner_of(metric: str, service_labels: Sequence[str]) -> Ownership:
    """Whose a metric is, by its name; the labels that the configuration names hold for all that are no exporter's."""
    for prefix, labels in _BY_PREFIX:
        if prefix.match(metric):
            return Ownership(labels)
    return Ownership(tuple(label for label in service_labels if _LABEL.fullmatch(label)))
