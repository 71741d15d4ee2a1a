"""CloudWatch: metrics with their statistics and retention, alarms and their history.

500 metrics and 100,800 points a request, pages of both; points finer than their age allows are gone; `ListMetrics` knows the
last two weeks; history of 30 days. Percentiles are those of the values of a period, without interpolation. No metric math.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from andon.telemetry import isoformat
from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal

__all__ = ["CloudWatchImitation", "HeldAlarm", "HeldMetric"]

_MOST_QUERIES, _MOST_POINTS = 500, 100_800
_KEPT = ((3 * 3600, 1), (15 * 86_400, 60), (63 * 86_400, 300), (455 * 86_400, 3600))
_LISTED, _RECENT, _HISTORY = 14 * 86_400, 3 * 3600, 30 * 86_400


@dataclass(frozen=True, slots=True)
class HeldMetric:
    """A metric with what was put into it: (Unix seconds, value)."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class HeldAlarm:
    """An alarm about a metric, or about other alarms (`rule`), and its states: (Unix seconds, `ALARM` or `OK`)."""

    name: str
    states: Sequence[tuple[float, str]]
    namespace: str = ""
    metric: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""
    description: str = ""
    enabled: bool = True


class CloudWatchImitation(AwsImitation):
    """`metrics` and `alarms`: account to region to what is held. `linked`: monitoring account to those that it sees.

    `page` is how many items or points are told at once. `statuses` are what `GetMetricData` says of a metric by name.
    """

    def __init__(
        self,
        metrics: Mapping[str, Mapping[str, Sequence[HeldMetric]]],
        alarms: Mapping[str, Mapping[str, Sequence[HeldAlarm]]] | None = None,
        *,
        linked: Mapping[str, Collection[str]] | None = None,
        page: int = _MOST_POINTS,
        statuses: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.metrics, self.alarms = metrics, dict(alarms or {})
        self.linked, self.page, self.statuses = dict(linked or {}), page, dict(statuses or {})

    def operate(self, call: Call) -> Any:
        match call.operation:
            case "ListMetrics":
                return self._list(call)
            case "GetMetricData":
                return self._data(call)
            case "DescribeAlarms":
                return self._describe(call)
            case "DescribeAlarmHistory":
                return self._history(call)
        raise Refusal("InvalidAction", call.operation)

    def _list(self, call: Call) -> Any:
        params, now = call.params, self.now()
        since = now - (_RECENT if params.get("RecentlyActive") == "PT3H" else _LISTED)
        seen = [
            call.account,
            *(self.linked.get(call.account, ()) if params.get("IncludeLinkedAccounts") else ()),
        ]
        found = [
            (account, one)
            for account in seen
            for one in self.metrics.get(account, {}).get(call.region, ())
            if one.namespace == params.get("Namespace", one.namespace)
            and any(since <= time <= now for time, _ in one.points)
        ]
        cut, more = self._page(found, params, 500)
        answer: dict[str, Any] = {
            "Metrics": [
                {
                    "Namespace": one.namespace,
                    "MetricName": one.name,
                    "Dimensions": _dimensions(one.dimensions),
                }
                for _, one in cut
            ]
        }
        if params.get("IncludeLinkedAccounts"):
            answer["OwningAccounts"] = [account for account, _ in cut]
        return answer | more

    def _data(self, call: Call) -> Any:
        params, queries = call.params, call.params.get("MetricDataQueries") or []
        start, end = float(params["StartTime"]), float(params["EndTime"])
        if not 1 <= len(queries) <= _MOST_QUERIES:
            raise Refusal(
                "ValidationError", "The collection MetricDataQueries must have between 1 and 500 items"
            )
        if start >= end:
            raise Refusal(
                "ValidationError", "The parameter StartTime must be less than the parameter EndTime"
            )
        if sum((end - start) / one["MetricStat"]["Period"] for one in queries) > _MOST_POINTS:
            raise Refusal("ValidationError", "more than 100,800 data points")
        points = [
            (one["Id"], one["MetricStat"]["Metric"]["MetricName"], time, value)
            for one in queries
            for time, value in self._computed(call, one, start, end)
        ]
        cut, more = self._page(points, params, _MOST_POINTS)
        results = []
        for one in queries:
            name = one["MetricStat"]["Metric"]["MetricName"]
            own = [(time, value) for query, _, time, value in cut if query == one["Id"]]
            status = self.statuses.get(name, "PartialData" if more else "Complete")
            forbidden = status == "Forbidden"
            results.append(
                {
                    "Id": one["Id"],
                    "Label": name,
                    "Timestamps": [time for time, _ in own if not forbidden],
                    "Values": [value for _, value in own if not forbidden],
                    "StatusCode": status,
                }
            )
        return {"MetricDataResults": results, "Messages": []} | more

    def _computed(
        self, call: Call, query: Mapping[str, Any], start: float, end: float
    ) -> Iterator[tuple[float, float]]:
        wanted = query["MetricStat"]
        metric, period = wanted["Metric"], wanted["Period"]
        if period not in (1, 5, 10, 30) and period % 60:
            raise Refusal("ValidationError", "Period must be 1, 5, 10, 30 or a multiple of 60")
        account = query.get("AccountId", call.account)
        if account != call.account and account not in self.linked.get(call.account, ()):
            raise Refusal("ValidationError", f"{account} is not linked")
        named = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
        parts: defaultdict[float, list[float]] = defaultdict(list)
        for held in self.metrics.get(account, {}).get(call.region, ()):
            same = (held.namespace, held.name) == (metric["Namespace"], metric["MetricName"])
            for time, value in held.points if same and dict(held.dimensions) == named else ():
                if start <= time < end and period >= self._finest(time):
                    parts[time // period * period].append(value)
        return iter([(time, _statistic(parts[time], wanted["Stat"])) for time in sorted(parts)])

    def _finest(self, time: float) -> float:
        age = self.now() - time
        return next((period for most, period in _KEPT if age <= most), math.inf)

    def _describe(self, call: Call) -> Any:
        cut, more = self._page(self._alarms(call), call.params, call.params.get("MaxRecords", 50))
        return {
            "MetricAlarms": [_alarm(one, call) for one in cut if not one.rule],
            "CompositeAlarms": [_alarm(one, call) for one in cut if one.rule],
        } | more

    def _history(self, call: Call) -> Any:
        params = call.params
        start = max(float(params["StartDate"]), self.now() - _HISTORY)
        found = [
            _item(alarm, before, state, time)
            for alarm in self._alarms(call)
            for (_, before), (time, state) in zip(
                [(0.0, "INSUFFICIENT_DATA"), *alarm.states], alarm.states, strict=False
            )
            if start <= time <= float(params["EndDate"])
        ]
        found.sort(key=lambda item: item["Timestamp"], reverse=params.get("ScanBy") != "TimestampAscending")
        cut, more = self._page(found, params, params.get("MaxRecords", 100))
        return {"AlarmHistoryItems": cut} | more

    def _alarms(self, call: Call) -> list[HeldAlarm]:
        if call.params.get("MaxRecords", 50) > 100:
            raise Refusal("ValidationError", "MaxRecords must be at most 100")
        return list(self.alarms.get(call.account, {}).get(call.region, ()))

    def _page(
        self, found: Sequence[Any], params: Mapping[str, Any], most: int
    ) -> tuple[list[Any], dict[str, str]]:
        first, size = int(params.get("NextToken", 0)), min(most, self.page)
        more = {"NextToken": str(first + size)} if first + size < len(found) else {}
        return list(found[first : first + size]), more


def _statistic(values: Sequence[float], name: str) -> float:
    match name:
        case "Sum":
            return math.fsum(values)
        case "Average":
            return math.fsum(values) / len(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "SampleCount":
            return float(len(values))
    if not name.startswith("p"):
        raise Refusal("ValidationError", f"unknown statistic {name}")
    return sorted(values)[max(0, math.ceil(len(values) * float(name[1:]) / 100) - 1)]


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _alarm(one: HeldAlarm, call: Call) -> dict[str, Any]:
    time, state = one.states[-1] if one.states else (0.0, "INSUFFICIENT_DATA")
    common = {
        "AlarmName": one.name,
        "AlarmArn": f"arn:aws:cloudwatch:{call.region}:{call.account}:alarm:{one.name}",
        "AlarmDescription": one.description,
        "ActionsEnabled": one.enabled,
        "StateValue": state,
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": time,
        "StateTransitionedTimestamp": time,
    }
    if one.rule:
        return common | {"AlarmRule": one.rule}
    return common | {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": _dimensions(one.dimensions),
    }


def _item(one: HeldAlarm, before: str, state: str, time: float) -> dict[str, Any]:
    data = {
        "version": "1.0",
        "oldState": {"stateValue": before},
        "newState": {"stateValue": state, "stateReason": f"{one.metric or one.rule} at {isoformat(time)}"},
    }
    return {
        "AlarmName": one.name,
        "AlarmType": "CompositeAlarm" if one.rule else "MetricAlarm",
        "Timestamp": time,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {state}",
        "HistoryData": orjson.dumps(data).decode(),
    }
