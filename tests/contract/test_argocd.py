"""Argo CD's connector keeps the contract."""

from __future__ import annotations

from functools import partial

from andon.connectors.argocd import ArgoCdConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.argocd import ArgoCdImitation

SYNC = {"id": 1, "revision": "a" * 40, "deployedAt": "2026-06-19T10:25:00Z"}
APPLICATION = {"metadata": {"name": "api"}, "spec": {"project": "shop"}, "status": {"history": [SYNC]}}


class TestArgoCd(ConnectorContract):
    connector = ArgoCdConnector
    imitation = partial(ArgoCdImitation, [APPLICATION])
