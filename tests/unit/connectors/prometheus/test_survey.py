"""Metrics through the imitation: plan, bounds, scope, and that the engine reads them as it reads files."""

from __future__ import annotations

from typing import Any

import pytest

from andon.analysis.series import compare_series
from andon.analysis.signals import SignalKind
from andon.connectors import Need, Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import MetricSeries, Result, Status, Window
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

START = 1_781_863_200.0
BASELINE, INCIDENT = Window(START, START + 1800), Window(START + 1800, START + 2400)
NEED = Need(Window(START, INCIDENT.end))


def stored(name: str, values: list[float], first: int = 0, **labels: str) -> StoredSeries:
    own = {"__name__": name, "job": "shop/checkout", "instance": "10.0.0.1:80", "namespace": "shop"}
    times = [START + 4 + 15 * (first + i) for i in range(len(values))]
    return StoredSeries({**own, **labels}, times, values)


SERIES = [
    stored("http_requests_total", [30.0 * i for i in range(160)], code="200"),
    stored("http_requests_total", [7.0 * (i + 1) for i in range(40)], first=120, code="500"),
    stored("http_request_duration_seconds_count", [30.0 * i for i in range(160)]),
    stored("http_request_duration_seconds_sum", [3.0 * i + 24.0 * max(0, i - 120) for i in range(160)]),
    stored("queue_depth", [2.0 + i % 2 for i in range(160)]),
    stored("queue_depth", [9.0 + i % 2 for i in range(160)], instance="10.0.0.2:80"),
    stored("go_goroutines", [8.0] * 160),
    stored("payslips_total", [1.0 * i for i in range(160)], job="hr/payroll", namespace="hr"),
]


def read(
    need: Need = NEED, series: list[StoredSeries] = SERIES, **options: Any
) -> Result[tuple[MetricSeries, ...]]:
    with PrometheusImitation(series) as server, Session(30.0) as session:
        return open_class(PrometheusConnector, "prom", {"url": server.url, **options}, session).metrics(need)


def test_the_engine_sees_what_happened() -> None:
    result = read()
    assert result.status is Status.OK
    changes = {c.key: c for c in (compare_series(s, BASELINE, INCIDENT) for s in result.value)}
    errors = changes["checkout http_requests{code=500}"]
    assert errors.kind is SignalKind.ERRORS and errors.shape == "level" and errors.direction == 1
    assert errors.onset is not None and abs(errors.onset - INCIDENT.start) <= 30
    mean = changes["checkout http_request_duration_seconds.mean"]
    assert (
        mean.kind is SignalKind.LATENCY
        and mean.statistic == "mean"
        and mean.direction == 1
        and mean.unit == "s"
    )
    calls = changes["checkout http_request.calls"]
    assert calls.kind is SignalKind.REQUESTS and not calls.changed
    good = changes["checkout http_requests{code=200}"]
    assert good.kind is SignalKind.SUCCESSES and not good.changed
    assert changes["checkout queue_depth"].baseline >= 9.0, "the worst instance"


def test_scope_is_in_the_query_and_on_the_answer() -> None:
    result = read(scope={"match": {"namespace": ["shop"]}})
    assert {series.service for series in result.value} == {"checkout"} and result.status is Status.OK
    assert all('namespace="shop"' in fetch.query for fetch in result.fetches)


def test_services_narrow_by_the_labels_that_name_them() -> None:
    result = read(Need(NEED.window, services=("payroll",)))
    assert {series.name for series in result.value} == {"payslips"}
    assert 'job="hr/payroll"' in result.fetches[-1].query


def test_what_is_outside_is_denied_and_the_rest_is_read() -> None:
    scope = {"match": {"job": ["shop/checkout"]}}
    denied = read(Need(NEED.window, services=("payroll",)), scope=scope)
    assert denied.status is Status.DENIED and not denied.fetches
    mixed = read(Need(NEED.window, services=("payroll", "checkout")), scope=scope)
    assert mixed.status is Status.PARTIAL and {s.service for s in mixed.value} == {"checkout"}
    assert "payroll is outside the scope of source prom" in mixed.problems[0].message


def test_the_most_telling_metrics_come_first_when_there_are_too_many() -> None:
    result = read(max_series=2)
    assert result.status is Status.TRUNCATED and "not asked for" in result.problems[0].message
    assert {series.name for series in result.value} <= {
        "http_request_duration_seconds.mean",
        "http_request.calls",
        "http_requests",
    }


def test_very_many_series_are_aggregated_coarsely() -> None:
    many = [stored("jobs_total", [1.0 * i for i in range(160)], operation=str(n)) for n in range(9)]
    coarse = read(series=many, series_per_metric=5)
    assert [series.key for series in coarse.value] == ["checkout jobs"]
    assert set(coarse.value[0].values[1:]) == {9.0}
    assert len(read(series=many).value) == 9


def test_warnings_of_the_system_are_told() -> None:
    with PrometheusImitation(SERIES, warnings=["store-2 is away"]) as server, Session(30.0) as session:
        result = open_class(PrometheusConnector, "prom", {"url": server.url}, session).metrics(NEED)
    assert result.status is Status.PARTIAL and "store-2 is away" in result.problems[0].message


@pytest.mark.parametrize("need", [Need(Window(START, START + 5), step=3600.0), Need(Window(0.0, 600.0))])
def test_nothing_there_is_empty(need: Need) -> None:
    result = read(need)
    assert result.status is Status.EMPTY and not result.value
