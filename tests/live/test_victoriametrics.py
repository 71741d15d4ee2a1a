"""The same history through a real VictoriaMetrics gives the same numbers as through Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import MetricSeries, Result, Status, Window
from live.servers import answers, awaited, free_port, installed, running
from live.shop_history import BASELINE, INCIDENT, prometheus_text, samples

WHOLE = Window(BASELINE.start, INCIDENT.end)
BROKEN = Window(INCIDENT.start + 30, INCIDENT.end)
QUIET = Window(BASELINE.start + 60, BASELINE.end)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("victoria"), free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [
        installed("victoria-metrics", "victoria-metrics-prod"),
        "-storageDataPath=data",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=100y",
    ]
    with running(argv, f"{url}/health", folder=folder):
        sent = httpx2.post(
            f"{url}/api/v1/import/prometheus", content=prometheus_text(samples()), trust_env=False
        )
        assert sent.is_success
        assert answers(f"{url}/internal/force_flush")
        awaited(lambda: _stored(url) > 0, "the history is stored")
        yield url


def _stored(url: str) -> int:
    params = {"query": "count(queue_depth)", "time": WHOLE.end - 1}
    return len(httpx2.get(f"{url}/api/v1/query", params=params, trust_env=False).json()["data"]["result"])


def asked(url: str, need: Need, **options: Any) -> Result[tuple[MetricSeries, ...]]:
    with Session(60.0) as session:
        return open_class(PrometheusConnector, "vm", {"url": url, **options}, session).metrics(need)


def test_every_number_is_that_of_the_incident(server: str) -> None:
    result = asked(server, Need(WHOLE))
    assert result.status is Status.OK, result.problems
    found = {series.key: series for series in result.value}
    good = found["checkout http_requests{code=200,method=POST}"]
    assert set(good.within(QUIET).values) == {60.0} and set(good.within(BROKEN).values) == {54.0}
    bad = found["checkout http_requests{code=500,method=POST}"]
    assert set(bad.within(BASELINE).values) == {0.0} and set(bad.within(BROKEN).values) == {6.0}
    mean = found["checkout http_request_duration_seconds.mean"]
    assert np.allclose(mean.within(QUIET).values, 0.1) and np.allclose(mean.within(BROKEN).values, 0.9)
    p99 = found["checkout http_request_duration_seconds{quantile=0.99}"]
    assert np.allclose(p99.within(BROKEN).values, 0.25 + 0.75 * 0.99)
    assert set(found["checkout queue_depth"].within(BROKEN).values) == {40.0}


def test_points_lie_where_they_were_asked_for(server: str) -> None:
    result = asked(server, Need(Window(WHOLE.start + 7.0, WHOLE.end - 3.0), step=60.0))
    for series in result.value:
        assert np.all(series.times % 60.0 == 0) and np.all(np.diff(series.times) == 60.0)


def test_more_points_than_prometheus_would_give(server: str) -> None:
    result = asked(server, Need(WHOLE, step=0.25), scrape_interval=0.25, include=("queue_depth",))
    (depth,) = result.value
    assert (
        result.status is Status.OK and len(depth.times) > 16_700 and np.allclose(np.diff(depth.times), 0.25)
    )


def test_scope_and_services_narrow(server: str) -> None:
    scoped = asked(server, Need(WHOLE), scope={"match": {"namespace": ["shop"]}})
    assert {series.service for series in scoped.value} == {"checkout", "host-1"}
    narrowed = asked(server, Need(WHOLE, services=("payroll",)))
    assert {series.name for series in narrowed.value} == {"payslips", "up"}


def test_it_is_recognised(server: str) -> None:
    with Session(30.0) as session:
        checks = open_class(PrometheusConnector, "vm", {"url": server}, session).check()
    assert checks[0].found.startswith("VictoriaMetrics") and checks[-1].state == "ok"
