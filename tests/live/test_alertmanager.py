"""A rule that fires in a real Prometheus, told by a real Alertmanager and by Prometheus itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from andon.connectors import Connector, Need, Session, open_class
from andon.connectors.alertmanager import AlertmanagerConnector
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import Status, Window
from live.servers import awaited, free_port, installed, running

RULES = """
groups:
- name: doors
  interval: 1s
  rules:
  - alert: DoorsDown
    expr: up{job="shop/bff"} == 0
    for: 2s
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }} is down"}
"""
PROMETHEUS = """
global: {{scrape_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]
scrape_configs:
- job_name: shop/bff
  static_configs: [{{targets: ["127.0.0.1:{nobody}"]}}]
"""
ALERTMANAGER = "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, float]]:
    """Addresses of Alertmanager and Prometheus, and when they were started; the alert fires."""
    folder, began = tmp_path_factory.mktemp("alerts"), time.time()
    at, port = free_port(), free_port()
    (folder / "alertmanager.yml").write_text(ALERTMANAGER)
    (folder / "rules.yml").write_text(RULES)
    (folder / "prometheus.yml").write_text(PROMETHEUS.format(alertmanager=at, nobody=free_port()))
    alertmanager = [
        installed("prometheus-alertmanager", "alertmanager"),
        "--config.file=alertmanager.yml",
        "--storage.path=alerts",
        "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{at}",
    ]
    prometheus = [
        installed("prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--rules.alert.resend-delay=2s",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    first, second = f"http://127.0.0.1:{at}", f"http://127.0.0.1:{port}"
    with (
        running(alertmanager, f"{first}/-/ready", folder=folder),
        running(prometheus, f"{second}/-/ready", folder=folder),
    ):
        listed = f"{first}/api/v2/alerts"
        awaited(lambda: bool(httpx2.get(listed, trust_env=False).json()), "Alertmanager has the alert")
        stored = {"query": 'ALERTS{alertstate="firing"}'}
        awaited(
            lambda: bool(
                httpx2.get(f"{second}/api/v1/query", params=stored, trust_env=False).json()["data"]["result"]
            ),
            "Prometheus has stored the alert",
        )
        yield first, second, began


def opened(kind: type[Connector], url: str, session: Session, **options: Any) -> Any:
    return open_class(kind, "live", {"url": url, **options}, session)


def test_alertmanager_and_prometheus_tell_the_same_alert(servers: tuple[str, str, float]) -> None:
    alertmanager, prometheus, began = servers
    with Session(60.0) as session:
        need = Need(Window(began - 5, time.time() + 1), step=1.0)
        first = opened(AlertmanagerConnector, alertmanager, session).alerts(need)
        second = opened(PrometheusConnector, prometheus, session).alerts(need)
    assert first.status is Status.OK and second.status is Status.OK, (first.problems, second.problems)
    (told,), (seen,) = first.value, second.value
    assert told.name == seen.name == "DoorsDown" and told.service == seen.service == "bff"
    assert told.severity == seen.severity == "page"
    assert told.summary == seen.summary == "shop/bff is down"
    assert told.end is None and seen.end is None
    assert began < told.start < time.time() and abs(told.start - seen.start) <= 2.0


def test_scope_is_applied_by_alertmanager(servers: tuple[str, str, float]) -> None:
    need = Need(Window(servers[2] - 5, time.time() + 1), step=1.0)
    with Session(60.0) as session:
        inside = opened(
            AlertmanagerConnector, servers[0], session, scope={"match": {"job": ["shop/bff", "a.b"]}}
        )
        outside = opened(AlertmanagerConnector, servers[0], session, scope={"match": {"job": ["other"]}})
        assert inside.alerts(need).count == 1
        assert outside.alerts(need).status is Status.EMPTY


def test_a_silenced_alert_is_marked(servers: tuple[str, str, float]) -> None:
    now = time.time()
    silence = {
        "matchers": [{"name": "alertname", "value": "DoorsDown", "isRegex": False, "isEqual": True}],
        "startsAt": _moment(now - 1),
        "endsAt": _moment(now + 300),
        "createdBy": "tests",
        "comment": "tests",
    }
    sent = httpx2.post(f"{servers[0]}/api/v2/silences", json=silence, trust_env=False)
    assert sent.is_success, sent.text
    need = Need(Window(servers[2] - 5, now + 1))

    def silenced() -> bool:
        with Session(30.0) as session:
            result = opened(AlertmanagerConnector, servers[0], session).alerts(need)
        return [alert.silenced for alert in result.value] == [True]

    awaited(silenced, "the alert is silenced")


def test_check(servers: tuple[str, str, float]) -> None:
    with Session(30.0) as session:
        checks = opened(AlertmanagerConnector, servers[0], session).check()
        assert all(check.state == "ok" for check in checks) and "0.25" in checks[0].found
        prometheus = opened(PrometheusConnector, servers[1], session).check()
        assert all(check.state == "ok" for check in prometheus), prometheus


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
