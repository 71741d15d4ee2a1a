from __future__ import annotations

from andon.connectors.prometheus.ownership import owner_of
from andon.connectors.service_labels import SERVICE_LABELS


def test_a_job_of_opentelemetry_is_namespace_and_name() -> None:
    assert owner_of("http_requests_total", SERVICE_LABELS).service({"job": "shop/checkout"}) == "checkout"


def test_exporters_speak_of_others() -> None:
    host = owner_of("node_load1", SERVICE_LABELS)
    assert host.service({"job": "node", "instance": "10.0.0.7:9100"}) == "10.0.0.7"
    assert host.service({"job": "node", "instance": "10.0.0.7:9100", "nodename": "db-1"}) == "db-1"
    labels = {"service": "kubelet", "job": "kubelet", "container": "checkout"}
    assert owner_of("container_memory_rss", SERVICE_LABELS).service(labels) == "checkout"
    labels = {"service": "kube-state-metrics", "job": "x", "deployment": "checkout"}
    assert owner_of("kube_deployment_status_replicas", SERVICE_LABELS).service(labels) == "checkout"


def test_only_labels_that_promql_can_name_are_grouped_by() -> None:
    owner = owner_of("up", SERVICE_LABELS)
    assert "service.name" not in owner.labels and owner.labels[0] == "service_name"
