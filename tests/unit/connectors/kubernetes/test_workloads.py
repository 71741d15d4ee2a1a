import pytest

from andon.connectors.kubernetes.workloads import Held, topology_of
from andon.telemetry import ElementKind

LABELS = ("app.kubernetes.io/name", "app")


@pytest.fixture
def estate(thing, template):
    """A Deployment with two pods on two nodes, and a Service in front."""
    deployment = thing("Deployment", "api", spec={"replicas": 2, "template": template("shop/api:1")})
    replicas = thing("ReplicaSet", "api-7c9", owner=deployment, spec={"replicas": 2})
    pods = [
        thing("Pod", f"api-7c9-{n}", owner=replicas, metadata={"labels": {"app": "checkout"}},
              spec={"nodeName": f"node-{n}"}, status={"phase": "Running"})
        for n in (1, 2)
    ]  # fmt: skip
    service = thing("Service", "api", spec={"selector": {"app": "checkout"}, "ports": [{"port": 80}]})
    return {"Deployment": [deployment], "ReplicaSet": [replicas], "Pod": pods, "Service": [service]}


def drawn(objects):
    return topology_of([Held("shop", objects)], "prod", LABELS)


def test_namespaces_hold_workloads_and_nodes_carry_pods(estate):
    found = drawn(estate).by_id
    workload = found["shop/deployment/api"]
    assert (workload.kind, workload.parent, workload.name) == (
        ElementKind.CONTAINER,
        "namespace/shop",
        "api",
    )
    assert workload.properties == {"service.name": "checkout"} and workload.instances == "2"
    assert found["namespace/shop"].kind is ElementKind.SOFTWARE_SYSTEM
    pod = found["shop/pod/api-7c9-1"]
    assert (pod.kind, pod.parent, pod.instance_of, pod.environment) == (
        ElementKind.CONTAINER_INSTANCE,
        "node/node-1",
        "shop/deployment/api",
        "prod",
    )
    assert found["node/node-1"].kind is ElementKind.DEPLOYMENT_NODE
    assert "shop/replicaset/api-7c9" not in found


def test_a_service_selects_workloads_even_without_pods(estate):
    (one,) = drawn(estate | {"Pod": []}).relationships
    assert (one.source, one.destination) == ("shop/service/api", "shop/deployment/api")
    assert (one.description, one.technology, one.declared) == ("selects", "TCP/80", True)


def test_a_service_without_or_with_another_selector_selects_nothing(estate, thing):
    services = [
        thing("Service", "external", spec={"type": "ExternalName"}),
        thing("Service", "other", spec={"selector": {"app": "billing"}}),
    ]
    topology = drawn(estate | {"Service": services})
    assert not topology.relationships and "shop/service/external" in topology.by_id


def test_an_unknown_owner_is_a_workload_all_the_same(estate, thing):
    rollout = thing("Rollout", "web")
    replicas = thing("ReplicaSet", "web-1", owner=rollout, spec={"replicas": 1})
    pod = thing("Pod", "web-1-a", owner=replicas)
    found = drawn({"ReplicaSet": [replicas], "Pod": [pod]}).by_id
    assert found["shop/rollout/web"].technology == "Kubernetes Rollout"
    assert found["shop/pod/web-1-a"].instance_of == "shop/rollout/web"


def test_jobs_belong_to_their_cron_job_and_finished_pods_are_gone(thing):
    cron = thing("CronJob", "report", spec={})
    job = thing("Job", "report-1", owner=cron)
    pods = [
        thing("Pod", f"r{n}", owner=job, status={"phase": p}) for n, p in enumerate(("Succeeded", "Running"))
    ]
    found = drawn({"CronJob": [cron], "Job": [job], "Pod": pods}).by_id
    assert found["shop/pod/r1"].instance_of == "shop/cronjob/report"
    assert "shop/pod/r0" not in found and "shop/job/report-1" not in found


def test_a_pod_of_nobody_stands_for_itself(thing):
    found = drawn({"Pod": [thing("Pod", "debug", spec={"nodeName": "n"})]}).by_id
    assert found["shop/pod/debug"].kind is ElementKind.CONTAINER
    assert found["shop/pod/debug@n"].instance_of == "shop/pod/debug"


def test_owners_in_a_circle_end(thing):
    a, b = thing("ReplicaSet", "a"), thing("ReplicaSet", "b")
    one, two = thing("ReplicaSet", "a", owner=b), thing("ReplicaSet", "b", owner=a)
    assert drawn({"ReplicaSet": [one, two], "Pod": [thing("Pod", "p", owner=a)]}).elements
