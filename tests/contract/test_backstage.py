"""Backstage's connector keeps the contract."""

from __future__ import annotations

from functools import partial

from andon.connectors.backstage import BackstageConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.backstage import BackstageImitation

ENTITIES = [
    {"kind": "Component", "metadata": {"name": "api"}},
    {"kind": "System", "metadata": {"name": "shop"}},
]


class TestBackstage(ConnectorContract):
    connector = BackstageConnector
    imitation = partial(BackstageImitation, ENTITIES)
