"""Metrics and alerts through a real Prometheus, compared with numbers computed by hand."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import MetricSeries, Result, Status, Window
from live.servers import awaited, free_port, installed, running
from live.shop_history import BASELINE, INCIDENT, RESTART, openmetrics, samples

WHOLE = Window(BASELINE.start, INCIDENT.end)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _backfilled(tmp_path_factory.mktemp("prometheus"), samples())


@pytest.fixture(scope="module")
def on_the_grid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, with samples exactly at the times at which points are asked for."""
    yield from _backfilled(tmp_path_factory.mktemp("aligned"), samples(offset=0.0))


@pytest.fixture(scope="module")
def short_of_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One that loads few samples for a query."""
    yield from _backfilled(tmp_path_factory.mktemp("narrow"), samples(), "--query.max-samples=3000")


def _backfilled(folder: Path, listed: list[Any], *flags: str) -> Iterator[str]:
    prometheus, promtool = installed("prometheus"), installed("promtool")
    (folder / "history.om").write_text(openmetrics(listed))
    made = [promtool, "tsdb", "create-blocks-from", "openmetrics", "-q", "history.om", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "prometheus.yml").write_text("global: {}\n")
    port = free_port()
    argv = [
        prometheus,
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        *flags,
    ]
    with running(argv, f"http://127.0.0.1:{port}/-/ready", folder=folder):
        yield f"http://127.0.0.1:{port}"


def asked(url: str, need: Need, **options: Any) -> Result[tuple[MetricSeries, ...]]:
    with Session(60.0) as session:
        connector = open_class(PrometheusConnector, "prom", {"url": url, **options}, session)
        return connector.metrics(need)


def by_key(result: Result[tuple[MetricSeries, ...]]) -> dict[str, MetricSeries]:
    assert result.status is Status.OK, result.problems
    return {series.key: series for series in result.value}


@pytest.mark.parametrize("name", ["server", "on_the_grid"])
def test_every_number_is_that_of_the_incident(name: str, request: pytest.FixtureRequest) -> None:
    found = by_key(asked(request.getfixturevalue(name), Need(WHOLE), scrape_interval=15.0))
    good = found["checkout http_requests{code=200,method=POST}"]
    quiet = good.within(Window(BASELINE.start + 60, BASELINE.end))
    assert set(quiet.values) == {60.0}, "30 a scrape of two instances, the restart taken out"
    assert RESTART in quiet.times or len(quiet.times) > 230
    broken = Window(INCIDENT.start + 30, INCIDENT.end)
    assert set(good.within(broken).values) == {54.0}
    bad = found["checkout http_requests{code=500,method=POST}"]
    assert set(bad.within(BASELINE).values) == {0.0}, "what was never counted is zero, not missing"
    assert set(bad.within(broken).values) == {6.0}
    mean = found["checkout http_request_duration_seconds.mean"]
    assert mean.unit == "s"
    assert np.allclose(mean.within(quiet_window()).values, 0.1) and np.allclose(
        mean.within(broken).values, 0.9
    )
    p99 = found["checkout http_request_duration_seconds{quantile=0.99}"]
    assert np.allclose(p99.within(quiet_window()).values, 0.05 + 0.2 * 0.99)
    assert np.allclose(p99.within(broken).values, 0.25 + 0.75 * 0.99)
    assert set(found["checkout http_request.calls"].within(broken).values) == {60.0}
    assert set(found["checkout queue_depth"].within(broken).values) == {40.0}, "the worst instance"
    assert set(found["host-1 node_memory_MemAvailable_bytes"].within(broken).values) == {1e9}
    assert not [key for key in found if "go_" in key]


def quiet_window() -> Window:
    return Window(BASELINE.start + 60, BASELINE.end)


def test_longer_steps_lose_no_count(server: str) -> None:
    found = by_key(asked(server, Need(WHOLE, step=60.0), scrape_interval=15.0))
    good = found["checkout http_requests{code=200,method=POST}"].within(quiet_window())
    assert set(good.values[1:]) == {240.0}


def test_the_sample_interval_is_measured(server: str) -> None:
    result = asked(server, Need(WHOLE, step=1.0))
    assert {float(np.median(np.diff(series.times))) for series in result.value} == {15.0}


def test_scope_and_services_narrow(server: str) -> None:
    scoped = by_key(asked(server, Need(WHOLE), scope={"match": {"namespace": ["shop"]}}))
    assert {series.service for series in scoped.values()} == {"checkout", "host-1"}
    assert all("namespace" not in series.labels for series in scoped.values())
    narrowed = by_key(asked(server, Need(WHOLE, services=("payroll",))))
    assert {series.name for series in narrowed.values()} == {"payslips", "up"}
    result = asked(server, Need(WHOLE, services=("payroll",)), scope={"match": {"job": ["shop/checkout"]}})
    assert result.status is Status.DENIED and not result.fetches


def test_more_than_eleven_thousand_points_are_asked_for_in_parts(server: str) -> None:
    step = 0.25
    cap = httpx2.get(
        f"{server}/api/v1/query_range",
        params={"query": "queue_depth", "start": WHOLE.start, "end": WHOLE.end, "step": step},
        trust_env=False,
    )
    assert cap.status_code == 400 and "11,000" in cap.text
    found = by_key(asked(server, Need(WHOLE, step=step), scrape_interval=step, include=("queue_depth",)))
    depth = found["checkout queue_depth"]
    assert len(depth.times) > 16_700 and np.allclose(np.diff(depth.times), step)


def test_what_the_server_does_not_cap_is_capped_here(server: str) -> None:
    names = httpx2.get(f"{server}/api/v1/label/__name__/values", params={"limit": 1}, trust_env=False).json()
    assert len(names["data"]) > 1, "this version ignores the limit"
    result = asked(server, Need(WHOLE), max_series=3, scrape_interval=15.0)
    assert result.status is Status.TRUNCATED and len(result.value) <= 3
    assert {series.name.split(".")[0] for series in result.value} <= {
        "http_request_duration_seconds",
        "http_request",
    }


def test_what_is_too_much_at_once_is_asked_for_in_halves(short_of_memory: str) -> None:
    result = asked(short_of_memory, Need(WHOLE), scrape_interval=15.0)
    assert result.status is Status.PARTIAL
    assert {problem.message for problem in result.problems if "too many samples" in problem.message}
    names = {series.name for series in result.value}
    assert {"http_requests", "queue_depth"} <= names and "http_request_duration_seconds" not in names


def test_check(server: str) -> None:
    with Session(30.0) as session:
        checks = open_class(PrometheusConnector, "prom", {"url": server}, session).check()
    told = {check.what: check for check in checks}
    assert told["reach"].found.startswith("Prometheus 2.") and told["retention"].found == "keeps 100y"
    assert told["metrics"].state == "warning", "the history is older than an hour"
    assert told["clock"].state == "ok"


RULES = """
groups:
- name: doors
  interval: 1s
  rules:
  - alert: DoorsDown
    expr: vector(time()) < {until}
    labels: {{service: bff, severity: page}}
    annotations: {{summary: Doors do not open}}
"""


def test_an_alert_that_ended_has_a_start_and_an_end(tmp_path: Path) -> None:
    began, port = time.time(), free_port()
    (tmp_path / "rules.yml").write_text(RULES.format(until=began + 8))
    (tmp_path / "prometheus.yml").write_text("rule_files: [rules.yml]\n")
    argv = [
        installed("prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(argv, f"{url}/-/ready", folder=tmp_path), Session(120.0) as session:
        connector = open_class(PrometheusConnector, "prom", {"url": url}, session)

        def ended() -> bool:
            found = connector.alerts(Need(Window(began - 30, time.time()), step=1.0)).value
            return bool(found) and found[0].end is not None

        awaited(ended, "the alert has ended")
        result = connector.alerts(Need(Window(began - 30, time.time()), step=1.0))
    (alert,) = result.value
    assert result.status is Status.OK and alert.name == "DoorsDown" and alert.service == "bff"
    assert alert.severity == "page" and alert.summary == "Doors do not open"
    assert began <= alert.start < began + 8 and alert.end is not None and abs(alert.end - (began + 8)) <= 3
