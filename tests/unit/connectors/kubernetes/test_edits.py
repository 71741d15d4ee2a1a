from dataclasses import replace

import pytest

from andon.connectors.files.times import TimeParser
from andon.connectors.kubernetes.edits import edits, merged
from andon.telemetry import ChangeEvent, ChangeKind, isoformat

LABELS = ("app",)


def entry(manager, time="10:25:00", **more):
    return {"manager": manager, "operation": "Update", "time": f"2026-06-19T{time}Z", **more}


@pytest.fixture
def told(thing):
    """The edits of a ConfigMap with these entries."""

    def tell(*entries, **about):
        item = thing("ConfigMap", "flags", metadata={"managedFields": list(entries), **about})
        return list(edits(item, "ConfigMap", TimeParser(), LABELS))

    return tell


def test_who_changed_it_when_and_what_they_own(told):
    owned = {"f:data": {".": {}, "f:LOG_LEVEL": {}, "f:POOL": {}}, "f:metadata": {"f:labels": {"f:app": {}}}}
    (found,) = told(entry("kubectl-edit", fieldsV1=owned), labels={"app": "checkout"})
    assert (found.kind, found.action, found.target) == (ChangeKind.CONFIG, "update", "flags")
    assert (found.actor, isoformat(found.time), found.origin) == (
        "kubectl-edit",
        "2026-06-19T10:25:00Z",
        "shop",
    )
    assert found.resources == ("ConfigMap/flags", "checkout")
    assert "data.LOG_LEVEL, data.POOL" in found.summary and "labels" not in found.summary


def test_a_write_at_its_birth_created_it(told):
    assert [e.action for e in told(entry("helm", "10:00:00"))] == ["create"]


def test_status_and_the_controllers_own_writes_are_left_out_but_scaling_is_told(told):
    found = told(
        entry("kubelet", subresource="status"),
        entry("kube-controller-manager"),
        entry("kube-controller-manager", subresource="scale"),
    )
    assert [(e.actor, e.action) for e in found] == [("kube-controller-manager", "scale")]


def test_leases_of_the_old_kind_are_left_out(told):
    assert not told(entry("x"), annotations={"control-plane.alpha.kubernetes.io/leader": "{}"})


def test_entries_of_another_shape_are_left_out(told):
    assert not told(7, {"time": []}, entry("x", "when?"), {"fieldsV1": []})
    assert len(told(entry("x", fieldsV1={"f:spec": None, 3: {}, "f:a": {"f:b": "c"}}))) == 1


def test_the_write_that_made_a_revision_gives_it_its_actor(told):
    (edit,) = told(entry("kubectl-set"))
    edit = replace(edit, resources=("Deployment/api",))
    rollout = ChangeEvent("r", edit.time + 2, ChangeKind.DEPLOY, "rollout", "api", origin="shop", resources=("Deployment/api",))  # fmt: skip
    (both,) = merged([rollout], [edit])
    assert (both.id, both.actor) == ("r", "kubectl-set")
    later = replace(rollout, time=edit.time + 60)
    assert [e.id for e in merged([later], [edit])] == ["r", edit.id]
    elsewhere = replace(rollout, origin="pay")
    assert [e.actor for e in merged([elsewhere], [edit])] == ["", "kubectl-set"]
