"""Changes from an event data store: the query, its pages, its cost."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from andon.connectors import Need, Session
from andon.connectors.aws import CloudTrailConnector, CloudTrailLakeConnector
from andon.errors import ConfigError
from andon.telemetry import Status, Window, isoformat
from andon.testing.imitations.aws import STORE, CloudTrailImitation, CloudTrailLakeImitation

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
NOW = float(int(time.time()))
NEED = Need(Window(NOW - 3600, NOW - 60))
BOTH = {"accounts": [A, B]}


def records(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "eventTime": isoformat(NOW - 3600 + i),
            "eventName": "ModifyDBInstance",
            "eventID": f"event-{i}",
            "readOnly": i % 10 == 9,
            "requestParameters": {"dBInstanceIdentifier": f"orders-{i}"},
        }
        | more
        for i in range(count)
    ]


def test_all_pages_of_all_accounts_in_scope(opened: Any):
    held = {A: {REGION: records(2000)}, B: {REGION: records(50)}, "999988887777": {REGION: records(50)}}
    with CloudTrailLakeImitation(held) as server:
        lake = opened(CloudTrailLakeConnector, server, scope=BOTH, event_data_store=STORE)
        result = lake.changes(NEED)
    assert result.status is Status.OK and result.count == 1800 + 45
    assert {change.origin for change in result.value} == {f"{A}/{REGION}", f"{B}/{REGION}"}
    assert len(result.fetches) == 2 and all("USD]" in fetch.query for fetch in result.fetches)
    assert not any(change.read_only for change in result.value)


def test_a_record_means_what_it_means_in_the_event_history(opened: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(CloudTrailConnector, "rates", {})
    held = {A: {REGION: records(40)}}
    with CloudTrailLakeImitation(held) as lake, CloudTrailImitation(held, per_second=None) as trail:
        one = opened(CloudTrailLakeConnector, lake, event_data_store=STORE).changes(NEED)
        other = opened(CloudTrailConnector, trail).changes(NEED)
    assert one.value == other.value and one.count == 36


def test_what_is_out_of_scope_is_left_out_again(opened: Any):
    held = {A: {REGION: records(2, awsRegion="eu-west-1")}}
    with CloudTrailLakeImitation(held) as server:
        lake = opened(CloudTrailLakeConnector, server, event_data_store=STORE)
        lake._sql = lambda window: (  # type: ignore[method-assign]
            f"SELECT eventJson FROM {STORE.rpartition('/')[2]} WHERE readOnly = false ORDER BY eventTime DESC"
        )
        result = lake.changes(NEED)
    assert (
        not result.count
        and "of 111122223333/eu-west-1 was answered and left out" in result.problems[0].message
    )


def test_a_query_that_fails_is_told(opened: Any):
    with CloudTrailLakeImitation({}, ends="FAILED") as server:
        result = opened(CloudTrailLakeConnector, server, event_data_store=STORE).changes(NEED)
    assert result.status is Status.FAILED and "FAILED it went wrong" in result.problems[0].message


def test_a_query_that_nobody_waits_for_is_cancelled(opened: Any, session: Session):
    with CloudTrailLakeImitation({}, polls=1000) as server:
        lake = opened(CloudTrailLakeConnector, server, event_data_store=STORE)
        threading.Timer(0.3, session.cancel).start()
        assert lake.changes(NEED).status is Status.FAILED
        assert len(server.cancelled) == 1


@pytest.mark.parametrize("wrong", ["x", STORE + " OR 1=1", STORE.replace(A, "1' OR '1'='1")])
def test_only_the_arn_of_a_store_gets_into_a_query(opened: Any, wrong: str):
    with CloudTrailLakeImitation({}) as server, pytest.raises(ConfigError):
        opened(CloudTrailLakeConnector, server, event_data_store=wrong)


def test_the_account_of_the_store_is_in_scope(opened: Any):
    with CloudTrailLakeImitation({}) as server:
        lake = opened(CloudTrailLakeConnector, server, scope={"accounts": [B]}, event_data_store=STORE)
        assert lake.changes(NEED).status is Status.DENIED
        assert not server.asked


def test_check_tries_each_permission(opened: Any):
    with CloudTrailLakeImitation({}, denied={A: {"cloudtrail:CancelQuery"}}) as server:
        checks = opened(CloudTrailLakeConnector, server, event_data_store=STORE).check()
    assert [check.hint for check in checks if check.state == "failed"] == [
        f"add cloudtrail:CancelQuery to user andon in {A}"
    ]
