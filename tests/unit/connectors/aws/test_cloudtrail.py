"""LookupEvents: pages, quotas, 90 days, and the same changes as from files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from andon.connectors import Need, Session
from andon.connectors.aws import CloudTrailConnector
from andon.connectors.files import FilesSource
from andon.telemetry import ChangeEvent, ChangeKind, Status, Window, isoformat
from andon.testing.imitations.aws import CloudTrailImitation

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
NOW = float(int(time.time()))
HOUR = Window(NOW - 3600, NOW - 1200)
NEED = Need(HOUR)


def record(number: int, time: float, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventID": f"event-{number}",
        "eventTime": isoformat(time),
        "eventSource": "rds.amazonaws.com",
        "eventName": "ModifyDBInstance",
        "awsRegion": REGION,
        "recipientAccountId": A,
        "userIdentity": {"arn": f"arn:aws:sts::{A}:assumed-role/deploy/ci"},
        "requestParameters": {"dBInstanceIdentifier": f"orders-{number}"},
        "readOnly": False,
    } | more


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "quota" not in request.node.name:
        monkeypatch.setattr(CloudTrailConnector, "rates", {})


def served(*records: dict[str, Any], **options: Any) -> CloudTrailImitation:
    return CloudTrailImitation({A: {REGION: records}}, **({"per_second": None} | options))


def test_all_pages_are_read_and_nothing_twice(opened: Any):
    same = [record(i, NOW - 2000) for i in range(120)]
    with served(*same) as server:
        result = opened(CloudTrailConnector, server).changes(NEED)
        asked = [call.params for call in server.calls if call.operation == "LookupEvents"]
    assert result.status is Status.OK and result.count == 120
    assert len({change.id for change in result.value}) == 120
    assert [fetch.items for fetch in result.fetches] == [50, 50, 20]
    assert all(one["MaxResults"] == 50 and len(one["LookupAttributes"]) == 1 for one in asked)


def test_only_changes_inside_the_window_are_asked_for(opened: Any):
    records = [
        record(1, HOUR.start),
        record(2, HOUR.end - 1),
        record(3, HOUR.end),
        record(4, HOUR.start - 1),
        record(5, HOUR.start + 9, readOnly=True),
    ]
    with served(*records) as server:
        result = opened(CloudTrailConnector, server).changes(NEED)
    assert [change.id for change in result.value] == ["event-1", "event-2"]
    assert all(fetch.place == f"{A}/{REGION}" and "ReadOnly=false" in fetch.query for fetch in result.fetches)


def test_a_record_means_what_it_means_in_a_file(opened: Any, tmp_path: Path):
    records = [
        record(1, NOW - 3000),
        record(2, NOW - 2500, errorCode="AccessDenied", errorMessage="no"),
        record(3, NOW - 2400, resources=[{"ARN": "arn:aws:s3:::x"}], requestParameters=None),
    ]
    (tmp_path / "cloudtrail.json").write_bytes(orjson.dumps({"Records": records}))
    with served(*records) as server:
        live = opened(CloudTrailConnector, server).changes(NEED)
    assert live.value == FilesSource.open(tmp_path).changes(HOUR).value


def test_older_than_ninety_days_is_said(opened: Any):
    day = 86_400.0
    with served(record(1, NOW - 80 * day)) as server:
        trail = opened(CloudTrailConnector, server)
        partly = trail.changes(Need(Window(NOW - 100 * day, NOW - 70 * day)))
        before = len(server.calls)
        wholly = trail.changes(Need(Window(NOW - 100 * day, NOW - 95 * day)))
        assert len(server.calls) == before
    assert partly.status is Status.TRUNCATED and partly.count == 1
    assert wholly.status is Status.TRUNCATED and not wholly.count
    assert "90 days" in wholly.problems[0].message


def test_the_quota_of_each_account_and_region_is_kept(opened: Any):
    with served(*(record(i, NOW - 2000) for i in range(201)), per_second=2.0) as server:
        result = opened(CloudTrailConnector, server).changes(NEED)
    assert result.status is Status.OK and result.count == 201
    assert not server.throttled


def test_too_many_changes_are_cut_and_it_is_said(opened: Any):
    with served(*(record(i, NOW - 2000 + i) for i in range(120))) as server:
        result = opened(CloudTrailConnector, server, limits={"items": 60}).changes(NEED)
    assert result.status is Status.TRUNCATED and result.count == 100
    assert min(change.time for change in result.value) == NOW - 1980


def test_malformed_and_foreign_events_are_counted(opened: Any):
    nameless = record(1, NOW - 2000, eventName="")
    foreign = record(2, NOW - 2000, recipientAccountId=B)
    with served(nameless, foreign, record(3, NOW - 2000)) as server:
        result = opened(CloudTrailConnector, server).changes(NEED)
    assert result.status is Status.PARTIAL
    assert [change.id for change in result.value] == ["event-3"]
    assert {problem.message for problem in result.problems} == {
        "an event without eventTime and eventName left out",
        f"an event of {B}/{REGION} was answered and left out",
    }


def test_what_may_not_be_shown_yet_is_told(opened: Any):
    with served(record(1, NOW - 5), late=300.0) as server:
        result = opened(CloudTrailConnector, server).changes(Need(Window(NOW - 3600, NOW)))
    assert result.status is Status.EMPTY
    assert "may not be shown yet" in result.fetches[0].query


def test_check_misses_the_region_of_global_services(opened: Any):
    with served() as server:
        checks = {check.what: check for check in opened(CloudTrailConnector, server).check()}
        regions = {"regions": [REGION, "us-east-1"]}
        others = {check.what for check in opened(CloudTrailConnector, server, scope=regions).check()}
    assert checks["global services"].hint == "add us-east-1 to scope.regions"
    assert "global services" not in others


def test_what_was_read_before_the_time_was_over_is_kept(opened: Any, session: Session):
    with served(*(record(i, NOW - 2000) for i in range(120))) as server:
        trail = opened(CloudTrailConnector, server)
        answer = server.operate

        def once(call: Any) -> Any:
            page = answer(call)
            if call.params.get("NextToken"):
                session.cancel()
            return page

        server.operate = once  # type: ignore[method-assign]
        result = trail.changes(NEED)
    assert result.status is Status.PARTIAL and result.count == 50
    assert "cancelled" in result.problems[0].message


def test_recorded_changes_are_served_at_the_time_that_they_were_recorded(opened: Any):
    then = 1_781_866_000.0
    change = ChangeEvent(
        "c1",
        then - 600,
        ChangeKind.CONTROL_PLANE,
        "AuthorizeSecurityGroupIngress",
        "sg-1",
        actor="deploy/ci",
        parameters={"groupId": "sg-1"},
        error="AccessDenied: no",
    )
    with CloudTrailImitation.of_changes(
        {A: {REGION: [change]}, B: {REGION: [record(1, then - 500)]}}, now=then
    ) as server:
        role = "arn:aws:iam::{account}:role/andon-read"
        trail = opened(CloudTrailConnector, server, scope={"accounts": [A, B]}, role=role)
        result = trail.changes(Need(Window(then - 3600, then)))
    assert result.status is Status.PARTIAL, "the record of B says that it is of A"
    [found] = result.value
    assert (found.id, found.time, found.action, found.target) == ("c1", then - 600, change.action, "sg-1")
    assert (found.actor, found.error, found.origin) == ("deploy/ci", change.error, f"{A}/{REGION}")
