from contextlib import ExitStack

import pytest

from andon.connectors import CheckState, Session, open_class
from andon.connectors.backstage import BackstageConnector
from andon.connectors.backstage.connector import PAGE
from andon.telemetry import Status
from andon.testing.imitations.backstage import BackstageImitation


@pytest.fixture
def opened():
    with ExitStack() as stack:

        def open_on(entities, config=None, **options):
            server = stack.enter_context(BackstageImitation(entities, **options))
            session = stack.enter_context(Session(10.0))
            stated = {"url": server.url, "limits": {"retries": 0}}
            connector = open_class(BackstageConnector, "catalogue", stated | (config or {}), session)
            connector.server = server
            return connector

        yield open_on


def component(name, namespace="default", **more):
    return {"kind": "Component", "metadata": {"name": name, "namespace": namespace}, **more}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, 2 * PAGE + 7])
def test_all_pages_are_read_by_cursor_or_offset(opened, old, count):
    connector = opened([component(f"c{i:04}") for i in range(count)], old=old)
    found = connector.topology()
    assert [e.name for e in found.value.elements] == [f"c{i:04}" for i in range(count)]
    assert found.status is (Status.OK if count else Status.EMPTY)
    assert all(asked.param("limit") == str(PAGE) for asked in connector.server.asked)


def test_only_kinds_of_architecture_are_asked_for(opened):
    user = {"kind": "User", "metadata": {"name": "mara"}}
    connector = opened([component("a"), user])
    assert [e.name for e in connector.topology().value.elements] == ["a"]
    assert "kind=component" in connector.server.asked[0].every("filter")


def test_the_scope_is_sent_and_applied_again(opened, monkeypatch):
    held = [component("a", "shop"), component("b", "pay")]
    connector = opened(held, {"scope": {"namespaces": ["shop"]}})
    assert [e.name for e in connector.topology().value.elements] == ["a"]
    assert "kind=api,metadata.namespace=shop" in connector.server.asked[0].every("filter")
    monkeypatch.setattr("andon.testing.imitations.backstage._meets", lambda entity, text: True)
    assert [e.name for e in opened(held, {"scope": {"namespaces": ["shop"]}}).topology().value.elements] == [
        "a"
    ]


def test_malformed_entities_are_counted(opened):
    found = opened([component("a"), component(None), component("")]).topology()
    assert found.status is Status.PARTIAL and found.problems[0].count == 2


def test_relations_into_nothing_are_told(opened):
    relations = [{"type": "dependsOn", "targetRef": "resource:default/gone"}]
    found = opened([component("a", relations=relations)]).topology()
    assert found.status is Status.PARTIAL and found.problems[0].message.startswith("1 relations")


def test_the_limit_of_items_is_told(opened):
    config = {"limits": {"items": PAGE}}
    found = opened([component(f"c{i:04}") for i in range(3 * PAGE)], config).topology()
    assert found.status is Status.TRUNCATED and found.count == PAGE


@pytest.mark.parametrize("old", [False, True])
def test_check_tells_how_much_there_is(opened, old):
    (held, _) = opened([component("a")], old=old).check()
    assert held.found == ("Backstage, without paging by cursor" if old else "Backstage; 1 entities")


def test_check_tells_when_nothing_may_be_seen(opened):
    (held,) = opened([]).check()
    assert held.state is CheckState.FAILED and "externalAccess" in held.hint
