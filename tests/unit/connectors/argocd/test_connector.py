from contextlib import ExitStack

import pytest

from andon.connectors import CheckState, Need, Session, open_class
from andon.connectors.argocd import ArgoCdConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.argocd import ArgoCdImitation

NEED = Need(Window(1_781_863_000.0, 1_781_866_000.0))
"""2026-06-19, 09:56:40 to 10:46:40."""


@pytest.fixture
def opened():
    with ExitStack() as stack:

        def open_on(applications, config=None, **options):
            server = stack.enter_context(ArgoCdImitation(applications, **options))
            session = stack.enter_context(Session(10.0))
            stated = {"url": server.url, "limits": {"retries": 0}}
            connector = open_class(ArgoCdConnector, "cd", stated | (config or {}), session)
            connector.server = server
            return connector

        yield open_on


def application(name, project="shop", history=None):
    sync = {"id": 1, "revision": "a" * 40, "deployedAt": "2026-06-19T10:25:00Z"}
    held = {"history": [sync] if history is None else history}
    return {"metadata": {"name": name}, "spec": {"project": project}, "status": held}


def test_syncs_of_the_window_arrive(opened):
    late = [{"id": 1, "revision": "b" * 40, "deployedAt": "2026-06-19T12:00:00Z"}]
    found = opened([application("web"), application("api"), application("old", history=late)]).changes(NEED)
    assert found.status is Status.OK and [c.target for c in found.value] == ["api", "web"]


def test_the_scope_is_sent_and_applied_again(opened):
    held = [application("api"), application("web"), application("api", project="pay")]
    connector = opened(held, {"scope": {"projects": ["shop"], "applications": ["api"]}})
    assert [c.origin for c in connector.changes(NEED).value] == ["shop"]
    assert connector.server.asked[0].every("projects") == ("shop",)


def test_an_application_that_is_hidden_is_told(opened):
    config = {"scope": {"applications": ["api", "web"]}}
    found = opened([application("api"), application("web")], config, visible=["shop/api"]).changes(NEED)
    assert found.status is Status.PARTIAL and len(found.value) == 1
    assert found.problems[0].place == "cd web" and "argocd-rbac-cm" in found.problems[0].hint


def test_no_applications_are_empty(opened):
    assert opened([]).changes(NEED).status is Status.EMPTY


def test_malformed_items_are_counted(opened):
    found = opened([application("api", history=[{"id": 1}, {"id": 2}]), {"metadata": {"name": 3}}]).changes(
        NEED
    )
    assert found.status is Status.PARTIAL and sorted(p.count for p in found.problems) == [1, 2]


def test_check_tells_what_may_be_seen(opened):
    reach, seen, _ = opened([application("api")]).check()
    assert (reach.found, seen.found) == ("Argo CD v2.13.1+af54ef8", "1 may be read")
    _, none, _ = opened([application("api")], visible=[]).check()
    assert none.state is CheckState.FAILED and "role:andon" in none.hint


def test_services_may_be_called_otherwise(opened):
    (found,) = opened([application("api")], {"services": {"api": "checkout"}}).changes(NEED).value
    assert (found.target, found.resources) == ("checkout", ("api",))
