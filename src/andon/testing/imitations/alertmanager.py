"""Alertmanager's API v2: status and alerts, with label filters. No silences, receivers or clustering."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from andon.telemetry import isoformat
from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["AlertmanagerImitation", "FiringAlert"]

_FILTER = re.compile(r'^(?P<name>\w+)(?P<how>=~|!~|!=|=)"(?P<value>.*)"$', re.DOTALL)


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An alert that fires since `start` (Unix seconds)."""

    labels: Mapping[str, str]
    start: float
    annotations: Mapping[str, str] = field(default_factory=dict)
    silenced: bool = False


class AlertmanagerImitation(Imitation):
    """Holds the alerts that it was given."""

    def __init__(self, alerts: Sequence[FiringAlert] = (), **options: Any) -> None:
        super().__init__(**options)
        self.alerts = tuple(alerts)

    def answer(self, asked: Asked) -> Told:
        match asked.path:
            case "/api/v2/status":
                return json_told({"versionInfo": {"version": "0.25.0"}, "cluster": {"status": "disabled"}})
            case "/api/v2/alerts":
                return self._alerts(asked)
        return json_told({"code": 404, "message": f"path {asked.path} was not found"}, 404)

    def _alerts(self, asked: Asked) -> Told:
        filters = [_FILTER.match(text) for text in asked.every("filter")]
        if any(one is None for one in filters):
            return json_told("bad matcher format", 400)
        wanted = [one for one in filters if one is not None]
        hidden = asked.param("silenced") == "false"
        return json_told(
            [
                _gettable(alert)
                for alert in self.alerts
                if all(_passes(alert.labels, one) for one in wanted) and not (hidden and alert.silenced)
            ]
        )


def _passes(labels: Mapping[str, str], matcher: re.Match[str]) -> bool:
    value, wanted = labels.get(matcher["name"], ""), matcher["value"].replace("\\\\", "\\")
    if "~" in matcher["how"]:
        return (re.fullmatch(wanted, value) is not None) == (matcher["how"] == "=~")
    return (value == wanted) == (matcher["how"] == "=")


def _gettable(alert: FiringAlert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": isoformat(alert.start).replace("Z", ".000Z"),
        "endsAt": isoformat(alert.start + 86_400).replace("Z", ".000Z"),
        "updatedAt": isoformat(alert.start).replace("Z", ".000Z"),
        "fingerprint": f"{abs(hash(tuple(sorted(alert.labels.items())))):016x}"[:16],
        "receivers": [{"name": "default"}],
        "status": {
            "state": "suppressed" if alert.silenced else "active",
            "silencedBy": ["0b4d0f4e"] if alert.silenced else [],
            "inhibitedBy": [],
        },
        "generatorURL": "http://prometheus.example/graph",
    }
