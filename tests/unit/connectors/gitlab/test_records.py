from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.gitlab.records import commit_of, deployment_event, moment, patches_of

MADE = {
    "id": 7,
    "sha": "a1",
    "ref": "main",
    "status": "success",
    "created_at": "2026-06-19T10:00:00.000Z",
    "user": {"username": "mara"},
    "environment": {"name": "production"},
    "deployable": {"started_at": "2026-06-19T10:30:00.000+00:00"},
}


def test_a_deployment_takes_effect_when_its_job_begins():
    event = deployment_event(MADE, project="shop/api", service="api")
    assert event.time == moment("2026-06-19T10:30:00Z")
    assert (event.id, event.actor, event.commit, event.error) == ("shop/api/deployments/7", "mara", "a1", "")
    assert event.parameters["environment"] == "production" and event.origin == "shop/api"
    without = deployment_event(MADE | {"deployable": None}, project="shop/api", service="api")
    assert without.time == moment("2026-06-19T10:00:00Z")


def test_what_came_to_nothing_has_an_error():
    states = ("failed", "canceled", "blocked", "skipped", "created", "running", "success")
    errors = [deployment_event(MADE | {"status": s}, project="p", service="s").error for s in states]
    assert errors == ["failed", "canceled", "blocked", "skipped", "created", "", ""]


def test_commits_and_their_diffs():
    item = {"id": "a1", "title": "T", "message": "T\n\nbody\n", "committed_date": "2026-06-19T10:20:00+02:00", "author_name": "M"}  # fmt: skip
    commit = commit_of(item)
    assert (commit.time, commit.message, commit.author) == (moment("2026-06-19T08:20:00Z"), "T\n\nbody", "M")
    diff = [
        {"old_path": "a", "new_path": "b", "renamed_file": True, "diff": ""},
        {"old_path": "n", "new_path": "n", "new_file": True, "diff": "@@ -0,0 +1 @@\n+x\n"},
        {"old_path": "o", "new_path": "o", "deleted_file": True, "diff": "@@ -1 +0,0 @@\n-x\n"},
        {"diff": "?"},
    ]
    assert [(p.before, p.after) for p in patches_of(diff)] == [("a", "b"), ("", "n"), ("o", "")]


ANY = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from("id sha status created_at user username environment name deployable new_path diff".split()),
        inner,
        max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(ANY, st.lists(ANY, max_size=3))
def test_nothing_crashes_it(item, items):
    commit_of(item)
    deployment_event(item, project="p", service="s")
    assert len(list(patches_of(items))) <= len(items)
