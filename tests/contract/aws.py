"""What the contracts of all AWS connectors have in common: keys from the environment, one account in two regions."""

from __future__ import annotations

from typing import Any

import pytest

from andon.connectors import Connector, Session, open_class
from andon.testing.contract import LITTLE, SECRET, ConnectorContract
from andon.testing.imitation import Imitation

ACCOUNT = "111122223333"
REGIONS = ("eu-central-1", "us-east-1")


class AwsContract(ConnectorContract):
    """The secret is the caller's own secret key: the imitation checks what it signed."""

    @pytest.fixture(autouse=True)
    def _keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)

    def opened(self, server: Imitation, session: Session) -> Connector:
        scope = {"accounts": [ACCOUNT], "regions": list(REGIONS)} | dict(self.options.get("scope", {}))
        options: dict[str, Any] = {"endpoint": server.url, "limits": LITTLE} | dict(self.options)
        return open_class(self.connector, "under-test", options | {"scope": scope}, session)
