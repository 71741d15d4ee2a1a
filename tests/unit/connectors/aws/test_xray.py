"""Traces: whole ones, of even slices of the window."""

from __future__ import annotations

import time
from typing import Any

import pytest

from andon.connectors import Need
from andon.connectors.aws import XRayConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.aws import XRayImitation

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
NOW = int(time.time())
HOUR = Window(NOW - 3600.0, float(NOW))


def trace(number: int, second: int, service: str = "checkout", **more: Any) -> list[dict[str, Any]]:
    name = f"1-{second:08x}-{number:024x}"
    root = {
        "trace_id": name,
        "id": f"{number:015x}a",
        "name": service,
        "start_time": second + 0.25,
        "end_time": second + 0.5,
    }
    call = {"id": f"{number:015x}b", "name": "orders", "namespace": "remote"}
    times = {"start_time": second + 0.3, "end_time": second + 0.4}
    callee = {"trace_id": name, "id": f"{number:015x}c", "parent_id": call["id"], "name": "orders"} | times
    return [root | {"subsegments": [call | times]} | more, callee]


def served(*traces: list[dict[str, Any]], **options: Any) -> XRayImitation:
    return XRayImitation({A: {REGION: [segment for one in traces for segment in one]}}, **options)


def test_few_traces_arrive_whole(opened: Any):
    with served(*(trace(i, NOW - 3000 + 60 * i) for i in range(40)), page=7) as server:
        result = opened(XRayConnector, server).spans(Need(HOUR))
    assert result.status is Status.OK and result.count == 120
    assert set(result.value.services) == {"checkout", "orders"}
    assert all(fetch.place == f"{A}/{REGION}" for fetch in result.fetches)


def test_many_traces_are_sampled_evenly(opened: Any):
    with served(*(trace(i, NOW - 3600 + i) for i in range(3600))) as server:
        result = opened(XRayConnector, server, limits={"slices": 24}).spans(Need(HOUR, items=900))
    traces = set(result.value.trace_ids)
    assert result.status is Status.OK and 250 <= len(traces) <= 450
    assert result.count == 3 * len(traces)
    quarters = [
        sum(HOUR.start + 900 * i <= t < HOUR.start + 900 * (i + 1) for t in result.value.starts)
        for i in range(4)
    ]
    assert min(quarters) > 0.6 * max(quarters)
    assert result.fetches[-1].share == pytest.approx(len(traces) / 3600, rel=0.3)


def test_only_traces_that_pass_the_services_that_are_needed(opened: Any):
    with served(trace(1, NOW - 100), trace(2, NOW - 90, "cart")) as server:
        result = opened(XRayConnector, server).spans(Need(HOUR, services=("cart", 'odd"name')))
    assert set(result.value.services) == {"cart", "orders"}


def test_segments_of_accounts_outside_of_the_scope_are_left_out(opened: Any):
    with served(trace(1, NOW - 100, aws={"account_id": B})) as server:
        result = opened(XRayConnector, server).spans(Need(HOUR))
        both = opened(XRayConnector, server, scope={"accounts": [A, B]}, role="arn:aws:iam::{account}:role/r")
        whole = both.spans(Need(HOUR))
    assert set(result.value.services) == {"orders"} and result.status is Status.PARTIAL
    assert any(f"segments of {B} were left out" in problem.message for problem in result.problems)
    assert whole.status is Status.OK and set(whole.value.services) == {"checkout", "orders"}


def test_malformed_segments_are_counted(opened: Any):
    with served(trace(1, NOW - 100, start_time="soon")) as server:
        result = opened(XRayConnector, server).spans(Need(HOUR))
    assert result.status is Status.PARTIAL and result.count == 1
    assert result.problems[0].message == "a segment could not be read"


def test_traces_are_kept_for_thirty_days(opened: Any):
    with served(trace(1, NOW - 40 * 86_400)) as server:
        result = opened(XRayConnector, server).spans(Need(Window(NOW - 41 * 86_400, NOW - 39 * 86_400)))
    assert result.status is Status.TRUNCATED and "30 days" in result.problems[0].message


def test_a_day_is_asked_for_in_parts(opened: Any):
    with served(trace(1, NOW - 80_000), trace(2, NOW - 100)) as server:
        result = opened(XRayConnector, server).spans(Need(Window(NOW - 86_400.0, float(NOW))))
    assert result.status is Status.OK and result.count == 6


def test_check_names_the_missing_action(opened: Any):
    with served(denied={A: {"xray:BatchGetTraces"}}) as server:
        checks = opened(XRayConnector, server).check()
    assert [check.hint for check in checks if check.state == "failed"] == [
        f"add xray:BatchGetTraces to user andon in {A}"
    ]
