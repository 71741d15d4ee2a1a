"""Records of log groups: whole when they fit, else all that is severe and an even part of the rest."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from andon.connectors import Need
from andon.connectors.aws import CloudWatchLogsConnector, cloudwatch_logs
from andon.telemetry import ERROR, WARN, Status, Window
from andon.testing.imitations.aws import HeldGroup, LogsImitation

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
START = 1_781_863_000.0
WINDOW = Window(START, START + 3000)
SCOPE = {"log_groups": ["/aws/lambda/*", "/ecs/*"]}


def lines(count: int, errors: float, seed: int = 1) -> list[tuple[float, str]]:
    chance = random.Random(seed)
    return [
        (
            round(START + chance.random() * 3000, 3),
            json.dumps({"level": "error" if chance.random() < errors else "info", "msg": f"m{i}", "n": i}),
        )
        for i in range(count)
    ]


def served(groups: dict[str, HeldGroup], **options: Any) -> LogsImitation:
    return LogsImitation({A: {REGION: groups}}, **({"polls": 1} | options))


def test_all_records_arrive_with_service_and_severity(opened: Any):
    text = [(START + 5, "2026-06-19 10:00:00 ERROR no door"), (START + 6, '{"service":"door","msg":"x"}')]
    groups = {"/aws/lambda/checkout": HeldGroup(lines(300, 0.1)), "/ecs/pay": HeldGroup(text)}
    with served(groups | {"/secret/payroll": HeldGroup(text)}) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW))
    assert result.status is Status.OK and result.count == 302
    assert set(result.value.services) == {"checkout", "pay", "door"}
    pay = next(record for record in result.value if record.service == "pay")
    assert pay.severity == ERROR and pay.attributes["aws.log.group"] == "/ecs/pay"
    assert all(fetch.place == f"{A}/{REGION}" for fetch in result.fetches)
    assert any("USD]" in fetch.query for fetch in result.fetches)


def test_more_than_wanted_is_sampled_and_severe_ones_are_kept(opened: Any):
    held = lines(6000, 0.05)
    severe = sum('"error"' in line for _, line in held)
    with served({"/ecs/pay": HeldGroup(held)}) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW, items=1500))
    assert result.status is Status.OK and result.count <= 1500
    assert sum(int(level) >= WARN for level in result.value.severities) == severe
    shares = {fetch.share for fetch in result.fetches}
    sampled = min(shares)
    mild = result.count - severe
    assert 0.1 < sampled < 0.3 and mild / sampled == pytest.approx(6000 - severe, rel=0.15)


def test_a_window_with_more_rows_than_a_query_returns_is_read_in_turns(
    opened: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cloudwatch_logs, "MOST_ROWS", 100)
    burst = [(START + 1000 + i / 50, f"line {i}") for i in range(450)]
    with served({"/ecs/pay": HeldGroup(burst)}) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW))
    assert result.status is Status.OK
    assert sorted(record.body for record in result.value) == sorted(line for _, line in burst)


def test_more_at_one_moment_than_a_query_returns_is_said(opened: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloudwatch_logs, "MOST_ROWS", 10)
    with served({"/ecs/pay": HeldGroup([(START + 1000.5, f"line {i}") for i in range(30)])}) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW))
    assert result.status is Status.TRUNCATED and result.count == 10
    assert any("at one moment" in problem.message for problem in result.problems)


def test_groups_are_queried_fifty_at_a_time(opened: Any):
    groups = {f"/ecs/s{i:03}": HeldGroup([(START + i, f"from {i}")]) for i in range(70)}
    with served(groups) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW))
        sizes = {len(c.params["logGroupIdentifiers"]) for c in server.calls if c.operation == "StartQuery"}
    assert result.count == 70 and len(result.value.services) == 70
    assert sizes == {50, 20}


def test_only_groups_of_the_services_that_are_needed(opened: Any):
    groups = {"/ecs/pay": HeldGroup([(START + 1, "a")]), "/ecs/cart": HeldGroup([(START + 1, "b")])}
    with served(groups) as server:
        logs = opened(CloudWatchLogsConnector, server, scope=SCOPE)
        assert logs.logs(Need(WINDOW, services=("pay",))).value.services == ["pay"]
        assert logs.logs(Need(WINDOW, services=("pay", "elsewhere"))).count == 2


def test_records_of_linked_accounts_tell_whose_they_are(opened: Any):
    held = {account: {REGION: {"/ecs/pay": HeldGroup([(START + 1, f"of {account}")])}} for account in (A, B)}
    with LogsImitation(held, linked={A: [B]}, polls=1) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE | {"linked": [B]}).logs(Need(WINDOW))
    assert {record.attributes["aws.account"] for record in result.value} == {A, B}
    assert {fetch.place for fetch in result.fetches if fetch.bytes} == {f"{A}/{REGION}", f"{B}/{REGION}"}


def test_what_is_no_longer_kept_is_said(opened: Any):
    now = START + 86_400 * 2
    groups = {
        "/ecs/pay": HeldGroup([(START + 1, "a")], kept_days=1),
        "/ecs/cart": HeldGroup([(START + 1, "b")], kept_days=30),
        "/ecs/new": HeldGroup([], made=now - 60),
    }
    with served(groups, skew=now - time.time()) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE).logs(Need(WINDOW))
    assert result.status is Status.TRUNCATED and result.count == 1
    assert "/ecs/pay keeps 1 days" in result.problems[0].message


def test_a_used_up_budget_truncates(opened: Any):
    with served({"/ecs/pay": HeldGroup(lines(100, 0.1))}) as server:
        result = opened(CloudWatchLogsConnector, server, scope=SCOPE, scan_bytes=10).logs(Need(WINDOW))
    assert result.status is Status.TRUNCATED and not result.count
    assert "scan_bytes" in result.problems[0].hint


def test_check_misses_a_permission_and_groups(opened: Any):
    groups = {"/ecs/pay": HeldGroup(())}
    with served(groups, denied={A: {"logs:StartQuery"}}) as server:
        checks = {check.what: check for check in opened(CloudWatchLogsConnector, server, scope=SCOPE).check()}
        other = opened(CloudWatchLogsConnector, server, scope={"log_groups": ["/none/*"]}).check()
    assert checks[f"queries {A}/{REGION}"].hint == f"add logs:StartQuery to user andon in {A}"
    assert (
        next(check for check in other if check.what.startswith("log groups")).hint == "check scope.log_groups"
    )
