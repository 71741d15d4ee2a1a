from contextlib import ExitStack

import pytest

from andon.connectors import CheckState, Need, Session, open_class
from andon.connectors.gitlab import GitLabConnector
from andon.errors import ConfigError
from andon.telemetry import ChangeKind, Status, Window
from andon.testing.imitations.gitlab import GitLabImitation, GitLabProject

NEED = Need(Window(1_781_863_000.0, 1_781_866_000.0))
"""2026-06-19, 09:56:40 to 10:46:40."""


@pytest.fixture
def opened():
    with ExitStack() as stack:

        def open_on(project, config=None, name="shop/api", **options):
            server = stack.enter_context(GitLabImitation({name: project}, **options))
            session = stack.enter_context(Session(10.0))
            stated = {"url": server.url, "scope": {"projects": [name]}, "limits": {"retries": 0}}
            connector = open_class(GitLabConnector, "code", stated | (config or {}), session)
            connector.server = server
            return connector

        yield open_on


def commit(sha, time="10:20:00", day="19"):
    return {"id": sha, "title": f"Change {sha}", "committed_date": f"2026-06-{day}T{time}.000Z"}


def deployment(number, time="10:25:00", day="19", updated=None, **more):
    made = f"2026-06-{day}T{time}.000Z"
    about = {"id": number, "sha": "a1", "ref": "main", "status": "success", "created_at": made}
    return about | {"updated_at": updated or made, "environment": {"name": "production"}} | more


DIFF = [{"old_path": "a.py", "new_path": "a.py", "diff": "@@ -1 +1 @@\n-a\n+b\n"}]


def test_deployments_and_commits_with_their_diffs(opened):
    held = GitLabProject([deployment(1)], [commit("a1"), commit("b2", "09:58:00")], {"a1": DIFF})
    connector = opened(held)
    found = connector.changes(NEED)
    assert found.status is Status.OK
    assert [(c.kind, c.commit, c.target) for c in found.value] == [
        (ChangeKind.COMMIT, "b2", "api"),
        (ChangeKind.COMMIT, "a1", "api"),
        (ChangeKind.DEPLOY, "a1", "api"),
    ]
    assert found.value[1].diff == "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n"
    (asked, *_) = connector.server.asked
    assert asked.path == "/api/v4/projects/shop%2Fapi/deployments"
    assert asked.param("order_by") == "updated_at"


def test_a_deployment_that_ends_after_the_window_began_in_it(opened):
    held = GitLabProject(
        [deployment(1, updated="2026-06-19T15:00:00Z"), deployment(2, "12:00:00")], [commit("a1")]
    )
    assert [c.id for c in opened(held).changes(NEED).value] == ["a1", "shop/api/deployments/1"]


def test_an_old_commit_that_is_deployed_is_fetched_itself(opened):
    held = GitLabProject([deployment(1)], [commit("a1", day="12")], {"a1": DIFF})
    found = {c.id: c for c in opened(held).changes(NEED).value}
    assert found["a1"].files == ("a.py",) and found["a1"].time < NEED.window.start


def test_all_pages_are_read_and_what_moves_is_not_doubled(opened):
    deployments = [deployment(i, f"10:{i // 60:02}:{i % 60:02}") for i in range(250)]
    held = GitLabProject(deployments, [commit("a1")])

    def touched_again():
        deployments.insert(0, deployment(1000 + len(deployments), "09:57:00"))

    connector = opened(held, between=touched_again)
    found = [c.id for c in connector.changes(NEED).value if c.kind is ChangeKind.DEPLOY]
    assert {f"shop/api/deployments/{i}" for i in range(250)} <= set(found) and len(found) == len(set(found))
    pages = [asked for asked in connector.server.asked if asked.path.endswith("/deployments")]
    assert [asked.param("page") for asked in pages] == ["1", "2", "3"]


def test_a_project_may_be_a_number_and_environments_a_scope(opened):
    held = GitLabProject([deployment(1), deployment(2, environment={"name": "staging"})], [commit("a1")])
    scope = {"projects": ["42"], "environments": ["production"]}
    config = {"scope": scope, "services": {"42": "checkout"}}
    found = opened(held, config, name="42").changes(NEED).value
    assert [(c.id, c.target) for c in found] == [("a1", "checkout"), ("42/deployments/1", "checkout")]


def test_more_commits_than_are_looked_into_are_told(opened):
    held = GitLabProject(commits=[commit(f"c{i}", f"10:{i:02}:00") for i in range(5)])
    found = opened(held, {"commits": 2}).changes(NEED)
    assert found.status is Status.TRUNCATED and len(found.value) == 5
    assert "3 commits without their diff" in found.problems[0].message


def test_the_limit_of_items_is_told(opened):
    held = GitLabProject([deployment(i, f"10:{i // 60:02}:{i % 60:02}") for i in range(250)], [commit("a1")])
    found = opened(held).changes(Need(NEED.window, items=100))
    assert found.status is Status.TRUNCATED


def test_malformed_items_are_counted(opened):
    held = GitLabProject(
        [deployment(1, sha=None), deployment("x"), deployment(3, sha="../x")], [commit(""), commit("b2")]
    )
    found = opened(held).changes(NEED)
    assert found.status is Status.PARTIAL
    assert {p.message: p.count for p in found.problems} == {
        "deployments that cannot be read were left out": 2,
        "commits that cannot be read were left out": 2,
    }


def test_the_private_token_is_sent_and_a_wrong_one_denied(opened, monkeypatch):
    monkeypatch.setenv("GITLAB", "glpat-1234")
    held = GitLabProject([deployment(1)], [commit("a1")])
    right = {"auth": {"headers": {"PRIVATE-TOKEN": "${env:GITLAB}"}}}
    assert opened(held, right, private_token="glpat-1234").changes(NEED).status is Status.OK
    assert opened(held, right, private_token="other").changes(NEED).status is Status.DENIED


def test_a_limit_reached_on_the_way_is_partial(opened):
    held = GitLabProject([deployment(1)], [commit("a1")])
    found = opened(held, a_minute=2).changes(NEED)
    assert found.status is Status.PARTIAL and "429" in found.problems[0].message


def test_check_names_what_may_not_be_read(opened):
    held = GitLabProject([deployment(1)], [commit("a1")])
    scope = {"projects": ["shop/api", "shop/hidden"]}
    checks = {c.what: c for c in opened(held, {"scope": scope}).check()}
    assert checks["reach"].found == "GitLab 17.5.1-ee"
    assert checks["commits of shop/api"].state is CheckState.OK
    refused = checks["deployments of shop/hidden"]
    assert refused.state is CheckState.FAILED and "read_api" in refused.hint


@pytest.mark.parametrize("name", ["api", "../x", "a/..", "a/b?x=1", ""])
def test_a_project_has_a_group_and_a_name(name):
    with Session() as session, pytest.raises(ConfigError, match="group/name"):
        open_class(GitLabConnector, "code", {"url": "http://g", "scope": {"projects": [name]}}, session)
