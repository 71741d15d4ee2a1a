import math

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.github.records import commit_of, deployed_at, deployment_event, made_at, moment

MADE = {"id": 7, "sha": "a1", "created_at": "2026-06-19T10:00:00Z", "environment": "production"}


def status(state, time):
    return {"state": state, "created_at": f"2026-06-19T{time}Z"}


def test_a_deployment_takes_effect_when_it_is_in_progress():
    steps = [status("success", "10:31:00"), status("in_progress", "10:30:00"), status("waiting", "10:00:01")]
    assert deployed_at(MADE, steps) == (moment("2026-06-19T10:30:00Z"), "success")
    assert deployed_at(MADE, steps[:1])[0] == moment("2026-06-19T10:31:00Z")
    assert deployed_at(MADE, []) == (moment("2026-06-19T10:00:00Z"), "")


def test_inactive_says_nothing_of_how_it_went():
    steps = [status("failure", "10:31:00"), status("inactive", "12:00:00")]
    event = deployment_event(MADE, steps, repository="shop/api", service="api")
    assert (event.error, event.commit, event.id) == ("failure", "a1", "shop/api/deployments/7")
    fine = deployment_event(MADE, [status("success", "10:31:00")], repository="shop/api", service="api")
    assert fine.error == "" and fine.parameters["environment"] == "production"


def test_a_commit_with_files():
    item = {
        "sha": "a1",
        "author": {"login": "mara"},
        "commit": {"message": "x", "committer": {"date": "2026-06-19T10:20:00Z"}, "author": {"name": "M"}},
        "files": [
            {"filename": "new.py", "status": "added", "patch": "@@ -0,0 +1 @@\n+x"},
            {"filename": "b.py", "previous_filename": "a.py", "status": "renamed"},
            {"filename": "old.py", "status": "removed", "patch": "@@ -1 +0,0 @@\n-x"},
            7,
        ],
    }
    commit = commit_of(item)
    assert [(p.before, p.after) for p in commit.patches] == [("", "new.py"), ("a.py", "b.py"), ("old.py", "")]
    assert (commit.author, commit.time) == ("mara", moment("2026-06-19T10:20:00Z"))
    assert commit_of({**item, "author": None}).author == "M"


ANY = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from("id sha created_at creator login state commit committer author date files filename".split()),
        inner,
        max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(ANY, st.lists(ANY, max_size=3))
def test_nothing_crashes_it(item, statuses):
    commit_of(item)
    assert isinstance(made_at(item), float)
    if isinstance(item, dict):
        event = deployment_event(item, statuses, repository="r", service="s")
        assert event is None or not math.isnan(event.time)
