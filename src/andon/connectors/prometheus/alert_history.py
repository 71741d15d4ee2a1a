"""Alerts of the past, from the series `ALERTS` that Prometheus writes for each rule that is pending or fires.

When an alert began to fire is known to one step. One that fired already at the start of the window began when its
condition did: `ALERTS_FOR_STATE` holds that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from andon.connectors.connector import Need
from andon.connectors.prometheus.alert_episodes import Episode, alert_of, episodes, summaries
from andon.connectors.prometheus.answers import points_of
from andon.connectors.prometheus.api import Answer, PrometheusApi
from andon.connectors.prometheus.config import PrometheusConfig
from andon.connectors.prometheus.scope import selector
from andon.connectors.prometheus.windows import aligned, past, pieces
from andon.connectors.reading import Reading
from andon.telemetry import Alert, Status, Window

__all__ = ["AlertHistory"]

_FIRING = 'alertstate="firing"'
Identity = frozenset[tuple[str, str]]


class AlertHistory:
    """Reads the alerts of one need; what is lacking goes into the reading."""

    def __init__(self, api: PrometheusApi, config: PrometheusConfig, reading: Reading) -> None:
        self.api = api
        self.config = config
        self.reading = reading
        self.scope = config.scope.matchers()

    def alerts(self, need: Need, services: Sequence[str]) -> tuple[Alert, ...]:
        """Alerts of these services or of none, of all when none is named, that fired within the window; in order of start."""
        window = aligned(past(need.window, time.time() + need.step), need.step)
        if window is None:
            return ()
        query = selector("ALERTS", (_FIRING, *self.scope))
        result: list[Mapping[str, Any]] = []
        for piece in pieces(window, need.step):
            result += self._asked(query, partial(self.api.over, query, piece, need.step))
        admitted = [one for one in result if self._admits(one)]
        if len(admitted) < len(result):
            self.reading.lacking(
                Status.PARTIAL,
                f"{len(result) - len(admitted):,} alerts are malformed or outside the scope, and were left out",
                place=self.config.tenant,
            )
        found = episodes(admitted, window, need.step)
        told = self._told() if found else ()
        began = self._began(window) if any(episode.cut for episode in found) else {}
        labels, origin = self.config.service_labels, self.reading.source
        alerts = [alert_of(one, _start(one, began), labels, told, origin) for one in found]
        chosen = [alert for alert in alerts if not services or alert.service in services or not alert.service]
        return tuple(sorted(chosen, key=lambda alert: (alert.start, alert.id)))

    def _told(self) -> tuple[tuple[Mapping[str, str], str], ...]:
        """Labels and words of the rules; Prometheus does not store annotations with the series."""
        with self.reading.part("rules"):
            return summaries(self.api.stated("rules").data)
        return ()

    def _began(self, window: Window) -> dict[Identity, float]:
        """Since when the condition of each alert held at the start of the window."""
        query = selector("ALERTS_FOR_STATE", self.scope)
        result = self._asked(query, lambda: self.api.instant(query, window.start))
        found = {}
        for one in result:
            labels, values = one.get("metric"), points_of([one.get("value")])[1]
            if isinstance(labels, dict) and len(values):
                found[_identity(labels)] = float(values[0])
        return found

    def _asked(self, query: str, ask: Callable[[], Answer]) -> list[Mapping[str, Any]]:
        with self.reading.part(self.config.tenant):
            answer = ask()
            self.reading.fetched(query, place=self.config.tenant, items=len(answer.data), size=answer.size)
            for warning in answer.warnings:
                self.reading.lacking(Status.PARTIAL, warning, place=self.config.tenant)
            return list(answer.data)
        return []

    def _admits(self, one: Mapping[str, Any]) -> bool:
        labels = one.get("metric")
        return (
            isinstance(labels, dict)
            and isinstance(one.get("values"), list)
            and "alertname" in labels
            and self.config.scope.admits(labels)
        )


def _identity(labels: Mapping[str, str]) -> Identity:
    return frozenset(
        (name, value) for name, value in labels.items() if name not in ("__name__", "alertstate")
    )


def _start(episode: Episode, began: Mapping[Identity, float]) -> float:
    known = began.get(_identity(episode.labels), episode.start) if episode.cut else episode.start
    return known if 0 < known <= episode.start else episode.start
