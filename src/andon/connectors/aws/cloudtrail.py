"""CloudTrail's event history: what people and programs changed through AWS' control plane.

The history is kept for 90 days in each account and region, shows management events only, a few minutes after they
happened. `LookupEvents` takes one attribute, gives 50 events a page and allows two requests a second in each
account and region. Source: AWS CloudTrail API reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from andon.connectors.aws.config import Place
from andon.connectors.aws.connector import AwsConnector, Probe
from andon.connectors.connector import Check, CheckState, Need
from andon.connectors.files.changes import change_of
from andon.connectors.files.times import TimeParser
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.telemetry import ChangeEvent, Result, Status, Window, isoformat

__all__ = ["CloudTrailConnector", "change_in", "latest_first"]

_KEPT = 90 * 86_400.0
_LATE = 900.0
"""Seconds within which an event is usually shown; the documentation says about five minutes on average."""
_PAGE = 50
_GLOBAL = "us-east-1"
"""Where IAM, STS, Route 53, CloudFront and other services without a region write their events."""


class CloudTrailConnector(AwsConnector):
    """Calls that were not read-only, from the event history of each account and region."""

    kind = "cloudtrail"
    title = "AWS CloudTrail"
    signals = (Signal.CHANGES,)
    proved = "an imitation"
    actions = ("cloudtrail:LookupEvents",)
    rates: ClassVar[dict[str, float | None]] = {"cloudtrail": 2.0}

    def probes(self) -> tuple[Probe, ...]:
        return (("changes", self._latest),)

    def notes(self) -> tuple[Check, ...]:
        late = "the last 90 days are kept; events show about 5, at times 15 minutes late"
        history = Check("history", CheckState.OK, late)
        if _GLOBAL in self.config.scope.regions:
            return (history,)
        missing = Check(
            "global services",
            CheckState.WARNING,
            f"changes of IAM, Route 53, CloudFront and STS are written in {_GLOBAL}, which is not read",
            f"add {_GLOBAL} to scope.regions",
        )
        return history, missing

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)

        def read(place: Place, found: list[ChangeEvent]) -> None:
            self._read(reading, place, need.window, found)

        found = latest_first(self.everywhere(reading, read))[::-1]
        return reading.result(tuple(found), len(found))

    def _read(self, reading: Reading, place: Place, window: Window, found: list[ChangeEvent]) -> None:
        """All pages of the window, the latest events first."""
        self.api.identity(place.account, place.region)
        window = self._kept(reading, place, window)
        if window.seconds <= 0:
            return
        query = f"LookupEvents ReadOnly=false {isoformat(window.start)} to {isoformat(math.ceil(window.end))}"
        if window.end > self.now() - _LATE:
            query += " (events of the last 15 minutes may not be shown yet)"
        for answer in self.api.pages(place, "cloudtrail", "lookup_events", **_lookup(window)):
            events = answer.items("Events")
            reading.fetched(query, place=str(place), items=len(events), size=answer.size)
            for event in events:
                self._keep(reading, place, event, window, found)
            if len(found) >= self.config.limits.items and answer.value.get("NextToken"):
                reading.lacking(
                    Status.TRUNCATED,
                    f"more than {self.config.limits.items:,} changes: the earlier ones were not fetched",
                    place=str(place),
                    hint="look at a shorter time, or raise limits.items",
                )
                return

    def _kept(self, reading: Reading, place: Place, window: Window) -> Window:
        """The part of the window that the event history still holds."""
        oldest = self.now() - _KEPT
        if window.start >= oldest:
            return window
        reading.lacking(
            Status.TRUNCATED,
            f"the event history begins 90 days ago, at {isoformat(oldest)}",
            place=str(place),
            hint="for earlier changes, read a trail's files or CloudTrail Lake",
        )
        return Window(min(oldest, window.end), window.end)

    def _keep(
        self, reading: Reading, place: Place, event: Any, window: Window, found: list[ChangeEvent]
    ) -> None:
        record = _record(event)
        change = change_in(record)
        if change is None:
            reading.lacking(
                Status.PARTIAL, "an event without eventTime and eventName left out", place=str(place)
            )
        elif change.origin not in ("", str(place)):
            reading.lacking(
                Status.DENIED, f"an event of {change.origin} was answered and left out", place=str(place)
            )
        elif change.time in window:
            found.append(change if change.origin else replace(change, origin=str(place)))

    def _latest(self, place: Place) -> str:
        answer = self.api.ask(
            place,
            "cloudtrail",
            "lookup_events",
            **_lookup(Window(self.now() - 86_400, self.now())),
            fresh=True,
        )
        count = len(answer.items("Events"))
        more = " or more" if answer.value.get("NextToken") else ""
        return f"{count}{more} in the last day"


def change_in(record: Mapping[str, Any]) -> ChangeEvent | None:
    """A CloudTrail record as a change event, the same as from a file; None without eventTime and eventName."""
    time, name = TimeParser()(record.get("eventTime")), record.get("eventName")
    if math.isnan(time) or not isinstance(name, str) or not name:
        return None
    return change_of(record, time, name)


def latest_first(changes: list[ChangeEvent]) -> list[ChangeEvent]:
    """Each event once, the latest first."""
    unique = {(change.origin, change.id): change for change in changes}
    return sorted(unique.values(), key=lambda change: (change.time, change.id), reverse=True)


def _lookup(window: Window) -> dict[str, Any]:
    """The API takes whole seconds, both ends included."""
    return {
        "LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
        "StartTime": datetime.fromtimestamp(math.floor(window.start), UTC),
        "EndTime": datetime.fromtimestamp(math.ceil(window.end), UTC),
        "MaxResults": _PAGE,
    }


def _record(event: Any) -> dict[str, Any]:
    """The record inside an event, which is JSON in a text."""
    try:
        value = orjson.loads(event["CloudTrailEvent"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}
