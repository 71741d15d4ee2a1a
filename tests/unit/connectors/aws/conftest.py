"""Keys of nobody, and connectors opened on an imitation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from andon.connectors import Connector, Session, open_class

ACCOUNT, OTHER = "111122223333", "444455556666"
REGION = "eu-central-1"
ROLE = "arn:aws:iam::{account}:role/andon-read"

Opener = Callable[..., Any]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-callers-own-secret-key")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(20.0) as session:
        yield session


@pytest.fixture
def opened(session: Session) -> Opener:
    """A connector of a class on a server; further keys of the scope and of the configuration by name."""

    def open_on(
        offered: type[Connector], server: Any, *, scope: dict[str, Any] | None = None, **options: Any
    ) -> Connector:
        where = {"accounts": [ACCOUNT], "regions": [REGION]} | (scope or {})
        limits = {"retries": 2, "timeout": 5.0, "slices": 8} | options.pop("limits", {})
        return open_class(
            offered, "aws", {"endpoint": server.url, "limits": limits, **options, "scope": where}, session
        )

    return open_on
