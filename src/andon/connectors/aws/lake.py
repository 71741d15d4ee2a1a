"""CloudTrail Lake: changes from an event data store, asked in SQL.

A store may hold the events of many accounts and regions, for years; what a query scans is paid for. The column `eventJson`
holds the whole record, as public projects use it; the schema page of the documentation does not list it.
Source: AWS CloudTrail API reference, `StartQuery` and `GetQueryResults`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from math import ceil, floor
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import Field

from andon.connectors.aws.api import Answer
from andon.connectors.aws.cloudtrail import change_in, latest_first
from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.aws.connector import AwsConnector, Probe
from andon.connectors.connector import Check, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire.connector import clock_check, tried
from andon.telemetry import ChangeEvent, Result, Status, Window

__all__ = ["CloudTrailLakeConfig", "CloudTrailLakeConnector"]

_STORE = re.compile(r"arn:aws[\w-]*:cloudtrail:([a-z0-9-]+):(\d{12}):eventdatastore/([0-9a-f-]{36})")
_PAGE = 1000
_ID, _SHORTEST_TOKEN = 36, 4
"""Characters, as the API states them."""
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.2, 3.0, 1.5
_LAST_WORDS = 1.0
_GB = 1e9


class CloudTrailLakeConfig(AwsConfig):
    """`event_data_store` is an ARN; its account is entered. The scope says whose events may be read from it."""

    event_data_store: Annotated[str, Field(pattern=f"^{_STORE.pattern}$")]
    price_per_gb: float = Field(0.005, ge=0, description="US dollars for a GB that a query scans")

    @property
    def store(self) -> tuple[Place, str]:
        """Where the event data store lies, and its id."""
        match = _STORE.fullmatch(self.event_data_store)
        assert match is not None
        return Place(match[2], match[1]), match[3]


class CloudTrailLakeConnector(AwsConnector):
    """Calls that were not read-only, from an event data store."""

    kind = "cloudtrail-lake"
    title = "AWS CloudTrail Lake"
    signals = (Signal.CHANGES,)
    proved = "an imitation"
    actions = (
        "cloudtrail:CancelQuery",
        "cloudtrail:GetQueryResults",
        "cloudtrail:StartQuery",
    )
    Config: ClassVar[type[ConnectorConfig]] = CloudTrailLakeConfig
    config: CloudTrailLakeConfig

    def probes(self) -> tuple[Probe, ...]:
        return (("changes", self._tried_out),)

    def check(self) -> tuple[Check, ...]:
        """Only where the store lies: the other accounts are not entered."""
        place, _ = self.config.store
        entered = tried(
            f"sign-in {place.account}", lambda: f"as {self.api.identity(place.account, place.region).who}"
        )
        found = [tried(f"{what} {place}", partial(ask, place)) for what, ask in self.probes()]
        return entered, *found, clock_check(self.api.skew)

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading, found = Reading(self.name), list[ChangeEvent]()
        place, _ = self.config.store
        with reading.part(str(place)):
            self._read(reading, place, need.window, found)
        changes = latest_first(found)[::-1]
        return reading.result(tuple(changes), len(changes))

    def _read(self, reading: Reading, place: Place, window: Window, found: list[ChangeEvent]) -> None:
        text = self._sql(window)
        for answer in self.session.once((self.name, text), lambda: list(self._run(place, text))):
            rows = answer.items("QueryResultRows")
            scanned = _number((answer.value.get("QueryStatistics") or {}).get("BytesScanned"))
            cost = f"scanned {scanned / _GB:,.3f} GB, {scanned / _GB * self.config.price_per_gb:.4f} USD"
            reading.fetched(f"{text} [{cost}]", place=str(place), items=len(rows), size=answer.size)
            for row in rows:
                self._keep(reading, place, _record(row), window, found)
            if len(found) >= self.config.limits.items:
                message = f"more than {self.config.limits.items:,} changes: the earlier ones were left out"
                reading.lacking(Status.TRUNCATED, message, place=str(place), hint="raise limits.items")
                return

    def _keep(
        self,
        reading: Reading,
        place: Place,
        record: Mapping[str, Any],
        window: Window,
        found: list[ChangeEvent],
    ) -> None:
        change, scope = change_in(record), self.config.scope
        if change is None:
            message = "an event without eventTime and eventName left out"
            reading.lacking(Status.PARTIAL, message, place=str(place))
        elif (
            record.get("recipientAccountId") not in scope.accounts
            or record.get("awsRegion") not in scope.regions
        ):
            message = f"an event of {change.origin} was answered and left out"
            reading.lacking(Status.DENIED, message, place=str(place))
        elif change.time in window:
            found.append(change)

    def _sql(self, window: Window) -> str:
        """All that is written into it was checked: a UUID, times, twelve digits, names of regions."""
        _, store = self.config.store
        accounts, regions = (
            _listed(names) for names in (self.config.scope.accounts, self.config.scope.regions)
        )
        return (
            f"SELECT eventJson FROM {store} "  # noqa: S608
            f"WHERE eventTime >= '{_written(floor(window.start))}' AND eventTime < '{_written(ceil(window.end))}' "
            f"AND readOnly = false AND recipientAccountId IN ({accounts}) AND awsRegion IN ({regions}) "
            "ORDER BY eventTime DESC"
        )

    def _run(self, place: Place, text: str) -> Iterator[Answer]:
        """The pages of the answer; a query that nobody waits for any more is cancelled."""
        query, ended = self._started(place, text), False
        try:
            answer = self._awaited(place, query)
            ended = True
        finally:
            if not ended:
                with contextlib.suppress(Unanswered), Session(_LAST_WORDS) as last:
                    self.api.on(last).ask(place, "cloudtrail", "cancel_query", fresh=True, QueryId=query)
        yield answer
        seen = set[str]()
        while len(token := str(answer.value.get("NextToken") or "")) >= _SHORTEST_TOKEN and token not in seen:
            seen.add(token)
            answer = self._page(place, query, NextToken=token)
            yield answer

    def _started(self, place: Place, text: str) -> str:
        query = self.api.ask(place, "cloudtrail", "start_query", fresh=True, QueryStatement=text).value.get(
            "QueryId"
        )
        if not isinstance(query, str) or len(query) != _ID:
            raise Unanswered("answers, but not as AWS does", hint="check `endpoint`")
        return query

    def _awaited(self, place: Place, query: str) -> Answer:
        pause = _FIRST_PAUSE
        while True:
            answer = self._page(place, query)
            status = answer.value.get("QueryStatus")
            if status == "FINISHED":
                return answer
            if status not in ("QUEUED", "RUNNING"):
                words = answer.value.get("ErrorMessage") or ""
                raise Unanswered(
                    f"a query ended as {status} {words}".strip() if status else "answers, but not as AWS does"
                )
            self.session.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)

    def _page(self, place: Place, query: str, **params: Any) -> Answer:
        return self.api.ask(
            place,
            "cloudtrail",
            "get_query_results",
            fresh=True,
            QueryId=query,
            MaxQueryResults=_PAGE,
            **params,
        )

    def _tried_out(self, place: Place) -> str:
        """Starts a query of one minute, looks at it and cancels it, so that each permission is tried."""
        query = self._started(place, self._sql(Window(self.now() - 60, self.now())))
        self._page(place, query)
        try:
            self.api.ask(place, "cloudtrail", "cancel_query", fresh=True, QueryId=query)
        except Unanswered as gap:
            if gap.status is Status.DENIED:
                raise
        return "can be asked"


def _record(row: Any) -> dict[str, Any]:
    """The record in a row, which is a list of one mapping of column to text."""
    try:
        value = orjson.loads(next(cell["eventJson"] for cell in row if "eventJson" in cell))
    except (orjson.JSONDecodeError, StopIteration, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def _listed(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _written(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
