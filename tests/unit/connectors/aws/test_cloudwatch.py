"""Metrics and alarms of the namespaces in scope."""

from __future__ import annotations

import time
from typing import Any

import pytest

from andon.connectors import Need
from andon.connectors.aws import CloudWatchConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.aws import CloudWatchImitation, HeldAlarm, HeldMetric

A, REGION = "111122223333", "eu-central-1"
NOW = time.time() // 60 * 60
SCOPE = {"namespaces": ["AWS/Lambda", "Shop"]}
CHECKOUT = {"FunctionName": "checkout"}
NEED = Need(Window(NOW - 3600, NOW), step=60.0)


def every(seconds: int, value: float = 1.0, since: float = 3600.0) -> list[tuple[float, float]]:
    return [(NOW - since + i, value) for i in range(0, int(since), seconds)]


def served(*metrics: HeldMetric, alarms: tuple[HeldAlarm, ...] = (), **options: Any) -> CloudWatchImitation:
    return CloudWatchImitation({A: {REGION: metrics}}, {A: {REGION: alarms}}, **options)


ERRORS = HeldMetric("AWS/Lambda", "Errors", CHECKOUT, every(10))
DURATION = HeldMetric(
    "AWS/Lambda", "Duration", CHECKOUT, [(t, float(i % 6)) for i, (t, _) in enumerate(every(10))]
)
ORDERS = HeldMetric("Shop", "Orders", {"service": "pay"}, every(10))
BILLING = HeldMetric("AWS/Billing", "Charges", {}, every(60))


@pytest.mark.parametrize("page", [100_800, 37], ids=["one page", "many pages"])
def test_each_metric_has_the_statistics_of_its_kind(opened: Any, page: int):
    with served(ERRORS, DURATION, ORDERS, BILLING, page=page) as server:
        result = opened(CloudWatchConnector, server, scope=SCOPE).metrics(NEED)
    series = {(one.name, one.labels["stat"]): one for one in result.value}
    assert result.status is Status.OK
    assert set(series) == {("Errors", "sum"), ("Duration", "average"), ("Duration", "p99"), ("Orders", "sum")}
    assert len(series["Errors", "sum"].times) == 60 and set(series["Errors", "sum"].values) == {6.0}
    assert set(series["Duration", "average"].values) == {2.5} and set(series["Duration", "p99"].values) == {
        5.0
    }
    assert series["Duration", "p99"].unit == "ms" and series["Duration", "p99"].service == "checkout"
    assert series["Orders", "sum"].service == "pay" and series["Orders", "sum"].labels["account"] == A


def test_only_the_metrics_of_the_services_that_are_needed(opened: Any):
    with served(ERRORS, ORDERS) as server:
        watch = opened(CloudWatchConnector, server, scope=SCOPE)
        some = watch.metrics(Need(NEED.window, services=("pay",), step=60.0))
        unknown = watch.metrics(Need(NEED.window, services=("elsewhere",), step=60.0))
    assert [one.name for one in some.value] == ["Orders"]
    assert len(unknown.value) == 2


def test_old_points_are_asked_for_at_the_resolution_that_is_kept(opened: Any):
    old = HeldMetric("Shop", "Orders", {"service": "pay"}, [*every(60, since=20 * 86_400.0)])
    with served(old) as server:
        window = Window(NOW - 20 * 86_400.0, NOW - 19.5 * 86_400.0)
        result = opened(CloudWatchConnector, server, scope=SCOPE).metrics(Need(window, step=60.0))
    [series] = result.value
    assert set(series.values) == {5.0} and series.times[1] - series.times[0] == 300.0


def test_what_cloudwatch_says_is_lacking_is_told(opened: Any):
    statuses = {"Errors": "InternalError", "Orders": "Forbidden"}
    with served(ERRORS, ORDERS, DURATION, statuses=statuses) as server:
        result = opened(CloudWatchConnector, server, scope=SCOPE).metrics(NEED)
    assert result.status is Status.PARTIAL
    assert {problem.message for problem in result.problems} == {
        "AWS/Lambda Errors: InternalError",
        "Shop Orders: Forbidden",
    }


def test_too_many_metrics_are_cut_and_it_is_said(opened: Any):
    many = [HeldMetric("Shop", "Orders", {"service": f"s{i}"}, every(600)) for i in range(12)]
    with served(*many) as server:
        result = opened(CloudWatchConnector, server, scope=SCOPE, most_metrics=5).metrics(NEED)
    assert result.status is Status.TRUNCATED and len(result.value) == 5
    assert "12 metrics, of which 5 were read" in result.problems[0].message


def test_a_window_before_the_last_two_weeks_is_not_wholly_listed(opened: Any):
    with served(ERRORS) as server:
        window = Window(NOW - 30 * 86_400, NOW - 29 * 86_400)
        result = opened(CloudWatchConnector, server, scope=SCOPE).metrics(Need(window))
    assert result.status is Status.TRUNCATED and not result.count


def test_alarms_of_the_namespaces_with_when_they_fired(opened: Any):
    alarms = (
        HeldAlarm("errors", [(NOW - 2000, "ALARM"), (NOW - 1000, "OK")], "AWS/Lambda", "Errors", CHECKOUT),
        HeldAlarm("slow", [(NOW - 86_400, "ALARM")], "AWS/Lambda", "Duration", CHECKOUT, enabled=False),
        HeldAlarm("bill", [(NOW - 2000, "ALARM")], "AWS/Billing", "Charges"),
        HeldAlarm("calm", [(NOW - 86_400, "OK")], "AWS/Lambda", "Errors", CHECKOUT),
        HeldAlarm("all", [(NOW - 1900, "ALARM")], rule="ALARM(errors)", description="the shop is down"),
    )
    with served(alarms=alarms) as server:
        result = opened(CloudWatchConnector, server, scope=SCOPE).alerts(NEED)
    found = {alert.name: alert for alert in result.value}
    assert result.status is Status.OK and set(found) == {"errors", "slow", "all"}
    assert (found["errors"].start, found["errors"].end) == (NOW - 2000, NOW - 1000)
    assert found["errors"].service == "checkout" and found["errors"].origin == f"{A}/{REGION}"
    assert found["slow"].silenced and found["slow"].start == NOW - 86_400 and found["slow"].end is None
    assert found["all"].end is None and len({alert.id for alert in result.value}) == 3


def test_the_history_of_alarms_is_kept_for_thirty_days(opened: Any):
    with served() as server:
        window = Window(NOW - 40 * 86_400, NOW - 39 * 86_400)
        result = opened(CloudWatchConnector, server, scope=SCOPE).alerts(Need(window))
    assert result.status is Status.TRUNCATED and "30 days" in result.problems[0].message


def test_check_names_each_missing_action(opened: Any):
    denied = {"cloudwatch:GetMetricData", "cloudwatch:DescribeAlarmHistory"}
    with served(ERRORS, denied={A: denied}) as server:
        checks = opened(CloudWatchConnector, server, scope=SCOPE).check()
    hints = {check.hint for check in checks if check.state == "failed"}
    assert hints == {f"add {action} to user andon in {A}" for action in denied}
