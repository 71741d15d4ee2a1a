from __future__ import annotations

from typing import Any

from andon.connectors import Need, Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import Window
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

NEED = Need(Window(1_781_863_200.0, 1_781_863_500.0))


def held(name: str, **labels: str) -> StoredSeries:
    return StoredSeries({"__name__": name, **labels}, [NEED.window.start + 60], [1.0])


SERIES = [
    held("http_requests_total", service="shop", job="x/exporter", team="a"),
    held("http_requests_total", service="pay", job="x/exporter", team="b"),
    held("node_load1", instance="db-1:9100", job="node", team="a"),
    held("node_cpu_seconds_total", instance="db-1:9100", job="node", team="a"),
]


def listed(**options: Any) -> tuple[str, ...]:
    with PrometheusImitation(SERIES) as server, Session(10.0) as session:
        connector = open_class(PrometheusConnector, "prom", {"url": server.url, **options}, session)
        found = connector.services(NEED).value
        assert not any("query" in asked.path for asked in server.asked)
        return found


def test_services_and_hosts_are_listed_without_reading_a_sample() -> None:
    assert listed() == ("db-1", "pay", "shop")


def test_what_is_out_of_scope_is_not_listed() -> None:
    assert listed(scope={"match": {"team": ["a"]}}) == ("db-1", "shop")
    assert listed(scope={"match": {"service": ["pay"]}}) == ("pay",)
