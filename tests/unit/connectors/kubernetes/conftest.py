"""A cluster written for one test, and the connector that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest

from andon.connectors import Session, open_class
from andon.connectors.kubernetes import KubernetesConnector
from andon.connectors.kubernetes.listing import Lists
from andon.connectors.wire import Reply
from andon.testing.imitation import Asked, Imitation
from andon.testing.imitations.kubernetes import KubernetesImitation


@pytest.fixture
def opened() -> Iterator[Callable[..., KubernetesConnector]]:
    """Opens the connector on a cluster that holds these objects; `options` are those of the imitation."""
    with ExitStack() as stack:

        def open_on(
            objects: list[Any], *, config: dict[str, Any] | None = None, **options: Any
        ) -> KubernetesConnector:
            server = stack.enter_context(KubernetesImitation(objects, **options))
            session = stack.enter_context(Session(20.0))
            stated = {"url": server.url, "scope": {"namespaces": ["shop"]}, "limits": {"retries": 0}}
            connector = open_class(KubernetesConnector, "prod", stated | (config or {}), session)
            assert isinstance(connector, KubernetesConnector)
            connector.server = server
            return connector

        yield open_on


class Direct:
    """Stands where the wire is and asks the imitation without a network."""

    source = "prod"
    skew = 0.0

    def __init__(self, server: Imitation) -> None:
        self.server = server

    def get(self, path: str, params: Any = (), *, headers: Any = None, **_: Any) -> Reply:
        pairs = tuple((key, str(value)) for key, value in dict(params).items())
        told = self.server.answer(Asked("GET", path, pairs, headers or {}, b""))
        return Reply(told.status, told.headers, told.body)

    def post(self, path: str, *, json: Any) -> Reply:
        told = self.server.answer(Asked("POST", path, (), {}, orjson.dumps(json)))
        return Reply(told.status, told.headers, told.body)


@pytest.fixture(scope="session")
def direct() -> Callable[..., KubernetesConnector]:
    """As `opened`, without a network; for tests that ask a hundred times."""

    def open_on(objects: list[Any], **options: Any) -> KubernetesConnector:
        session, server = Session(20.0), KubernetesImitation(objects, **options)
        stated = {"url": "http://cluster", "scope": {"namespaces": ["shop"]}}
        connector = open_class(KubernetesConnector, "prod", stated, session)
        assert isinstance(connector, KubernetesConnector)
        connector.server = server
        connector.wire = Direct(server)
        connector._lists = Lists(connector.wire, session, 1_000)
        return connector

    return open_on


@pytest.fixture(scope="session")
def thing() -> Callable[..., dict[str, Any]]:
    """An object of a kind, in the namespace `shop` where nothing else is said."""

    def make(kind: str, name: str, *, owner: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
        about = {
            "name": name,
            "namespace": "shop",
            "uid": f"{kind}-{name}",
            "creationTimestamp": "2026-06-19T10:00:00Z",
        }
        if owner is not None:
            above = owner["metadata"]
            about["ownerReferences"] = [
                {"kind": owner["kind"], "name": above["name"], "uid": above["uid"], "controller": True}
            ]
        return {"kind": kind, "metadata": about | rest.pop("metadata", {}), **rest}

    return make


@pytest.fixture
def template() -> Callable[..., dict[str, Any]]:
    """A pod template with one container."""

    def make(image: str, env: dict[str, str] | None = None, **container: Any) -> dict[str, Any]:
        variables = [{"name": name, "value": value} for name, value in (env or {}).items()]
        one = {"name": "api", "image": image, "env": variables, **container}
        return {"metadata": {"labels": {"app": "checkout"}}, "spec": {"containers": [one]}}

    return make
