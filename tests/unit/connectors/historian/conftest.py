"""Buckets for unit tests: keys from the environment, an imitated store, a connector that is pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.historian import HistorianConnector
from andon.testing.imitations.s3 import S3Imitation

SECRET = "the-callers-own-secret-key"
Opener = Callable[..., HistorianConnector]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(20.0) as session:
        yield session


@pytest.fixture
def in_bucket(session: Session) -> Iterator[Opener]:
    """Opens the prefix `plant/` of an imitated bucket."""
    found: list[HistorianConnector] = []

    def opened(server: S3Imitation, **options: Any) -> HistorianConnector:
        limits = {"retries": 0, "timeout": 5.0} | options.pop("limits", {})
        stated = {"bucket": "drops", "prefix": "plant", "endpoint": server.url, "limits": limits} | options
        connector = open_class(HistorianConnector, "drops", stated, session)
        assert isinstance(connector, HistorianConnector)
        found.append(connector)
        return connector

    yield opened
    for connector in found:
        connector.close()
