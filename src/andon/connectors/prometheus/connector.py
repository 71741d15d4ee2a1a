"""Prometheus, VictoriaMetrics, Grafana Mimir and Thanos: metrics, and the alerts that their rules raised."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.prometheus.alert_history import AlertHistory
from andon.connectors.prometheus.answers import points_of
from andon.connectors.prometheus.api import PrometheusApi
from andon.connectors.prometheus.catalogue import left_out
from andon.connectors.prometheus.config import PrometheusConfig
from andon.connectors.prometheus.scope import selector
from andon.connectors.prometheus.service_names import service_names
from andon.connectors.prometheus.survey import Survey
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConnector
from andon.telemetry import Alert, MetricSeries, Result, Status, Window

__all__ = ["PrometheusConnector"]

_LATELY = 3600.0
"""Seconds before now in which `check` looks for series."""
_ALLOW = "the sign-in must be allowed GET and POST on /api/v1/query, query_range, labels and label/*/values"


class PrometheusConnector(HttpConnector):
    """Metrics, aggregated by the server to services and outcomes; alerts, with when they fired."""

    kind = "prometheus"
    title = "Prometheus"
    signals = (Signal.METRICS, Signal.ALERTS)
    proved = "Prometheus 2.42 and VictoriaMetrics 1.79 (Debian); Mimir and Thanos were not run"
    Config: ClassVar[type[ConnectorConfig]] = PrometheusConfig
    config: PrometheusConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.api = PrometheusApi(self.wire)

    def headers(self) -> Mapping[str, str]:
        return {"X-Scope-OrgID": self.config.tenant} if self.config.tenant else {}

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading = Reading(self.name)
        found: tuple[MetricSeries, ...] = ()
        services = self._inside(need, reading)
        if services or not need.services:
            with reading.part(self.config.tenant):
                found = Survey(self.api, self.config, self.session, reading).series(need, services)
        return reading.result(found, sum(len(series.times) for series in found))

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        reading = Reading(self.name)
        found: tuple[str, ...] = ()
        with reading.part(self.config.tenant):
            found = service_names(self.api, self.config, need.window, reading)
        return reading.result(found, len(found))

    def alerts(self, need: Need) -> Result[tuple[Alert, ...]]:
        reading = Reading(self.name)
        found: tuple[Alert, ...] = ()
        services = self._inside(need, reading)
        if services or not need.services:
            found = AlertHistory(self.api, self.config, reading).alerts(need, services)
        return reading.result(found, len(found))

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", lambda: str(self.api.build(fresh=True)))
        if reach.state is CheckState.FAILED:
            return (reach,)
        alerts = self.tried("alerts", self._alerts_now, _ALLOW)
        return reach, self._series(), self._services(), alerts, self._retention(), self.clock()

    def _inside(self, need: Need, reading: Reading) -> tuple[str, ...]:
        """The services of the need that may be asked for; those outside of the scope are noted as denied."""
        outside = self.config.scope.outside(need.services, self.config.service_labels)
        for service in outside:
            reading.lacking(Status.DENIED, f"{service} is outside the scope of source {self.name}")
        return tuple(service for service in need.services if service not in outside)

    def _series(self) -> Check:
        """How many metrics and series are in scope, and what is not read of them."""
        match = selector("", self.config.scope.matchers())
        try:
            names = self.api.values("__name__", match, _lately(), fresh=True).data
            there = self._number(f"count({match})")
        except Unanswered as gap:
            return Check("metrics", CheckState.FAILED, gap.message, gap.hint or _ALLOW)
        if not names:
            hint = "check `scope`, and `tenant` where it has several"
            return Check("metrics", CheckState.WARNING, "none in scope within the last hour", hint)
        reasons = Counter(left_out(name, self.config.include, self.config.exclude) for name in names)
        unread = ", ".join(f"{reason}: {n}" for reason, n in reasons.most_common() if reason)
        found = f"{len(names):,} metrics of {there:,} series" + (f"; not read: {unread}" if unread else "")
        return Check("metrics", CheckState.OK, found)

    def _services(self) -> Check:
        """Which labels name services."""
        try:
            match = selector("", self.config.scope.matchers())
            there = self.api.labels(match, _lately(), fresh=True).data
        except Unanswered as gap:
            return Check("services", CheckState.FAILED, gap.message, gap.hint or _ALLOW)
        naming = [label for label in self.config.service_labels if label in there]
        if not naming:
            hint = "state under service_labels which label names the service"
            return Check("services", CheckState.WARNING, "no label names them", hint)
        return Check("services", CheckState.OK, f"named by {', '.join(naming)}")

    def _alerts_now(self) -> str:
        firing = selector("ALERTS", ('alertstate="firing"', *self.config.scope.matchers()))
        return f"{self._number(f'count({firing})')} fire"

    def _retention(self) -> Check:
        """How far back data go, as far as it says so: only Prometheus itself does."""
        try:
            told = self.api.stated("status/runtimeinfo", fresh=True).data
        except Unanswered:
            told = None
        kept = told.get("storageRetention") if isinstance(told, dict) else None
        return Check("retention", CheckState.OK, f"keeps {kept}" if kept else "does not say how far back")

    def _number(self, query: str) -> int:
        """The value of a query that gives one number, 0 when it gives nothing. Raises Unanswered."""
        result = self.api.instant(query, time.time()).data
        values = points_of([one.get("value") for one in result])[1]
        return int(values[0]) if len(values) else 0


def _lately() -> Window:
    now = time.time()
    return Window(now - _LATELY, now)
