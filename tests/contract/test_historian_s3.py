"""The historian's connector keeps the contract on a bucket."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from andon.connectors import Connector, Need, Session, open_class
from andon.connectors.historian import HistorianConnector
from andon.telemetry import Window
from andon.testing.contract import SECRET, ConnectorContract
from andon.testing.imitation import Imitation
from andon.testing.imitations.s3 import HeldObject, S3Imitation

START = 1_781_863_200.0  # 2026-06-19T10:00:00Z
OBJECTS = {
    "plant/2026-06-19.csv": HeldObject(
        b"time,service,metric,value\n2026-06-19T10:05:00Z,press,temp,4\n", START + 900
    ),
    "plant/orders/2026-06-19.csv": HeldObject(
        b"no,closed,asset\n7,2026-06-19T10:05:00Z,press\n", START + 900
    ),
}


class TestBucketOfDrops(ConnectorContract):
    """The secret is the caller's own secret key: the imitation checks what it signed."""

    connector = HistorianConnector
    imitation = partial(S3Imitation, OBJECTS)
    need = Need(Window(START, START + 600))

    @pytest.fixture(autouse=True)
    def _keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)

    def opened(self, server: Imitation, session: Session) -> Connector:
        orders = {"files": "orders/*.csv", "time": "closed", "target": "asset", "id": "no"}
        options: dict[str, Any] = {"bucket": "drops", "prefix": "plant/", "endpoint": server.url}
        options["limits"] = {"retries": 1, "timeout": 2.0, "answer_bytes": 8 << 20, "slices": 4}
        return open_class(self.connector, "under-test", options | {"work_orders": [orders]}, session)
