from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.argocd.history import Unreadable, syncs
from andon.telemetry import ChangeEvent, ChangeKind, isoformat

OLD, NEW = "a" * 40, "b" * 40
SOURCE = {"repoURL": "https://git.example/shop/deploy.git", "path": "api"}


def application(*history, **status):
    return {
        "metadata": {"name": "api"},
        "spec": {"project": "shop", "destination": {"namespace": "prod"}},
        "status": {"history": list(history), **status},
    }


def sync(number, revision=NEW, at="10:25:00", **more):
    return {"id": number, "revision": revision, "deployedAt": f"2026-06-19T{at}Z", "source": SOURCE} | more


def test_a_sync_is_a_deploy_of_a_commit():
    by = {"username": "mara"}
    first, second = syncs(
        application(
            sync(4, deployStartedAt="2026-06-19T10:24:00Z", initiatedBy=by), sync(3, OLD, "09:00:00")
        ),
        service="checkout",
    )
    assert (first.parameters["revision"], second.parameters["previous"]) == (OLD, OLD)
    assert (second.kind, second.action, second.target) == (ChangeKind.DEPLOY, "sync", "checkout")
    assert (second.commit, second.actor, second.origin, second.id) == (NEW, "mara", "shop", "api/history/4")
    assert isoformat(second.time) == "2026-06-19T10:24:00Z"
    assert second.resources == ("api",) and not second.error
    assert second.parameters["path"] == "api" and second.parameters["namespace"] == "prod"


def test_the_newest_carries_the_state_of_now():
    first, second = syncs(
        application(sync(1), sync(2), sync={"status": "OutOfSync"}, health={"status": "Degraded"}),
        service="api",
    )
    assert second.parameters["sync now"] == "OutOfSync" and second.parameters["health now"] == "Degraded"
    assert "health now" not in first.parameters


def test_a_failed_sync_has_an_error_and_a_running_one_none():
    state = {"phase": "Failed", "message": "one or more objects failed", "startedAt": "2026-06-19T10:30:00Z",
             "syncResult": {"revision": NEW}, "operation": {"initiatedBy": {"automated": True}}}  # fmt: skip
    (failed,) = syncs(application(operationState=state), service="api")
    assert (failed.error, failed.commit, failed.actor) == ("one or more objects failed", NEW, "automated")
    (running,) = syncs(application(operationState=state | {"phase": "Running"}), service="api")
    assert not running.error and running.parameters["phase"] == "Running"
    assert not list(syncs(application(operationState=state | {"phase": "Succeeded"}), service="api"))


def test_a_chart_has_a_version_and_no_commit():
    (event,) = syncs(application(sync(1, "1.2.3")), service="api")
    assert event.commit == "" and event.parameters["revision"] == "1.2.3"


def test_of_several_sources_the_commit_counts():
    several = sync(1, "", revisions=["1.2.3", NEW], sources=[SOURCE])
    (event,) = syncs(application(several), service="api")
    assert event.commit == NEW and event.parameters["repository"] == SOURCE["repoURL"]


def test_what_has_no_time_or_revision_is_unreadable():
    found = list(syncs(application(sync(1, None), sync(2, at="?"), sync("x")), service="api"))
    assert [isinstance(one, Unreadable) for one in found].count(True) == 2


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id revision revisions deployedAt source sources history status operationState phase startedAt spec".split()
            ),
            inner | st.sampled_from(["Failed", "2026-06-19T10:30:00Z"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), ANY, max_size=3))
def test_nothing_crashes_it(odd):
    assert all(isinstance(one, ChangeEvent | Unreadable) for one in syncs(odd, service="s"))
