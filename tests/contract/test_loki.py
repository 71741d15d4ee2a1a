"""Loki's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial

from andon.connectors import Need
from andon.connectors.loki import LokiConnector
from andon.telemetry import Window
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.loki import LokiEntry, LokiImitation, LokiStream

NOW = time.time()
STREAM = LokiStream(
    {"service_name": "door-service", "namespace": "shop"},
    tuple(
        LokiEntry(int((NOW - 600 + i) * 1e9), f"request {i} failed", {"detected_level": level})
        for i, level in enumerate(["info", "warn", "error"] * 190)
    ),
)


class TestLoki(ConnectorContract):
    connector = LokiConnector
    imitation = partial(LokiImitation, [STREAM])
    need = Need(Window(NOW - 3000, NOW))
