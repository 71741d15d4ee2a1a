"""CloudWatch Logs, read by Logs Insights: counted by level first, then warnings and errors, then a part of the rest.

Insights has no sampling of its own: a part of the rest is the records of even slices of the window, several slices
a query. Source: Amazon CloudWatch Logs API reference and user guide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import Field

from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.aws.connector import AwsConnector, Probe
from andon.connectors.aws.insights import AT_ONCE, MOST_GROUPS, MOST_ROWS, Insights, Rows
from andon.connectors.aws.insights_text import (
    LEVELS,
    count_by_level,
    count_of,
    mild_filter,
    records_of,
    severe_filter,
)
from andon.connectors.aws.log_groups import LogGroup, LogsScope, groups_in, service_of_group
from andon.connectors.connector import ConnectorConfig, Need
from andon.connectors.log_levels import LevelCounts, thinned, wanted
from andon.connectors.log_records import log_record
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.telemetry import LogRecord, Logs, Result, Status, Window

__all__ = ["CloudWatchLogsConfig", "CloudWatchLogsConnector"]

_AIMED_ROWS = 5_000
"""Rows aimed at in one query: half of what it may return, for records are not spread evenly."""
_FINEST = 0.001
"""Seconds: the resolution of the times of records."""
_NOTHING = Rows((), 0.0, 0, 0.0)


class CloudWatchLogsConfig(AwsConfig):
    """`price_per_gb` (US dollars) and `scan_bytes` (none starts beyond) are about what queries scan."""

    scope: LogsScope
    price_per_gb: float = Field(0.005, ge=0)
    scan_bytes: float = Field(50e9, gt=0)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Groups of one owner that are queried together; `place` is where, `origin` whose records they are."""

    place: Place
    origin: Place
    groups: tuple[LogGroup, ...]
    counts: LevelCounts
    severe: float = 0.0

    @property
    def mild(self) -> float:
        return max(0.0, self.counts.total - self.severe)


