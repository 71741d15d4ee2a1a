"""Alarms of CloudWatch: what they are about, and when they fired.

Their history is kept for 30 days. Source: Amazon CloudWatch API reference, `DescribeAlarms` and `DescribeAlarmHistory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from andon.connectors.aws.api import AwsApi
from andon.connectors.aws.config import Place
from andon.connectors.aws.metric_data import dimensions_of
from andon.telemetry import Window

__all__ = ["HISTORY", "Alarm", "Change", "alarms_in", "episodes", "history_of"]

HISTORY = 30 * 86_400.0
_PAGE = 100
_TYPES = ["MetricAlarm", "CompositeAlarm"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm; `since` is when it came into the state that it is in (Unix seconds); `namespaces` of its metrics."""

    arn: str
    name: str
    words: str
    firing: bool
    since: float
    silenced: bool
    namespaces: tuple[str, ...]
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A moment (Unix seconds) at which an alarm began to fire, or ceased to; `words` say why."""

    time: float
    fires: bool
    fired: bool
    words: str


def alarms_in(api: AwsApi, place: Place) -> Iterator[tuple[Alarm, int]]:
    """All alarms of a place, each with the bytes that came for it (0 but for the first of a page)."""
    params: dict[str, Any] = {"AlarmTypes": _TYPES, "MaxRecords": _PAGE}
    for answer in api.pages(place, "cloudwatch", "describe_alarms", **params):
        size = answer.size
        for said in (*answer.items("MetricAlarms"), *answer.items("CompositeAlarms")):
            yield _alarm(said), size
            size = 0


def history_of(api: AwsApi, place: Place, window: Window) -> Iterator[tuple[str, Change | None, int]]:
    """Names of alarms with how they changed (None where that cannot be read), and bytes as for `alarms_in`."""
    params: dict[str, Any] = {
        "AlarmTypes": _TYPES,
        "HistoryItemType": "StateUpdate",
        "StartDate": datetime.fromtimestamp(window.start, UTC),
        "EndDate": datetime.fromtimestamp(window.end, UTC),
        "ScanBy": "TimestampAscending",
        "MaxRecords": _PAGE,
    }
    for answer in api.pages(place, "cloudwatch", "describe_alarm_history", **params):
        size = answer.size
        for said in answer.items("AlarmHistoryItems"):
            yield str(said.get("AlarmName", "")), _change(said), size
            size = 0


def episodes(
    alarm: Alarm, changes: Iterable[Change], window: Window
) -> Iterator[tuple[float, float | None, str]]:
    """When an alarm fired: start, end (None: still), and why, from its changes in the window.

    One that fired before the window began starts when its state says, or with the window where that is not known.
    """
    start: float | None = None
    words, before = "", True
    for change in sorted(changes, key=lambda one: one.time):
        if change.fires and start is None:
            start, words = change.time, change.words
        elif not change.fires and start is None and before and change.fired:
            yield window.start, change.time, ""
        elif not change.fires and start is not None:
            yield start, change.time, words
            start = None
        before = False
    if start is not None:
        yield start, None, words
    elif before and alarm.firing and alarm.since < window.end:
        yield alarm.since, None, alarm.words


def _alarm(said: Mapping[str, Any]) -> Alarm:
    stats = [one.get("MetricStat") or {} for one in said.get("Metrics") or () if one]
    inner = [stat["Metric"] for stat in stats if stat.get("Metric")]
    metrics = [said, *inner] if "Namespace" in said else inner
    dimensions = {name: value for metric in metrics for name, value in dimensions_of(metric).items()}
    since = said.get("StateTransitionedTimestamp") or said.get("StateUpdatedTimestamp")
    return Alarm(
        arn=str(said.get("AlarmArn", "")),
        name=str(said.get("AlarmName", "")),
        words=str(said.get("AlarmDescription") or said.get("StateReason") or ""),
        firing=said.get("StateValue") == "ALARM",
        since=since.timestamp() if isinstance(since, datetime) else 0.0,
        silenced=said.get("ActionsEnabled") is False or bool(said.get("ActionsSuppressedBy")),
        namespaces=tuple(str(metric.get("Namespace", "")) for metric in metrics),
        dimensions=dimensions,
    )


def _change(said: Mapping[str, Any]) -> Change | None:
    try:
        data = orjson.loads(said["HistoryData"])
        old, new = data["oldState"], data["newState"]
        time = said["Timestamp"].timestamp()
        fires, fired = new["stateValue"] == "ALARM", old["stateValue"] == "ALARM"
        return Change(time, fires, fired, str(new.get("stateReason", "")))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
