"""InfluxDB's connector keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from andon.connectors.influxdb import InfluxDbConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.influxdb import InfluxDbImitation
from andon.testing.imitations.influxql import Point

POINTS = [
    Point(
        "http",
        {"service": "checkout"},
        {"requests_total": 3.0 * i, "latency_ms": 20.0},
        1_781_863_000.0 + 15 * i,
    )
    for i in range(200)
]


class TestInfluxDb(ConnectorContract):
    connector = InfluxDbConnector
    imitation = partial(InfluxDbImitation, POINTS)
    options: ClassVar = {"database": "shop"}
