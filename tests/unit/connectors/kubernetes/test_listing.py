import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Unanswered
from andon.connectors.kubernetes.listing import PAGE
from andon.connectors.kubernetes.resources import CONFIG_MAPS, EVENTS, PODS
from andon.telemetry import Status
from andon.testing.imitations.kubernetes import PolicyRule


def events(thing, count):
    return [thing("Event", f"e{i:05}", reason="x", involvedObject={}) for i in range(count)]


def names(listed):
    return [item["metadata"]["name"] for item in listed.items]


def test_all_pages_are_read(opened, thing):
    connector = opened(events(thing, 2 * PAGE + 1))
    listed = connector._lists.of(EVENTS, "shop")
    assert names(listed) == [f"e{i:05}" for i in range(2 * PAGE + 1)] and listed.whole
    assert len(connector.server.asked) == 3
    assert all(asked.param("limit") == str(PAGE) for asked in connector.server.asked)


@pytest.mark.parametrize(("expiring", "requests"), [(1, 5), (2, 5)])
def test_an_expired_list_begins_anew_without_duplicates(opened, thing, expiring, requests):
    connector = opened(events(thing, 2 * PAGE + 1), expiring=expiring)
    listed = connector._lists.of(EVENTS, "shop")
    assert names(listed) == [f"e{i:05}" for i in range(2 * PAGE + 1)] and listed.whole
    assert len(connector.server.asked) == requests


def test_the_last_attempt_asks_for_all_at_once(opened, thing):
    connector = opened(events(thing, PAGE + 1), expiring=9)
    assert len(connector._lists.of(EVENTS, "shop").items) == PAGE + 1
    assert not connector.server.asked[-1].params


def test_a_list_is_asked_for_once(opened, thing):
    connector = opened(events(thing, 3))
    assert connector._lists.of(EVENTS, "shop") is connector._lists.of(EVENTS, "shop")
    assert len(connector.server.asked) == 1


def test_contents_stay_where_they_are(opened, thing):
    connector = opened([thing("ConfigMap", "flags", data={"A": "very private"})])
    listed = connector._lists.of(CONFIG_MAPS, "shop", metadata=True)
    assert names(listed) == ["flags"] and "data" not in listed.items[0]
    assert connector.server.sent < 1000 and "private" not in repr(listed)


def test_a_missing_rule_is_named(opened, thing):
    connector = opened([], rules=[PolicyRule([""], ["events"], namespace="shop")])
    assert connector._lists.of(EVENTS, "shop").whole
    with pytest.raises(Unanswered, match="may not list pods in shop") as caught:
        connector._lists.of(PODS, "shop")
    assert caught.value.status is Status.DENIED
    assert (
        caught.value.hint == 'add to the Role in shop: apiGroups: [""], resources: ["pods"], verbs: ["list"]'
    )


def test_the_limit_of_items_is_told(opened, thing):
    connector = opened(events(thing, 8), config={"limits": {"items": 5}}, largest_page=2)
    listed = connector._lists.of(EVENTS, "shop")
    assert len(listed.items) == 5 and not listed.whole


@settings(max_examples=60, deadline=None)
@given(count=st.integers(0, 40), page=st.integers(1, 9), expiring=st.integers(0, 3))
def test_nothing_is_lost_or_doubled_at_any_page_size(direct, thing, count, page, expiring):
    connector = direct(events(thing, count), largest_page=page, expiring=expiring)
    assert names(connector._lists.of(EVENTS, "shop")) == [f"e{i:05}" for i in range(count)]
