"""VictoriaLogs' connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial

from andon.connectors import Need
from andon.connectors.victorialogs import VictoriaLogsConnector
from andon.telemetry import Window
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.victorialogs import VictoriaLogsImitation, VictoriaLogsRecord

NOW = time.time()
RECORDS = [
    VictoriaLogsRecord(
        int((NOW - 600 + i) * 1e9), f"request {i} failed", {"level": level, "service.name": "door-service"}
    )
    for i, level in enumerate(["info", "warn", "error"] * 190)
]


class TestVictoriaLogs(ConnectorContract):
    connector = VictoriaLogsConnector
    imitation = partial(VictoriaLogsImitation, RECORDS)
    need = Need(Window(NOW - 3000, NOW))
