import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import CheckState, Need
from andon.connectors.files import FilesSource
from andon.connectors.kubernetes.resources import FOR_CHANGES, FOR_TOPOLOGY
from andon.telemetry import ChangeKind, Status, Window
from andon.testing.imitation import Told, json_told
from andon.testing.imitations.kubernetes import KubernetesImitation, PolicyRule

NEED = Need(Window(1_781_863_000.0, 1_781_866_000.0))
GRANTED = [
    PolicyRule([resource.group], [resource.plural], namespace="shop")
    for resource in {*FOR_CHANGES, *FOR_TOPOLOGY}
]


@pytest.fixture
def event(thing):
    return thing(
        "Event",
        "pay.17",
        involvedObject={"kind": "Pod", "namespace": "shop", "name": "pay-7c9"},
        reason="BackOff",
        message="Back-off restarting failed container",
        source={"component": "kubelet", "host": "node-1"},
        firstTimestamp="2026-06-19T10:25:00Z",
        lastTimestamp="2026-06-19T10:35:00Z",
        count=12,
        type="Warning",
    )


def test_events_are_those_that_a_file_of_them_gives(opened, event, tmp_path):
    (tmp_path / "events.json").write_text(json.dumps({"kind": "List", "items": [event]}))
    live = opened([event]).changes(NEED)
    filed = FilesSource.open(tmp_path).changes(NEED.window)
    assert live.status is Status.OK and live.value and live.value == filed.value


def test_series_of_new_style_events(opened, thing):
    event = thing(
        "Event", "n", regarding={"kind": "Node", "name": "n1"}, reason="Rebooted", note="x",
        eventTime="2026-06-19T10:25:00.123456Z", reportingController="kubelet",
        series={"count": 9, "lastObservedTime": "2026-06-19T10:30:00.5Z"},
    )  # fmt: skip
    first, last = opened([event]).changes(NEED).value
    assert (first.actor, first.parameters["count"]) == ("kubelet", 9)
    assert last.time - first.time == pytest.approx(300.376544)


def test_what_lies_outside_the_window_is_left_out(opened, event):
    last = Need(Window(1_781_865_000.0, 1_781_866_000.0))
    assert [change.id for change in opened([event]).changes(last).value] == ["Event-pay.17/last"]
    late = Need(Window(1_781_865_301.0, 1_781_866_000.0))
    found = opened([event]).changes(late)
    assert (found.value, found.status) == ((), Status.EMPTY)


def test_rollouts_have_an_actor_and_edits_stand_beside_them(opened, thing, template):
    write = {"manager": "kubectl-set", "operation": "Update", "time": "2026-06-19T10:24:59Z"}
    deployment = thing("Deployment", "api", spec={}, metadata={"managedFields": [write]})
    revisions = [
        thing("ReplicaSet", f"api-{n}", owner=deployment, spec={"template": template(f"shop/api:{n}")},
              metadata={"creationTimestamp": time, "annotations": {"deployment.kubernetes.io/revision": str(n)}})
        for n, time in ((1, "2026-06-18T10:00:00Z"), (2, "2026-06-19T10:25:00Z"))
    ]  # fmt: skip
    flags = thing(
        "ConfigMap", "flags", data={"POOL": "2"}, metadata={"managedFields": [write | {"manager": "argocd"}]}
    )
    found = opened([deployment, *revisions, flags]).changes(NEED).value
    assert [(c.kind, c.target, c.actor) for c in found] == [
        (ChangeKind.CONFIG, "flags", "argocd"),
        (ChangeKind.DEPLOY, "checkout", "kubectl-set"),
    ]


def test_secrets_are_looked_at_only_when_asked_and_only_their_metadata(opened, thing):
    write = {"manager": "vault", "operation": "Update", "time": "2026-06-19T10:25:00Z"}
    secret = thing("Secret", "db", data={"password": "aHVudGVyMg=="}, metadata={"managedFields": [write]})
    off, on = opened([secret]), opened([secret], config={"secrets": True})
    assert not off.changes(NEED).value and not any("secrets" in a.path for a in off.server.asked)
    (found,) = on.changes(NEED).value
    assert (found.target, found.actor) == ("db", "vault") and "aHVudGVyMg" not in repr(found)
    (asked,) = [a for a in on.server.asked if "secrets" in a.path]
    assert "PartialObjectMetadataList" in asked.headers["accept"]


def test_a_namespace_outside_the_scope_is_never_asked_for(opened, thing, event):
    foreign = thing("Event", "x", metadata={"namespace": "kube-system"}, reason="x")
    connector = opened([event, foreign])
    assert {c.origin for c in connector.changes(NEED).value} == {"shop"}
    connector.topology()
    assert all("/namespaces/shop/" in asked.path for asked in connector.server.asked)


