"""Queries: started with care, waited for, stopped, paid for."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from andon.connectors import Session
from andon.connectors.aws import CloudWatchLogsConnector
from andon.connectors.aws.config import Place
from andon.connectors.aws.insights import Insights
from andon.connectors.aws.log_groups import LogGroup, groups_in
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window
from andon.testing.imitations.aws import HeldGroup, LogsImitation

A, REGION = "111122223333", "eu-central-1"
PLACE = Place(A, REGION)
START = 1_781_863_000.0
GROUP = HeldGroup([(START + i, f"line {i}") for i in range(10)])
WINDOW = Window(START, START + 5)
TEXT = "fields @timestamp, @message | sort @timestamp asc"


def served(**options: Any) -> LogsImitation:
    return LogsImitation({A: {REGION: {"/ecs/pay": GROUP}}}, **options)


def started(opened: Any, server: LogsImitation, **options: Any) -> tuple[Insights, list[LogGroup]]:
    logs = opened(CloudWatchLogsConnector, server, scope={"log_groups": ["/ecs/*"]}, **options)
    return logs.insights, groups_in(logs.api, PLACE, logs.config.scope)


def test_rows_and_what_they_cost(opened: Any):
    with served(polls=4) as server:
        insights, groups = started(opened, server, price_per_gb=1e6)
        rows = insights.run(PLACE, groups, TEXT, WINDOW)
    assert [row["@message"] for row in rows.rows] == [f"line {i}" for i in range(6)]
    assert rows.matched == 6 and rows.scanned == 36.0 == insights.scanned
    assert insights.cost(rows.scanned) == "scanned 0.000 GB, 0.0360 USD"


def test_the_same_query_is_sent_once(opened: Any):
    with served() as server:
        insights, groups = started(opened, server)
        assert insights.run(PLACE, groups, TEXT, WINDOW) is insights.run(PLACE, groups, TEXT, WINDOW)
        assert len(server.queries) == 1


def test_no_query_starts_beyond_the_budget(opened: Any):
    with served() as server:
        insights, groups = started(opened, server, scan_bytes=30)
        insights.run(PLACE, groups, TEXT, WINDOW)
        with pytest.raises(Unanswered, match="budget") as refused:
            insights.run(PLACE, groups, "limit 1", WINDOW)
        assert refused.value.status is Status.TRUNCATED
        assert len(server.queries) == 1


def test_nothing_is_sent_for_other_groups(opened: Any):
    with served() as server:
        insights, _ = started(opened, server)
        before = len(server.calls)
        with pytest.raises(Unanswered) as refused:
            insights.run(PLACE, [LogGroup(A, "/secret/payroll", "arn", 0.0)], TEXT, WINDOW)
        assert refused.value.status is Status.DENIED
        assert len(server.calls) == before


@pytest.mark.parametrize("ends", ["Failed", "Timeout", "Cancelled"])
def test_a_query_that_does_not_complete_is_told(opened: Any, ends: str):
    with served(ends=ends) as server:
        insights, groups = started(opened, server)
        with pytest.raises(Unanswered, match=f"ended as {ends}"):
            insights.run(PLACE, groups, TEXT, WINDOW)


def test_a_query_that_nobody_waits_for_is_stopped(opened: Any, session: Session):
    with served(polls=10_000) as server:
        insights, groups = started(opened, server)
        threading.Timer(0.3, session.cancel).start()
        with pytest.raises(Unanswered, match="cancelled"):
            insights.run(PLACE, groups, TEXT, WINDOW)
        assert server.stopped == ["query-0"]


def test_queries_beyond_the_quota_wait(opened: Any):
    with served(polls=1, at_once=1) as server:
        insights, groups = started(opened, server)
        both = [lambda text=text: insights.run(PLACE, groups, text, WINDOW) for text in (TEXT, "limit 3")]
        session = insights._api.session
        assert [len(rows.rows) for rows in session.together(both)] == [6, 3]


def test_each_permission_is_tried(opened: Any):
    with served() as server:
        insights, groups = started(opened, server)
        insights.try_out(PLACE, groups[0], WINDOW)
        assert {"logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"} <= server.actions
        server.denied = {A: {"logs:StopQuery"}}
        with pytest.raises(Unanswered, match="logs:StopQuery"):
            insights.try_out(PLACE, groups[0], WINDOW)
