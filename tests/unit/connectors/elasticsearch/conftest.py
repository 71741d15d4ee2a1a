"""Servers that hold a few documents, and connectors that are pointed at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.elasticsearch import ElasticsearchConnector, OpenSearchConnector
from andon.testing.imitations.elasticsearch import OpenSearchImitation


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(20.0) as session:
        yield session


@pytest.fixture
def opened(session: Session) -> Callable[..., Any]:
    """The connector of a server's kind; further keys of the configuration as keywords."""

    def open_it(server: Any, **options: Any) -> Any:
        kind = OpenSearchConnector if isinstance(server, OpenSearchImitation) else ElasticsearchConnector
        stated = {"url": server.url, "scope": {"indices": ["logs-*"]}, "limits": {"retries": 1, "slices": 10}}
        return open_class(kind, "logs", stated | options, session)

    return open_it
