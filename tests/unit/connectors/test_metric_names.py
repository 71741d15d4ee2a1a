from __future__ import annotations

import pytest

from andon.connectors.metric_names import plain_name, rank, telling, unit_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [("http_request_duration_seconds", "s"), ("size_bytes", "By"), ("cpu_ratio", "1"), ("queue_depth", "")],
)
def test_units(name: str, unit: str) -> None:
    assert unit_of(name) == unit


def test_errors_are_wanted_before_all() -> None:
    names = [
        "oven_celsius",
        "up",
        "http_requests_total",
        "request_latency",
        "payments_failed_total",
        "cpu_usage",
    ]
    assert sorted(names, key=rank) == [
        "payments_failed_total",
        "request_latency",
        "http_requests_total",
        "up",
        "cpu_usage",
        "oven_celsius",
    ]


def test_the_instance_that_says_most() -> None:
    assert telling("queue_depth") == "max" and telling("memory_available_bytes") == "min"
    assert telling("temperature") == "avg"


def test_what_is_no_total_any_more_is_not_called_one() -> None:
    assert plain_name("requests_total") == "requests" and plain_name("_total") == "_total"
