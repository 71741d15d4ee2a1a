"""Alertmanager, API v2: which alerts fire, since when, and which of them somebody muted.

It keeps no history: an alert that was resolved is gone after a few minutes. For the past, ask the
Prometheus that fed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.label_scope import LabelScope
from andon.connectors.reading import Reading
from andon.connectors.service_labels import SERVICE_LABELS, service_of
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector, Reply
from andon.telemetry import Alert, Result, Status

__all__ = ["AlertmanagerConfig", "AlertmanagerConnector", "AlertmanagerScope"]

_OTHER = "answers, but not as Alertmanager's API v2 does"
_ADDRESS = "is this the address of an Alertmanager?"


class AlertmanagerScope(LabelScope):
    """Only alerts whose labels have one of these values are asked for, and let in."""

    def filters(self) -> list[str]:
        """As the API takes them, RE2 matched against the whole value."""
        return [f'{name}=~"{"|".join(map(_quoted, values))}"' for name, values in self.match.items()]


class AlertmanagerConfig(HttpConfig):
    """Address, scope, and which labels name the service."""

    scope: AlertmanagerScope = AlertmanagerScope()
    tenant: str = Field("", description="sent as X-Scope-OrgID: the tenant of Mimir's Alertmanager")
    service_labels: tuple[str, ...] = Field(
        SERVICE_LABELS, description="labels that name the service, in the order in which they are believed"
    )


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

    def headers(self) -> Mapping[str, str]:
        return {"X-Scope-OrgID": self.config.tenant} if self.config.tenant else {}

    def alerts(self, need: Need) -> Result[tuple[Alert, ...]]:
        reading = Reading(self.name)
        services = self._inside(need, reading)
        found: list[Alert] = []
        if services or not need.services:
            with reading.part(self.config.tenant):
                answered, size = self._ask()
                reading.fetched(
                    "GET /api/v2/alerts", place=self.config.tenant, items=len(answered), size=size
                )
                found = [a for a in self._let_in(answered, reading) if a.start < need.window.end]
        if services:
            found = [a for a in found if a.service in services or not a.service]
        return reading.result(tuple(sorted(found, key=lambda a: (a.start, a.id))), len(found))

    def _inside(self, need: Need, reading: Reading) -> tuple[str, ...]:
        """The services of the need that may be asked for; those outside of the scope are noted as denied."""
        outside = self.config.scope.outside(need.services, self.config.service_labels)
        for service in outside:
            reading.lacking(Status.DENIED, f"{service} is outside the scope of source {self.name}")
        return tuple(service for service in need.services if service not in outside)

    def _let_in(self, answered: list[Any], reading: Reading) -> list[Alert]:
        """The alerts of an answer that are whole and in scope."""
        whole = [one for one in answered if _is_alert(one)]
        admitted = [one for one in whole if self.config.scope.admits(one["labels"])]
        for number, what in (
            (len(answered) - len(whole), "malformed"),
            (len(whole) - len(admitted), "outside the scope"),
        ):
            if number:
                reading.lacking(Status.PARTIAL, f"{number:,} alerts are {what}, and were left out")
        return [self._alert(one) for one in admitted]

    def _version(self) -> str:
        reply = self._get("/api/v2/status", fresh=True).json()
        try:
            return f"Alertmanager {reply['versionInfo']['version']}"
        except (KeyError, TypeError):
            raise Unanswered(_OTHER, hint=_ADDRESS) from None

    def _ask(self) -> tuple[list[Any], int]:
        params = [("filter", text) for text in self.config.scope.filters()]
        reply = self._get(
            "/api/v2/alerts", [("active", "true"), ("silenced", "true"), ("inhibited", "true"), *params]
        )
        answered = reply.json()
        if not isinstance(answered, list):
            raise Unanswered(_OTHER, hint=_ADDRESS)
        return answered, reply.size

    def _get(self, path: str, params: Sequence[tuple[str, str]] = (), *, fresh: bool = False) -> Reply:
        """The reply to a path that every Alertmanager has."""
        reply = self.wire.get(path, params, fresh=fresh, accept=frozenset([404]))
        if reply.status == 404:
            raise Unanswered(f"has no {path} (404)", hint=_ADDRESS)
        return reply

    def _alert(self, one: dict[str, Any]) -> Alert:
        labels = {str(name): str(value) for name, value in one["labels"].items()}
        notes, status = _dict(one.get("annotations")), _dict(one.get("status"))
        start = datetime.fromisoformat(one["startsAt"]).timestamp()
        return Alert(
            id=f"{one['fingerprint']}@{one['startsAt']}",
            name=labels.get("alertname", ""),
            start=start,
            service=service_of(labels, self.config.service_labels),
            severity=labels.get("severity", ""),
            summary=str(notes.get("summary") or notes.get("description") or ""),
            silenced=bool(status.get("silencedBy") or status.get("inhibitedBy")),
            labels=labels,
            origin=self.name,
        )


def _is_alert(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("labels"), dict):
        return False
    try:
        datetime.fromisoformat(str(one.get("startsAt")))
    except (ValueError, OverflowError):
        return False
    return isinstance(one.get("fingerprint"), str)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _quoted(value: str) -> str:
    """A value inside a quoted matcher: neither RE2 nor the quotes read anything into it."""
    return re.escape(value).replace("\\", "\\\\").replace('"', '\\"')