def test_objects_of_another_namespace_are_dropped_and_told(opened, event, monkeypatch):
    smuggled = {**event, "metadata": {**event["metadata"], "namespace": "kube-system"}}
    monkeypatch.setattr(
        KubernetesImitation,
        "_list",
        lambda self, asked, kind, namespace: json_told(
            {
                "kind": "PartialObjectMetadataList",
                "metadata": {},
                "items": [smuggled] if kind == "Event" else [],
            }
        ),
    )
    found = opened([]).changes(NEED)
    assert not found.value and found.status is Status.PARTIAL
    assert "outside the scope" in found.problems[0].message


def test_every_namespace_is_listed_one_by_one(opened, thing, event):
    spaces = [{"kind": "Namespace", "metadata": {"name": name}} for name in ("pay", "shop")]
    connector = opened([*spaces, event], config={"scope": {"namespaces": ["*"]}})
    assert len(connector.changes(NEED).value) == 2
    paths = {asked.path for asked in connector.server.asked}
    assert {"/api/v1/namespaces", "/api/v1/namespaces/pay/events", "/api/v1/namespaces/shop/events"} <= paths
    assert "/api/v1/events" not in paths


def test_one_denied_resource_does_not_take_the_others_with_it(opened, event):
    rules = [rule for rule in GRANTED if "replicasets" not in rule.resources]
    found = opened([event], rules=rules).changes(NEED)
    assert found.status is Status.PARTIAL and len(found.value) == 2
    (problem,) = found.problems
    assert problem.message == "may not list replicasets.apps in shop (403)"
    assert 'resources: ["replicasets"]' in problem.hint


def test_nothing_allowed_is_denied(opened, event):
    connector = opened([event], rules=[])
    assert connector.changes(NEED).status is Status.DENIED
    assert connector.topology().status is Status.DENIED


def test_events_without_a_time_are_counted(opened, thing, event):
    bad = [thing("Event", f"b{i}", metadata={"creationTimestamp": None}, reason="x") for i in range(3)]
    found = opened([*bad, event]).changes(NEED)
    assert found.status is Status.PARTIAL and found.problems[0].count == 3 and len(found.value) == 2


def test_topology_of_the_namespace(opened, thing, template):
    deployment = thing("Deployment", "api", spec={"replicas": 1, "template": template("shop/api:1")})
    found = opened([deployment]).topology()
    assert found.status is Status.OK and "shop/deployment/api" in found.value.by_id
    assert found.value.name == "prod" and {fetch.place for fetch in found.fetches} == {"shop"}


def test_check_names_each_missing_rule(opened, event):
    rules = [rule for rule in GRANTED if "pods" not in rule.resources]
    checks = {check.what: check for check in opened([event], rules=rules).check()}
    assert checks["reach"].found == "Kubernetes v1.31.4"
    assert checks["changes"].state is CheckState.OK
    assert checks["topology"].state is CheckState.FAILED
    assert checks["topology"].found == "may not list pods in shop"
    assert (
        checks["topology"].hint
        == 'add to the Role in shop: apiGroups: [""], resources: ["pods"], verbs: ["list"]'
    )
    assert checks["history"].found.startswith("events since 2026-06-19T10:25:00Z")


def test_check_asks_for_secrets_where_they_are_wanted(opened):
    connector = opened([], rules=GRANTED, config={"secrets": True})
    (changes,) = [check for check in connector.check() if check.what == "changes"]
    assert changes.found == "may not list secrets in shop"


def test_check_of_every_namespace_asks_for_a_cluster_role(opened):
    connector = opened([], rules=GRANTED, config={"scope": {"namespaces": ["*"]}})
    (changes,) = [check for check in connector.check() if check.what == "changes"]
    assert "namespaces anywhere" in changes.found and "add to the ClusterRole" in changes.hint


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["items", "metadata", "name", "namespace", "managedFields", "ownerReferences", "spec", "template",
             "data", "revision", "annotations", "labels", "selector", "uid", "reason", "controller", "kind",
             "fieldsV1", "f:x", "time", "creationTimestamp", "containers", "env", "status", "continue", "series"]
        ),
        inner | st.just("shop") | st.just("2026-06-19T10:25:00Z") | st.just("PartialObjectMetadataList"),
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(JSON, max_size=3), JSON)
def test_no_answer_crashes_it(direct, items, odd):
    connector = direct([])
    shaped = [{**one, "metadata": {"namespace": "shop", **(one.get("metadata") or {})}}
              if isinstance(one, dict) and isinstance(one.get("metadata"), dict | None) else one for one in items]  # fmt: skip
    body = {"kind": "PartialObjectMetadataList", "metadata": odd, "items": shaped}
    connector.server.answer = lambda asked: Told(200, json.dumps(body).encode())
    for result in (connector.changes(NEED), connector.topology()):
        assert result.status in Status
    connector.check()