class CloudWatchLogsConnector(AwsConnector):
    """Records of the log groups of a scope, per account and region."""

    kind = "cloudwatch-logs"
    title = "CloudWatch Logs"
    signals = (Signal.LOGS,)
    proved = "an imitation"
    actions = ("logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StartQuery", "logs:StopQuery")
    Config: ClassVar[type[ConnectorConfig]] = CloudWatchLogsConfig
    config: CloudWatchLogsConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.insights = Insights(
            self.api,
            self.config.scope,
            name,
            scan_bytes=self.config.scan_bytes,
            price_per_gb=self.config.price_per_gb,
        )

    def probes(self) -> tuple[Probe, ...]:
        return ("log groups", self._groups_told), ("queries", self._query_told)

    def logs(self, need: Need) -> Result[Logs]:
        reading = Reading(self.name)

        def count(place: Place, found: list[_Batch]) -> None:
            self._count(reading, place, need, found)

        batches = self.everywhere(reading, count)
        tasks = [
            partial(self._records, reading, *piece)
            for batch, severe, mild in self._allotted(reading, batches, need)
            for piece in _pieces(batch, need.window, severe, mild, self.config.limits.slices)
        ]
        lists = self.session.together(tasks, min(AT_ONCE, self.config.limits.requests_at_once))
        records = sorted((one for found in lists for one in found), key=lambda record: record.time)
        if len(records) > need.items:
            reading.lacking(
                Status.TRUNCATED, f"more than the {need.items:,} records wanted; an even part was kept"
            )
        return reading.result(Logs.of(thinned(records, need.items)), min(len(records), need.items))

    def _count(self, reading: Reading, place: Place, need: Need, found: list[_Batch]) -> None:
        """How many records of each level every batch of groups holds."""
        for origin, groups in self._batches(reading, place, need):
            answer = self._asked(reading, place, origin, groups, count_by_level(), need.window)
            counted = [
                ({name: row[name] for name in LEVELS if name in row}, _number(row.get("n")))
                for row in answer.rows
            ]
            if len(counted) >= MOST_ROWS:
                reading.lacking(Status.TRUNCATED, "too many levels to count them all", place=str(origin))
            found.append(_Batch(place, origin, groups, LevelCounts.of(counted, LEVELS)))

    def _batches(
        self, reading: Reading, place: Place, need: Need
    ) -> Iterator[tuple[Place, tuple[LogGroup, ...]]]:
        """The groups that may hold records of the window, by owner, at most 50 together."""
        self.api.identity(place.account, place.region)
        groups = groups_in(self.api, place, self.config.scope)
        reading.fetched(
            f"DescribeLogGroups {', '.join(self.config.scope.log_groups)}",
            place=str(place),
            items=len(groups),
        )
        named = [group for group in groups if service_of_group(group.name) in need.services]
        if {service_of_group(group.name) for group in named} == set(need.services):
            groups = named or groups
        now = self.now()
        for group in groups:
            if group.kept_days and group.since(now) > need.window.start and group.made < need.window.start:
                message = f"{group.name} keeps {group.kept_days} days, less than the window goes back"
                reading.lacking(Status.TRUNCATED, message, place=str(place))
        held = [group for group in groups if group.since(now) < need.window.end]
        for owner in sorted({group.account for group in held}):
            own = [group for group in held if group.account == owner]
            for first in range(0, len(own), MOST_GROUPS):
                yield Place(owner, place.region), tuple(own[first : first + MOST_GROUPS])

    def _allotted(
        self, reading: Reading, batches: Sequence[_Batch], need: Need
    ) -> Iterator[tuple[_Batch, float, float]]:
        """Each batch with the parts (0 to 1) of its severe and of its mild records that are read."""
        if sum(batch.counts.total for batch in batches) <= need.items:
            yield from ((batch, 1.0, 1.0) for batch in batches)
            return
        tasks = [partial(self._split, reading, batch, need.window) for batch in batches]
        batches = self.session.together(tasks, self.config.limits.requests_at_once)
        severe, mild = (sum(getattr(batch, name) for batch in batches) for name in ("severe", "mild"))
        of_severe, of_mild = wanted(severe, mild, need.items)
        for batch in batches:
            yield batch, of_severe / severe if severe else 0.0, of_mild / mild if mild else 0.0

    def _split(self, reading: Reading, batch: _Batch, window: Window) -> _Batch:
        """With the number of severe records; those without a level are told apart by their words."""
        severe = sum(batch.counts.severe.values())
        if batch.counts.unknown:
            with reading.part(str(batch.origin)):
                text = count_of(severe_filter(batch.counts))
                answer = self._asked(reading, batch.place, batch.origin, batch.groups, text, window)
                severe = _number(answer.rows[0].get("n")) if answer.rows else 0.0
        return replace(batch, severe=severe)

    def _records(
        self, reading: Reading, batch: _Batch, matching: str, windows: Sequence[Window], share: float
    ) -> list[LogRecord]:
        """The records of some windows that match; where a query returns all it may, the next begins with its last moment."""
        found = list[LogRecord]()
        with reading.part(str(batch.origin)):
            while windows:
                hull, text = (
                    Window(windows[0].start, windows[-1].end),
                    records_of(matching, windows, MOST_ROWS),
                )
                answer = self._asked(reading, batch.place, batch.origin, batch.groups, text, hull, share)
                records = [
                    one for row in answer.rows if (one := self._record(reading, batch, row)) is not None
                ]
                inside = [one for one in records if any(one.time in window for window in windows)]
                if len(answer.rows) < MOST_ROWS or not records:
                    return found + inside
                last = max(one.time for one in records)
                if last <= windows[0].start:
                    message = f"more than {MOST_ROWS:,} records at one moment"
                    reading.lacking(Status.TRUNCATED, message, place=str(batch.origin))
                    found, last = found + inside, last + _FINEST
                else:
                    found += [one for one in inside if one.time < last]
                windows = _since(windows, last)
        return found

    def _record(self, reading: Reading, batch: _Batch, row: Any) -> LogRecord | None:
        account, _, name = row.get("@log", "").partition(":")
        try:
            time = datetime.fromisoformat(row["@timestamp"]).replace(tzinfo=UTC).timestamp()
        except (KeyError, ValueError):
            reading.lacking(Status.PARTIAL, "a record without a time was left out", place=str(batch.origin))
            return None
        if not any(group.account == account and group.name == name for group in batch.groups):
            reading.lacking(
                Status.DENIED, "a record of another log group was left out", place=str(batch.origin)
            )
            return None
        stream = {"aws.log.group": name, "aws.log.stream": row.get("@logStream", ""), "aws.account": account}
        record = log_record(time, row.get("@message", "").rstrip("\n"), stream)
        return record if record.service else replace(record, service=service_of_group(name))

    def _asked(
        self,
        reading: Reading,
        place: Place,
        origin: Place,
        groups: Sequence[LogGroup],
        text: str,
        window: Window,
        share: float = 1.0,
    ) -> Rows:
        if not window.seconds:
            return _NOTHING
        answer = self.insights.run(place, groups, text, window)
        told = f"{text} [{len(groups)} groups, {self.insights.cost(answer.scanned)}]"
        reading.fetched(told, place=str(origin), items=len(answer.rows), size=answer.size, share=share)
        return answer

    def _groups_told(self, place: Place) -> str:
        groups = groups_in(self.api, place, self.config.scope)
        if not groups:
            raise Unanswered(
                f"no log group like {', '.join(self.config.scope.log_groups)}", hint="check scope.log_groups"
            )
        return f"{len(groups)} in scope"

    def _query_told(self, place: Place) -> str:
        groups = groups_in(self.api, place, self.config.scope)
        if not groups:
            return "no log group to try one on"
        self.insights.try_out(place, groups[0], Window(self.now() - 1, self.now()))
        return "can be started and stopped"


def _pieces(
    batch: _Batch, window: Window, severe: float, mild: float, slices: int
) -> Iterator[tuple[_Batch, str, Sequence[Window], float]]:
    """The queries for the records of a batch: batch, filter, windows, and the share of all that these are."""
    if severe >= 1 and mild >= 1:
        strata = [("", batch.counts.total, 1.0)]
    else:
        strata = [
            (severe_filter(batch.counts), batch.severe, severe),
            (mild_filter(batch.counts), batch.mild, mild),
        ]
    for matching, there, part in strata:
        if there <= 0 or part <= 0:
            continue
        taken = sample(window, there, math.ceil(there * part), slices)
        queries = max(1, math.ceil(there * taken.share / _AIMED_ROWS))
        windows = _cut(window, queries) if taken.share == 1.0 else list(taken.windows)
        each = math.ceil(len(windows) / queries)
        for first in range(0, len(windows), each):
            yield batch, matching, windows[first : first + each], taken.share


def _cut(window: Window, parts: int) -> list[Window]:
    borders = [window.start + window.seconds * i / parts for i in range(parts)] + [window.end]
    return [Window(a, b) for a, b in pairwise(borders)]


def _since(windows: Sequence[Window], time: float) -> list[Window]:
    """What is left of the windows from a moment on."""
    return [Window(max(one.start, time), one.end) for one in windows if one.end > time]


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0
