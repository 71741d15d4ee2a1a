"""CloudWatch: metrics of the namespaces of a scope, and alarms about them with the times at which they fired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from pydantic import Field

from andon.connectors.aws.alarms import HISTORY, Alarm, Change, alarms_in, episodes, history_of
from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.aws.connector import AwsConnector, Probe
from andon.connectors.aws.metric_data import (
    LISTED,
    Metric,
    MetricsScope,
    Query,
    batches,
    fetch,
    is_recent,
    listed,
)
from andon.connectors.aws.metric_data import Points as Answered
from andon.connectors.aws.metric_rules import SERVICE_DIMENSIONS, service_named, unit_of_metric
from andon.connectors.connector import ConnectorConfig, Need
from andon.connectors.points import Points, SeriesKey
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.telemetry import Alert, MetricSeries, Result, Status, Window, isoformat

__all__ = ["CloudWatchConfig", "CloudWatchConnector"]

_STATISTICS = {"Average": "average", "Sum": "sum", "Maximum": "max", "Minimum": "min"}


class CloudWatchConfig(AwsConfig):
    """`service_dimensions` name the service, in the order in which they are believed; `most_metrics` of a place are read."""

    scope: MetricsScope
    service_dimensions: tuple[str, ...] = SERVICE_DIMENSIONS
    most_metrics: int = Field(2000, ge=1)


class CloudWatchConnector(AwsConnector):
    """Metrics with the statistics that fit their kind, and alarms, per account and region."""

    kind = "cloudwatch"
    title = "Amazon CloudWatch"
    signals = (Signal.METRICS, Signal.ALERTS)
    proved = "moto 5.2 for metrics and alarms that fire, an imitation for limits, percentiles and history"
    actions = (
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
    )
    Config: ClassVar[type[ConnectorConfig]] = CloudWatchConfig
    config: CloudWatchConfig

    def probes(self) -> tuple[Probe, ...]:
        return (
            ("metrics", self._metrics_told),
            ("alarms", self._alarms_told),
            ("alarm history", self._history_told),
        )

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading, points = Reading(self.name), Points()
        found = self.everywhere(reading, partial(self._points, reading, need))
        for answered in found:
            key = self._key(answered.query)
            for time, value in zip(answered.times, answered.values, strict=False):
                points.add(key, time, value)
        series = points.series(need.window, reading)
        return reading.result(series, sum(len(one.times) for one in series))

    def alerts(self, need: Need) -> Result[tuple[Alert, ...]]:
        reading = Reading(self.name)
        found = self.everywhere(reading, partial(self._alerts, reading, need.window))
        return reading.result(tuple(sorted(found, key=lambda one: (one.start, one.id))), len(found))

    def _points(self, reading: Reading, need: Need, place: Place, found: list[Answered]) -> None:
        metrics = self._listed(reading, need, place)
        now = self.now()
        for batch in batches(metrics, need.window, now, need.step):
            periods = ", ".join(f"{period} s" for period in sorted({query.period for query in batch}))
            text = f"GetMetricData {len(batch)} statistics, every {periods}, {need.window}"
            for answered, size in fetch(self.api, place, self.config.scope, batch, need.window, now):
                reading.fetched(
                    text, place=str(place), items=sum(len(one.times) for one in answered), size=size
                )
                found += answered
        if metrics and not any(batches(metrics[:1], need.window, now, need.step)):
            reading.lacking(Status.TRUNCATED, "points are kept for 455 days", place=str(place))
        last = {answered.query: answered for answered in found}
        self._tell_gaps(reading, place, list(last.values()))

    def _tell_gaps(self, reading: Reading, place: Place, answers: Sequence[Answered]) -> None:
        """What CloudWatch itself says is not whole; the status on the last page of a query counts."""
        for answered in answers:
            metric, words = answered.query.metric, f": {answered.words}" if answered.words else ""
            told = f"{metric.namespace} {metric.name}: {answered.status}{words}"
            if answered.status == "Forbidden":
                hint = f"add cloudwatch:GetMetricData for {metric.account}"
                reading.lacking(Status.DENIED, told, place=str(place), hint=hint)
            elif answered.status != "Complete":
                reading.lacking(Status.PARTIAL, told, place=str(place))

    def _listed(self, reading: Reading, need: Need, place: Place) -> list[Metric]:
        """The metrics that are asked for: of the services that are needed, where any is named like one of them."""
        self.api.identity(place.account, place.region)
        scope, now, metrics = self.config.scope, self.now(), list[Metric]()
        for metric, admitted in listed(self.api, place, scope, is_recent(need.window, now)):
            if admitted:
                metrics.append(metric)
            else:
                reading.lacking(
                    Status.DENIED, "metrics of other accounts or namespaces were left out", place=str(place)
                )
        reading.fetched(f"ListMetrics {', '.join(scope.namespaces)}", place=str(place), items=len(metrics))
        if need.window.end < now - LISTED:
            message = "metrics without points in the last two weeks are not listed"
            reading.lacking(Status.TRUNCATED, message, place=str(place))
        named = [metric for metric in metrics if self._service(metric) in need.services]
        metrics = sorted(
            named or metrics, key=lambda one: (one.account, one.namespace, one.name, one.dimensions)
        )
        if len(metrics) > self.config.most_metrics:
            message = f"{len(metrics):,} metrics, of which {self.config.most_metrics:,} were read"
            hint = "name fewer namespaces, or raise most_metrics"
            reading.lacking(Status.TRUNCATED, message, place=str(place), hint=hint)
        return metrics[: self.config.most_metrics]

    def _key(self, query: Query) -> SeriesKey:
        metric = query.metric
        labels = dict(metric.dimensions) | {
            "namespace": metric.namespace,
            "stat": _STATISTICS.get(query.statistic, query.statistic),
            "account": metric.account,
        }
        unit = unit_of_metric(metric.namespace, metric.name)
        return SeriesKey.of(metric.name, self._service(metric), unit, labels)

    def _service(self, metric: Metric) -> str:
        return service_named(dict(metric.dimensions), self.config.service_dimensions)

    def _alerts(self, reading: Reading, window: Window, place: Place, found: list[Alert]) -> None:
        self.api.identity(place.account, place.region)
        alarms, sizes = dict[str, Alarm](), 0
        for alarm, size in alarms_in(self.api, place):
            sizes += size
            if not alarm.namespaces or set(alarm.namespaces) <= set(self.config.scope.namespaces):
                alarms[alarm.name] = alarm
        reading.fetched("DescribeAlarms", place=str(place), items=len(alarms), size=sizes)
        if window.start < self.now() - HISTORY:
            reading.lacking(Status.TRUNCATED, "the history of alarms is kept for 30 days", place=str(place))
        changes = self._changes(reading, place, window)
        for name, alarm in alarms.items():
            for start, end, words in episodes(alarm, changes.get(name, ()), window):
                if start < window.end and (end is None or end > window.start):
                    found.append(self._alert(alarm, place, start, end, words))

    def _changes(self, reading: Reading, place: Place, window: Window) -> dict[str, list[Change]]:
        changes, counts = dict[str, list[Change]](), Counter[str]()
        for name, change, size in history_of(self.api, place, window):
            counts.update(items=1, size=size)
            if change is None:
                reading.lacking(Status.PARTIAL, "a change of an alarm could not be read", place=str(place))
            else:
                changes.setdefault(name, []).append(change)
        text = f"DescribeAlarmHistory StateUpdate {window}"
        reading.fetched(text, place=str(place), items=counts["items"], size=counts["size"])
        return changes

    def _alert(self, alarm: Alarm, place: Place, start: float, end: float | None, words: str) -> Alert:
        return Alert(
            id=f"{alarm.arn}@{isoformat(start)}",
            name=alarm.name,
            start=start,
            end=end,
            service=service_named(alarm.dimensions, self.config.service_dimensions),
            summary=words or alarm.words,
            silenced=alarm.silenced,
            labels=dict(alarm.dimensions) | {"namespace": ", ".join(dict.fromkeys(alarm.namespaces))},
            origin=str(place),
        )

    def _metrics_told(self, place: Place) -> str:
        """Lists the metrics, and asks for the points of one of them."""
        metrics = [
            metric for metric, admitted in listed(self.api, place, self.config.scope, False) if admitted
        ]
        now = self.now()
        window = Window(now - 600, now)
        for batch in batches(metrics[:1], window, now, 60.0):
            for _ in fetch(self.api, place, self.config.scope, batch, window, now):
                break
        return f"{len(metrics)} in {', '.join(self.config.scope.namespaces)}"

    def _alarms_told(self, place: Place) -> str:
        return f"{sum(1 for _ in alarms_in(self.api, place))} alarms"

    def _history_told(self, place: Place) -> str:
        now = self.now()
        return f"{sum(1 for _ in history_of(self.api, place, Window(now - 86_400, now)))} changes in the last day"
