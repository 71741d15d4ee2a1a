import pytest

from andon.connectors.files.times import TimeParser
from andon.connectors.kubernetes.rollouts import revision_of, rollouts
from andon.telemetry import ChangeKind, isoformat

SECONDS = TimeParser()
LABELS = ("app.kubernetes.io/name", "app")


@pytest.fixture
def kept(thing, template):
    """A ReplicaSet that keeps a revision of the Deployment `api`."""

    def make(number, time, image="shop/api:1", env=None, notes=None, writes=(), **more):
        made = thing("ReplicaSet", f"api-{image}-{number}", owner=thing("Deployment", "api"))
        made["metadata"] |= {
            "creationTimestamp": f"2026-06-19T{time}Z",
            "annotations": {"deployment.kubernetes.io/revision": str(number), **(notes or {})},
            "managedFields": [{"manager": "c", "time": f"2026-06-19T{w}Z"} for w in writes],
        }
        return made | {"spec": {"replicas": 0, "template": template(image, env, **more)}}

    return make


def events(*items):
    revisions = [revision_of(item, SECONDS) for item in items]
    return list(rollouts([r for r in revisions if r], LABELS))


def test_a_new_image_is_a_deploy_with_old_and_new(kept):
    first, second = events(
        kept(2, "10:25:00", "shop/api:2", notes={"kubernetes.io/change-cause": "CHG-1"}), kept(1, "09:00:00")
    )
    assert (second.kind, second.action, second.target) == (ChangeKind.DEPLOY, "rollout", "checkout")
    assert isoformat(second.time) == "2026-06-19T10:25:00Z"
    assert second.resources == ("Deployment/api", "shop/api:2") and second.origin == "shop"
    assert second.parameters["changed"] == {
        "containers[api].image": {"old": "shop/api:1", "new": "shop/api:2"}
    }
    assert "CHG-1" in second.summary
    assert first.parameters["changed"] == {} and "first revision" in first.summary


def test_revisions_are_ordered_by_number_not_by_text(kept):
    numbers = [e.parameters["revision"] for e in events(*(kept(n, "10:00:00") for n in (10, 9, 100)))]
    assert numbers == [9, 10, 100]


def test_a_variable_and_a_limit_are_configuration(kept):
    last = events(
        kept(1, "09:00:00", env={"POOL": "10"}, resources={"limits": {"cpu": "1"}}),
        kept(2, "10:00:00", env={"POOL": "2"}, resources={"limits": {"cpu": "100m"}}),
    )[-1]
    assert last.kind is ChangeKind.CONFIG
    assert last.parameters["changed"] == {
        "containers[api].env[POOL]": {"old": "10", "new": "2"},
        "containers[api].resources.limits.cpu": {"old": "1", "new": "100m"},
    }


def test_other_desired_replicas_are_told(kept):
    desired = "deployment.kubernetes.io/desired-replicas"
    last = events(kept(1, "09:00:00", notes={desired: "6"}), kept(2, "10:00:00", notes={desired: "2"}))[-1]
    assert last.parameters["changed"] == {"replicas": {"old": "6", "new": "2"}}


def test_a_restart_is_neither_deploy_nor_configuration(kept):
    after = kept(2, "10:00:00")
    after["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "x"}
    last = events(kept(1, "09:00:00"), after)[-1]
    assert (last.kind, last.action) == (ChangeKind.KUBERNETES, "restart")


def test_a_rollback_happens_when_the_object_was_written_again(kept):
    notes = {"deployment.kubernetes.io/revision-history": "1"}
    back = kept(3, "08:00:00", "shop/api:1", notes=notes, writes=["08:00:01", "10:40:00"])
    last = events(kept(2, "10:25:00", "shop/api:2"), back)[-1]
    assert (last.action, isoformat(last.time)) == ("rollback", "2026-06-19T10:40:00Z")
    assert last.parameters["changed"]["containers[api].image"] == {"old": "shop/api:2", "new": "shop/api:1"}


def test_a_rollback_was_not_later_than_what_followed(kept):
    notes = {"deployment.kubernetes.io/revision-history": "1"}
    back = kept(3, "08:00:00", notes=notes, writes=["11:30:00"])
    times = {e.parameters["revision"]: isoformat(e.time) for e in events(back, kept(4, "11:00:00"))}
    assert times[3] == "2026-06-19T11:00:00Z"


def test_controller_revisions_of_a_stateful_set(thing, template):
    owner = thing("StatefulSet", "db")
    old, new = (
        thing("ControllerRevision", f"db-{n}", owner=owner, revision=n, data={"spec": {"template": template(f"db:{n}")}})
        for n in (1, 2)
    )  # fmt: skip
    last = events(old, new)[-1]
    assert last.resources == ("StatefulSet/db", "db:2") and last.kind is ChangeKind.DEPLOY


def test_what_keeps_no_revision_is_none(kept, thing):
    assert revision_of(thing("ReplicaSet", "bare"), SECONDS) is None
    for number in ("", "x", "-1"):
        assert revision_of(kept(number, "10:00:00"), SECONDS) is None
    assert revision_of(kept(1, "no time"), SECONDS) is None
    assert (
        revision_of({"metadata": {"annotations": 3, "ownerReferences": 1}, "spec": [], "data": 2}, SECONDS)
        is None
    )
