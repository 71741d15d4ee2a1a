"""CloudTrail Lake: an event data store that is asked in the SQL that andon sends.

One `SELECT eventJson` with bounds of eventTime, readOnly, and lists of accounts and regions, in any order; anything else is
refused. Queries are queued, run, and finish; 1,000 rows a page; ten queries at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from andon.testing.imitations.aws.cloudtrail import CloudTrailRecords, record_of
from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal

__all__ = ["STORE", "CloudTrailLakeImitation"]

STORE = "arn:aws:cloudtrail:eu-central-1:111122223333:eventdatastore/6f1c0f2e-4a51-4f0c-9a75-0a8f6a3f0001"
_QUERY = re.compile(r"SELECT eventJson FROM ([0-9a-f-]{36}) WHERE (.+) ORDER BY eventTime DESC")
_TIME = re.compile(r"eventTime (>=|<) '(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'")
_LIST = re.compile(r"(recipientAccountId|awsRegion) IN \(((?:'[\w-]+'(?:, )?)+)\)")
_PAGE, _AT_ONCE = 1000, 10

Condition = Callable[[Mapping[str, Any]], bool]


@dataclass
class _Query:
    rows: Sequence[str]
    scanned: int
    polls: int
    done: bool = False


class CloudTrailLakeImitation(AwsImitation):
    """Holds records of accounts and regions in one store, `STORE`; `ends` is how every query ends."""

    def __init__(
        self, records: CloudTrailRecords, *, polls: int = 2, ends: str = "FINISHED", **options: Any
    ) -> None:
        super().__init__(**options)
        self.records: list[dict[str, Any]] = [
            record_of(one, account, region)
            for account, regions in records.items()
            for region, held in regions.items()
            for one in held
        ]
        self.polls, self.ends = polls, ends
        self.cancelled: list[str] = []
        self._queries: dict[str, _Query] = {}

    def operate(self, call: Call) -> Any:
        if call.place != tuple(reversed(STORE.split(":")[3:5])):
            raise Refusal("EventDataStoreNotFoundException", "no such store in this account and region")
        match call.operation:
            case "StartQuery":
                return self._start(call.params["QueryStatement"])
            case "GetQueryResults":
                return self._results(call.params)
            case "CancelQuery":
                return self._cancel(call.params["QueryId"])
        raise Refusal("InvalidAction", call.operation)

    def _start(self, text: str) -> Any:
        conditions = _parsed(text)
        found = [one for one in self.records if all(holds(one) for holds in conditions)]
        found.sort(key=lambda one: str(one["eventTime"]), reverse=True)
        rows = [orjson.dumps(one).decode() for one in found]
        with self.lock:
            if sum(1 for one in self._queries.values() if not one.done) >= _AT_ONCE:
                raise Refusal("MaxConcurrentQueriesException", "too many queries")
            name = f"00000000-0000-0000-0000-{len(self._queries):012d}"
            scanned = sum(len(orjson.dumps(one)) for one in self.records)
            self._queries[name] = _Query(rows, scanned, self.polls)
        return {"QueryId": name}

    def _results(self, params: Mapping[str, Any]) -> Any:
        with self.lock:
            query = self._queries.get(params["QueryId"])
            if query is None:
                raise Refusal("QueryIdNotFoundException")
            query.polls -= 1
            if query.polls >= 0:
                return {"QueryStatus": "QUEUED" if query.polls else "RUNNING", "QueryResultRows": []}
            query.done = True
        if self.ends != "FINISHED":
            return {"QueryStatus": self.ends, "ErrorMessage": "it went wrong", "QueryResultRows": []}
        first, size = int(params.get("NextToken", 0)), params.get("MaxQueryResults", _PAGE)
        if not 1 <= size <= _PAGE:
            raise Refusal("InvalidMaxResultsException")
        more = {"NextToken": str(first + size)} if first + size < len(query.rows) else {}
        return {
            "QueryStatus": "FINISHED",
            "QueryStatistics": {
                "ResultsCount": len(query.rows),
                "TotalResultsCount": len(query.rows),
                "BytesScanned": query.scanned,
            },
            "QueryResultRows": [[{"eventJson": row}] for row in query.rows[first : first + size]],
        } | more

    def _cancel(self, name: str) -> Any:
        with self.lock:
            query = self._queries.get(name)
            if query is None or query.done:
                raise Refusal("InactiveQueryException", "the query has ended")
            query.done = True
            self.cancelled.append(name)
        return {"QueryId": name, "QueryStatus": "CANCELLED"}


def _parsed(text: str) -> list[Condition]:
    """The conditions of a query; raises Refusal for one that is not in this part of SQL."""
    match = _QUERY.fullmatch(text)
    if match is None or match[1] != STORE.rpartition("/")[2]:
        raise Refusal("InvalidQueryStatementException", text[:80])
    return [_condition(part) for part in match[2].split(" AND ")]


def _condition(part: str) -> Condition:
    if part == "readOnly = false":
        return lambda record: record.get("readOnly") in (False, "false")
    if bound := _TIME.fullmatch(part):
        moment = datetime.fromisoformat(bound[2]).replace(tzinfo=UTC)
        if bound[1] == "<":
            return lambda record: datetime.fromisoformat(str(record["eventTime"])) < moment
        return lambda record: datetime.fromisoformat(str(record["eventTime"])) >= moment
    if listed := _LIST.fullmatch(part):
        field, values = listed[1], re.findall(r"'([\w-]+)'", listed[2])
        return lambda record: record.get(field) in values
    raise Refusal("InvalidQueryStatementException", part[:80])
