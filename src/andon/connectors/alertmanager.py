"""Alertmanager, API v2: which alerts fire, since when, and which of them somebody muted.

It keeps no history: an alert that was resolved is gone after a few minutes. For the past, ask the
Prometheus that fed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.service_labels import SERVICE_LABELS, service_of
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector
from andon.telemetry import Alert, Result

__all__ = ["AlertmanagerConfig", "AlertmanagerConnector", "AlertmanagerScope"]


class AlertmanagerScope(BaseModel):
    """Only alerts whose labels have one of these values are asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[str, tuple[str, ...]] = {}

    def filters(self) -> list[str]:
        """As the API takes them, RE2 matched against the whole value."""
        return [f'{name}=~"{"|".join(map(_quoted, values))}"' for name, values in self.match.items()]

    def admits(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(name) in values for name, values in self.match.items())


class AlertmanagerConfig(HttpConfig):
    """`service_labels` name the service, in the order in which they are believed."""

    scope: AlertmanagerScope = AlertmanagerScope()
    service_labels: tuple[str, ...] = SERVICE_LABELS


class AlertmanagerConnector(HttpConnector):
    """Alerts that fire now and began before the end of the window."""

    kind = "alertmanager"
    title = "Alertmanager"
    signals = (Signal.ALERTS,)
    proved = "Alertmanager 0.25 (Debian)"
    Config: ClassVar[type[ConnectorConfig]] = AlertmanagerConfig
    config: AlertmanagerConfig

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        return reach, self.tried("alerts", lambda: f"{len(self._ask()[0])} fire"), self.clock()

    def alerts(self, need: Need) -> Result[tuple[Alert, ...]]:
        reading = Reading(self.name)
        found: list[Alert] = []
        with reading.part():
            answered, size = self._ask()
            reading.fetched("GET /api/v2/alerts", items=len(answered), size=size)
            alerts = [self._alert(one) for one in answered if self.config.scope.admits(one["labels"])]
            found = [a for a in alerts if a.start < need.window.end]
        return reading.result(tuple(sorted(found, key=lambda a: (a.start, a.id))), len(found))

    def _version(self) -> str:
        reply = self.wire.get("/api/v2/status", fresh=True).json()
        try:
            return f"Alertmanager {reply['versionInfo']['version']}"
        except (KeyError, TypeError):
            raise Unanswered("answers, but not as Alertmanager's API v2 does") from None

    def _ask(self) -> tuple[list[dict[str, Any]], int]:
        params = [("filter", text) for text in self.config.scope.filters()]
        reply = self.wire.get(
            "/api/v2/alerts", [("active", "true"), ("silenced", "true"), ("inhibited", "true"), *params]
        )
        answered = reply.json()
        if not isinstance(answered, list) or not all(_is_alert(one) for one in answered):
            raise Unanswered("answers, but not as Alertmanager's API v2 does")
        return answered, reply.size

    def _alert(self, one: dict[str, Any]) -> Alert:
        labels, notes, status = one["labels"], one.get("annotations") or {}, one.get("status") or {}
        start = datetime.fromisoformat(one["startsAt"]).timestamp()
        return Alert(
            id=f"{one['fingerprint']}@{one['startsAt']}",
            name=labels.get("alertname", ""),
            start=start,
            service=service_of(labels, self.config.service_labels),
            severity=labels.get("severity", ""),
            summary=notes.get("summary") or notes.get("description") or "",
            silenced=bool(status.get("silencedBy") or status.get("inhibitedBy")),
            labels=labels,
            origin=self.name,
        )


def _is_alert(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("labels"), dict):
        return False
    try:
        datetime.fromisoformat(str(one.get("startsAt")))
    except ValueError:
        return False
    return isinstance(one.get("fingerprint"), str)


def _quoted(value: str) -> str:
    """A value inside a quoted matcher: neither RE2 nor the quotes read anything into it."""
    return re.escape(value).replace("\\", "\\\\").replace('"', '\\"')
