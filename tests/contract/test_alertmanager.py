"""Alertmanager's connector keeps the contract."""

from __future__ import annotations

from functools import partial

from andon.connectors.alertmanager import AlertmanagerConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.alertmanager import AlertmanagerImitation, FiringAlert

ALERT = FiringAlert({"alertname": "DoorsDown", "service": "bff", "severity": "page"}, 1_781_864_400.0)


class TestAlertmanager(ConnectorContract):
    connector = AlertmanagerConnector
    imitation = partial(AlertmanagerImitation, [ALERT])
