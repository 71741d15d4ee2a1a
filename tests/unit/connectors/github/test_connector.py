from contextlib import ExitStack

import pytest

from andon.connectors import CheckState, Need, Session, open_class
from andon.connectors.github import GitHubConnector
from andon.errors import ConfigError
from andon.telemetry import ChangeKind, Status, Window
from andon.testing.imitations.github import GitHubImitation, GitHubRepository

NEED = Need(Window(1_781_863_000.0, 1_781_866_000.0))
"""2026-06-19, 09:56:40 to 10:46:40."""


@pytest.fixture
def opened():
    with ExitStack() as stack:

        def open_on(repository, config=None, **options):
            server = stack.enter_context(GitHubImitation({"shop/api": repository}, **options))
            session = stack.enter_context(Session(10.0))
            stated = {"url": server.url, "scope": {"repositories": ["shop/api"]}, "limits": {"retries": 0}}
            connector = open_class(GitHubConnector, "code", stated | (config or {}), session)
            connector.server = server
            return connector

        yield open_on


def commit(sha, time="10:20:00", day="19", **more):
    about = {"message": f"Change {sha}", "committer": {"date": f"2026-06-{day}T{time}Z"}}
    files = [{"filename": f"{sha}.py", "status": "modified", "patch": "@@ -1 +1 @@\n-a\n+b"}]
    return {"sha": sha, "commit": about, "author": {"login": "mara"}, "files": files} | more


def deployment(number, time="10:25:00", day="19", **more):
    made = {"id": number, "sha": "a1", "ref": "main", "created_at": f"2026-06-{day}T{time}Z"}
    return made | {"environment": "production", "creator": {"login": "bot"}} | more


def test_deployments_and_commits_with_their_diffs(opened):
    held = GitHubRepository([deployment(1)], commits=[commit("a1"), commit("b2", "09:58:00")])
    found = opened(held).changes(NEED)
    assert found.status is Status.OK
    assert [(c.kind, c.commit, c.target) for c in found.value] == [
        (ChangeKind.COMMIT, "b2", "api"),
        (ChangeKind.COMMIT, "a1", "api"),
        (ChangeKind.DEPLOY, "a1", "api"),
    ]
    assert found.value[1].diff == "--- a/a1.py\n+++ b/a1.py\n@@ -1 +1 @@\n-a\n+b\n"
    assert {fetch.place for fetch in found.fetches} == {"shop/api"}


def test_an_old_commit_that_is_deployed_in_the_window_is_told_with_its_own_time(opened):
    held = GitHubRepository([deployment(1)], commits=[commit("a1", day="12"), commit("z9", day="11")])
    found = {c.id: c for c in opened(held).changes(NEED).value}
    assert set(found) == {"shop/api/deployments/1", "a1"} and found["a1"].files == ("a1.py",)
    assert found["a1"].time < NEED.window.start


def test_a_deployment_that_waited_for_its_reviewer_is_found(opened):
    steps = {1: [{"state": "in_progress", "created_at": "2026-06-19T10:30:00Z"}]}
    held = GitHubRepository([deployment(1, day="18", time="20:00:00")], steps, [commit("a1")])
    assert [c.id for c in opened(held).changes(NEED).value] == ["a1", "shop/api/deployments/1"]


def test_pages_end_where_the_window_is_passed(opened):
    times = [(f"{h:02}:{m:02}:00") for h in (10,) for m in range(40)] * 8
    old = [deployment(1000 + i, day="01") for i in range(400)]
    held = GitHubRepository([deployment(i, t) for i, t in enumerate(times)] + old)
    connector = opened(held, {"auth": {}}, token="", used=-4000)
    found = connector.changes(NEED)
    pages = [a for a in connector.server.asked if a.path.endswith("/deployments")]
    assert len([c for c in found.value if c.kind is ChangeKind.DEPLOY]) == 320
    assert len(pages) == 4 and len({c.id for c in found.value}) == len(found.value)


def test_only_the_environments_of_the_scope_count(opened):
    held = GitHubRepository([deployment(1), deployment(2, environment="staging")], commits=[commit("a1")])
    scope = {"repositories": ["shop/api"], "environments": ["production"]}
    found = opened(held, {"scope": scope}).changes(NEED)
    assert [c.id for c in found.value] == ["a1", "shop/api/deployments/1"]


def test_more_commits_than_are_looked_into_are_told_without_files(opened):
    held = GitHubRepository(commits=[commit(f"c{i}", f"10:{i:02}:00") for i in range(5)])
    found = opened(held, {"commits": 2}).changes(NEED)
    assert found.status is Status.TRUNCATED and len(found.value) == 5
    assert [c.commit for c in found.value if c.diff] == ["c3", "c4"]
    assert "3 commits without their files" in found.problems[0].message


def test_services_may_be_called_otherwise(opened):
    held = GitHubRepository(commits=[commit("a1")])
    (found,) = opened(held, {"services": {"shop/api": "checkout"}}).changes(NEED).value
    assert found.target == "checkout"


def test_an_empty_repository_is_empty(opened):
    assert opened(GitHubRepository(empty=True)).changes(NEED).status is Status.EMPTY


def test_malformed_items_are_counted(opened):
    bad = [{"id": "x", "created_at": None}, deployment(2, sha=None)]
    held = GitHubRepository(
        [*bad, deployment(3, sha="../../user")], commits=[commit("a1"), commit("") | {"sha": ""}]
    )
    found = opened(held).changes(NEED)
    assert found.status is Status.PARTIAL
    assert {p.message: p.count for p in found.problems} == {
        "deployments that cannot be read were left out": 2,
        "commits that cannot be read were left out": 2,
    }
    assert all(".." not in asked.path for asked in opened(held).server.asked)


def test_a_limit_reached_on_the_way_keeps_what_came_before(opened):
    held = GitHubRepository([deployment(1)], commits=[commit("a1"), commit("b2")])
    found = opened(held, used=57).changes(NEED)
    assert found.status is Status.PARTIAL and {c.id for c in found.value} >= {"shop/api/deployments/1"}
    assert any("rate limit" in problem.message for problem in found.problems)


def test_check_tells_what_is_left_and_what_may_not_be_read(opened):
    held = GitHubRepository([deployment(1)], commits=[commit("a1")])
    scope = {"repositories": ["shop/api", "shop/hidden"]}
    checks = {c.what: c for c in opened(held, {"scope": scope}).check()}
    assert checks["reach"].found.startswith("GitHub; 60 of 60 requests left")
    assert checks["commits of shop/api"].state is CheckState.OK
    refused = checks["deployments of shop/hidden"]
    assert refused.state is CheckState.FAILED and "Deployments: read" in refused.hint
    (used_up, *_) = opened(held, used=60).check()
    assert used_up.state is CheckState.FAILED


@pytest.mark.parametrize("name", ["api", "a/b/c", "../x", "a/..", "a/b?x=1"])
def test_a_repository_has_an_owner_and_a_name(name):
    with Session() as session, pytest.raises(ConfigError, match="owner/name"):
        open_class(GitHubConnector, "code", {"scope": {"repositories": [name]}}, session)
