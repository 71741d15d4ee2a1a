"""Prometheus' connector keeps the contract."""

from __future__ import annotations

from functools import partial

from andon.connectors.prometheus import PrometheusConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

TIMES = [1_781_863_000.0 + 15 * i for i in range(201)]
OWN = {"job": "shop/checkout", "instance": "10.0.0.1:8080"}
SERIES = [
    StoredSeries({"__name__": "requests_total", **OWN}, TIMES, [3.0 * i for i in range(201)]),
    StoredSeries({"__name__": "queue_depth", **OWN}, TIMES, [2.0] * 201),
    StoredSeries(
        {"__name__": "ALERTS", "alertname": "Slow", "alertstate": "firing", **OWN}, TIMES[40:80], [1.0] * 40
    ),
]


class TestPrometheus(ConnectorContract):
    connector = PrometheusConnector
    imitation = partial(PrometheusImitation, SERIES)
