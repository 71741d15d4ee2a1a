"""Periods by age, batches within the limits, and refusals by scope."""

from __future__ import annotations

import time
from typing import Any

import pytest

from andon.connectors.aws import CloudWatchConnector
from andon.connectors.aws.config import Place
from andon.connectors.aws.metric_data import (
    Metric,
    Query,
    batches,
    ended,
    fetch,
    is_recent,
    listed,
    period_for,
)
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window
from andon.testing.imitations.aws import CloudWatchImitation, HeldMetric

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
NOW = 1_781_866_000.0
DAY = 86_400.0
PLACE = Place(A, REGION)


@pytest.mark.parametrize(
    ("age", "step", "period"),
    [
        (3600.0, 1.0, 1),
        (3600.0, 15.0, 30),
        (3600.0, 45.0, 60),
        (3600.0, 61.0, 120),
        (4 * 3600.0, 15.0, 60),
        (16 * DAY, 15.0, 300),
        (64 * DAY, 15.0, 3600),
        (456 * DAY, 15.0, 0),
    ],
)
def test_the_period_is_the_finest_that_is_kept(age: float, step: float, period: int):
    assert period_for(Window(NOW - age, NOW - age + 600), NOW, step) == period


def test_metrics_of_aws_have_no_points_below_a_minute():
    assert period_for(Window(NOW - 600, NOW), NOW, 15.0, shortest=60) == 60


def test_a_period_that_is_not_over_is_left_out():
    assert ended(Window(NOW - 605, NOW), 60, NOW) == (NOW - 640, NOW - 40)
    assert ended(Window(NOW - 605, NOW - 300), 60, NOW) == (NOW - 640, NOW - 280)


def test_batches_keep_both_limits():
    metrics = [Metric(A, "AWS/Lambda", "Errors", (("FunctionName", f"f{i}"),)) for i in range(1200)]
    short = [len(batch) for batch in batches(metrics, Window(NOW - 600, NOW), NOW, 60)]
    assert short == [500, 500, 200]
    long = list(batches(metrics[:100], Window(NOW - 2 * DAY, NOW), NOW, 60))
    assert sum(map(len, long)) == 100
    assert all(len(batch) * (2 * DAY / 60 + 1) <= 100_800 for batch in long)


def test_recent_metrics_are_enough_for_a_recent_window():
    assert is_recent(Window(NOW - 3600, NOW), NOW)
    assert not is_recent(Window(NOW - 4 * 3600, NOW), NOW)


def test_other_accounts_and_namespaces_are_refused_before_anything_is_sent(opened: Any):
    window = Window(NOW - 600, NOW)
    with CloudWatchImitation({}) as server:
        watch = opened(CloudWatchConnector, server, scope={"namespaces": ["AWS/Lambda"]})
        for metric in (Metric(A, "AWS/Billing", "Charges", ()), Metric(B, "AWS/Lambda", "Errors", ())):
            asked = fetch(watch.api, PLACE, watch.config.scope, [Query(metric, "Sum", 60)], window, NOW)
            with pytest.raises(Unanswered, match="outside the scope") as refused:
                list(asked)
            assert refused.value.status is Status.DENIED
        assert not server.asked


def test_linked_accounts_are_listed_with_their_owner(opened: Any):
    now = time.time()
    held = {
        account: {REGION: [HeldMetric("AWS/Lambda", "Errors", {"FunctionName": "f"}, [(now - 100, 1.0)])]}
        for account in (A, B, "999988887777")
    }
    with CloudWatchImitation(held, linked={A: [B, "999988887777"]}) as server:
        watch = opened(CloudWatchConnector, server, scope={"namespaces": ["AWS/Lambda"], "linked": [B]})
        found = list(listed(watch.api, Place(A, REGION), watch.config.scope, True))
    assert [(metric.account, admitted) for metric, admitted in found] == [
        (A, True),
        (B, True),
        ("999988887777", False),
    ]
