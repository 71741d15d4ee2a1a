"""Metrics of CloudWatch: which there are in a scope, and their points.

At most 500 metrics and 100,800 points a request. Points of one second are kept for 3 hours, of a minute for 15
days, of five minutes for 63 days, of an hour for 455 days. `ListMetrics` knows what had points in the last two weeks.
Source: Amazon CloudWatch API reference, `GetMetricData` and `ListMetrics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor
from typing import Any

from pydantic import Field

from andon.connectors.aws.api import AwsApi
from andon.connectors.aws.config import AccountId, AwsScope, Place
from andon.connectors.aws.metric_rules import statistics
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = [
    "LISTED",
    "Metric",
    "MetricsScope",
    "Points",
    "Query",
    "batches",
    "dimensions_of",
    "ended",
    "fetch",
    "is_recent",
    "listed",
    "period_for",
]

MOST_QUERIES, MOST_POINTS = 500, 100_800
LISTED = 14 * 86_400.0
_RECENT = 3 * 3600.0
_KEPT = ((3 * 3600.0, 1), (15 * 86_400.0, 60), (63 * 86_400.0, 300), (455 * 86_400.0, 3600))
"""Age in seconds up to which points of so many seconds are kept."""
_SHORT = (1, 5, 10, 30)
"""Periods below a minute that may be asked for."""


class MetricsScope(AwsScope):
    """`namespaces` as CloudWatch writes them (`AWS/Lambda`); `linked` accounts are read through a monitoring account.

    With `linked`, the entries of `accounts` are monitoring accounts (CloudWatch cross-account observability).
    """

    namespaces: tuple[str, ...] = Field(min_length=1)
    linked: tuple[AccountId, ...] = ()

    def admits_metric(self, metric: Metric) -> bool:
        own = metric.account in self.accounts or metric.account in self.linked
        return own and metric.namespace in self.namespaces

    def admit_metric(self, metric: Metric, source: str) -> None:
        """Raises Unanswered (DENIED) for a metric outside of the scope."""
        if not self.admits_metric(metric):
            raise Unanswered(
                f"metrics of {metric.account}, {metric.namespace} are outside the scope of source {source}",
                status=Status.DENIED,
            )


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of one account."""

    account: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One statistic of a metric, in points of `period` seconds."""

    metric: Metric
    statistic: str
    period: int

    def written(self, number: int, place: Place) -> dict[str, Any]:
        dimensions = [{"Name": name, "Value": value} for name, value in self.metric.dimensions]
        named = {"Namespace": self.metric.namespace, "MetricName": self.metric.name, "Dimensions": dimensions}
        wanted = {"Metric": named, "Period": self.period, "Stat": self.statistic}
        other = {"AccountId": self.metric.account} if self.metric.account != place.account else {}
        return {"Id": f"q{number}", "MetricStat": wanted, "ReturnData": True} | other


def listed(api: AwsApi, place: Place, scope: MetricsScope, recent: bool) -> Iterator[tuple[Metric, bool]]:
    """Metrics of the namespaces in scope, each with whether the scope admits it; `recent`: of the last three hours."""
    for namespace in scope.namespaces:
        params: dict[str, Any] = {"Namespace": namespace}
        params |= {"RecentlyActive": "PT3H"} if recent else {}
        params |= {"IncludeLinkedAccounts": True} if scope.linked else {}
        for answer in api.pages(place, "cloudwatch", "list_metrics", **params):
            found = answer.items("Metrics")
            owners = answer.value.get("OwningAccounts") or [place.account] * len(found)
            for said, owner in zip(found, owners, strict=False):
                dimensions = dimensions_of(said)
                names = str(said.get("Namespace", "")), str(said.get("MetricName", ""))
                metric = Metric(str(owner), *names, tuple(sorted(dimensions.items())))
                if all(names):
                    yield metric, scope.admits_metric(metric)


def dimensions_of(said: Mapping[str, Any]) -> dict[str, str]:
    """Name to value of the dimensions of a metric or an alarm."""
    named = [one for one in said.get("Dimensions") or () if one and one.get("Name") and one.get("Value")]
    return {str(one["Name"]): str(one["Value"]) for one in named}


def is_recent(window: Window, now: float) -> bool:
    """Whether metrics that had points in the last three hours are all that had any in the window."""
    return window.start >= now - _RECENT + 600.0


def period_for(window: Window, now: float, step: float, *, shortest: int = 1) -> int:
    """Seconds between points: the finest that is still kept for the start of the window, not finer than `step`.

    Zero when nothing is kept any more.
    """
    age = now - window.start
    kept = next((period for most, period in _KEPT if age <= most), 0)
    if not kept:
        return 0
    least = max(kept, shortest, step, window.seconds / MOST_POINTS)
    return next((short for short in _SHORT if least <= short), 60 * ceil(least / 60))


def ended(window: Window, period: int, now: float) -> tuple[float, float]:
    """The window in whole periods; one that is not over yet would show a sum that is too low, and is left out."""
    start, last = floor(window.start / period) * period, floor(now / period) * period
    return start, max(start + period, min(ceil(window.end / period) * period, last))


def batches(metrics: Sequence[Metric], window: Window, now: float, step: float) -> Iterator[list[Query]]:
    """Queries of one request each; metrics of AWS' own have no points below a minute."""
    batch: list[Query] = []
    points = 0
    for metric in metrics:
        period = period_for(window, now, step, shortest=60 if metric.namespace.startswith("AWS/") else 1)
        each = ceil(window.seconds / period) + 1 if period else 0
        for statistic in statistics(metric.name) if period else ():
            if batch and (len(batch) >= MOST_QUERIES or points + each > MOST_POINTS):
                yield batch
                batch, points = [], 0
            batch.append(Query(metric, statistic, period))
            points += each
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Points:
    """What came back for a query: times (Unix seconds), values, and the status that CloudWatch gave it."""

    query: Query
    times: Sequence[float]
    values: Sequence[float]
    status: str
    words: str


def fetch(
    api: AwsApi, place: Place, scope: MetricsScope, batch: Sequence[Query], window: Window, now: float
) -> Iterator[tuple[list[Points], int]]:
    """The points of a batch page by page, with the bytes of the page. Raises Unanswered."""
    for query in batch:
        scope.admit_metric(query.metric, api.source)
    start, end = ended(window, max(query.period for query in batch), now)
    params: dict[str, Any] = {
        "MetricDataQueries": [query.written(number, place) for number, query in enumerate(batch)],
        "StartTime": datetime.fromtimestamp(start, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
        "ScanBy": "TimestampAscending",
    }
    by_id = {f"q{number}": query for number, query in enumerate(batch)}
    for answer in api.pages(place, "cloudwatch", "get_metric_data", **params):
        answered = [one for one in answer.items("MetricDataResults") if one.get("Id") in by_id]
        yield [_points(by_id[one["Id"]], one) for one in answered], answer.size


def _points(query: Query, said: Mapping[str, Any]) -> Points:
    times = [moment.timestamp() for moment in said.get("Timestamps") or () if moment]
    words = "; ".join(str(one.get("Value", "")) for one in said.get("Messages") or () if one)
    return Points(query, times, said.get("Values") or (), str(said.get("StatusCode", "")), words)
