"""CloudWatch Logs: log groups and Logs Insights queries, with their quotas.

50 groups and 10,000 rows a query, 30 queries at once in an account, whole seconds with both ends included; a query
is scheduled, then runs, then is complete. Records lie in groups of an account and a region; a monitoring account
sees those of the accounts that are linked to it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from andon.testing.imitations.aws.insights_query import BadQuery, Query, Row
from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal

__all__ = ["HeldGroup", "LogsImitation"]

_MOST_GROUPS, _MOST_ROWS, _AT_ONCE = 50, 10_000, 30


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """A log group: records as (Unix seconds, message), when it was made, how many days it keeps (0: for ever)."""

    records: Sequence[tuple[float, str]]
    made: float = 0.0
    kept_days: int = 0
    kind: str = "STANDARD"


@dataclass
class _Running:
    place: tuple[str, str]
    answer: dict[str, Any]
    polls: int
    ends: str = "Complete"
    done: bool = False


class LogsImitation(AwsImitation):
    """`groups`: account to region to name to group. `linked`: monitoring account to the accounts that it sees.

    `polls` is how often a query is looked at before it is complete; `ends` how every query ends. `stopped` are the
    queries that were stopped while they ran.
    """

    def __init__(
        self,
        groups: Mapping[str, Mapping[str, Mapping[str, HeldGroup]]],
        *,
        linked: Mapping[str, Collection[str]] | None = None,
        polls: int = 2,
        ends: str = "Complete",
        at_once: int = _AT_ONCE,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.groups = groups
        self.linked = dict(linked or {})
        self.polls, self.ends, self.at_once = polls, ends, at_once
        self.queries: list[str] = []
        self.stopped: list[str] = []
        self.scanned = 0.0
        self._running: dict[str, _Running] = {}

    def operate(self, call: Call) -> Any:
        match call.operation:
            case "DescribeLogGroups":
                return self._describe(call)
            case "StartQuery":
                return self._start(call)
            case "GetQueryResults":
                return self._results(call)
            case "StopQuery":
                return self._stop(call)
        raise Refusal("InvalidAction", call.operation)

    def _describe(self, call: Call) -> Any:
        params = call.params
        size, first = params.get("limit", 50), int(params.get("nextToken", 0))
        if not 1 <= size <= _MOST_GROUPS:
            raise Refusal("InvalidParameterException", "limit must be between 1 and 50")
        seen = {call.account}
        if params.get("includeLinkedAccounts"):
            seen |= set(self.linked.get(call.account, ())) & set(params.get("accountIdentifiers", ()))
        found = [
            {
                "logGroupName": name,
                "arn": f"{_arn(account, call.region, name)}:*",
                "creationTime": int(group.made * 1000),
                "logGroupClass": group.kind,
                **({"retentionInDays": group.kept_days} if group.kept_days else {}),
            }
            for account in sorted(seen)
            for name, group in sorted(self.groups.get(account, {}).get(call.region, {}).items())
            if name.startswith(params.get("logGroupNamePrefix", ""))
        ]
        more = {"nextToken": str(first + size)} if first + size < len(found) else {}
        return {"logGroups": found[first : first + size]} | more

    def _start(self, call: Call) -> Any:
        params, arns = call.params, call.params.get("logGroupIdentifiers") or []
        if not 1 <= len(arns) <= _MOST_GROUPS:
            raise Refusal("InvalidParameterException", "between 1 and 50 log groups")
        limit = params.get("limit", 10_000)
        if not 1 <= limit <= _MOST_ROWS or params["startTime"] > params["endTime"]:
            raise Refusal("InvalidParameterException", "limit, or the time range")
        rows, scanned = self._rows(call, arns, params["startTime"], params["endTime"])
        try:
            query = Query(params["queryString"])
            found = query.run(rows, limit)
        except BadQuery as error:
            raise Refusal("MalformedQueryException", str(error)) from error
        statistics = {"recordsMatched": query.matched, "recordsScanned": len(rows), "bytesScanned": scanned}
        cells = [[{"field": name, "value": value} for name, value in row.items()] for row in found]
        with self.lock:
            held = [one for one in self._running.values() if one.place == call.place and not one.done]
            if len(held) >= self.at_once:
                raise Refusal("LimitExceededException", "Account maximum query concurrency limit reached")
            name = f"query-{len(self._running)}"
            answer = {"results": cells, "statistics": statistics}
            self._running[name] = _Running(call.place, answer, self.polls, self.ends)
            self.queries.append(params["queryString"])
            self.scanned += scanned
        return {"queryId": name}

    def _rows(self, call: Call, arns: Sequence[str], start: int, end: int) -> tuple[list[Row], float]:
        """The records of the groups between two moments, both included, and the bytes that were read for them."""
        rows: list[Row] = []
        seen = {call.account, *self.linked.get(call.account, ())}
        for arn in arns:
            parts = arn.split(":", 6)
            account, name = (parts[4], parts[6]) if len(parts) == 7 else (call.account, arn)
            group = self.groups.get(account, {}).get(call.region, {}).get(name)
            if group is None or account not in seen:
                raise Refusal("ResourceNotFoundException", f"Log group {arn} does not exist")
            oldest = max(group.made, self.now() - group.kept_days * 86_400 if group.kept_days else 0.0)
            if end < oldest:
                raise Refusal(
                    "MalformedQueryException", "end date is before the log group's creation or retention"
                )
            rows += [
                _row(account, name, number, moment, message)
                for number, (moment, message) in enumerate(group.records)
                if max(start, oldest) <= moment <= end
            ]
        rows.sort(key=lambda row: row["@timestamp"], reverse=True)
        return rows, float(sum(len(row["@message"].encode()) for row in rows))

    def _results(self, call: Call) -> Any:
        with self.lock:
            query = self._running.get(call.params["queryId"])
            if query is None or query.place != call.place:
                raise Refusal("ResourceNotFoundException", "no such query")
            query.polls -= 1
            if query.polls >= 0:
                status = "Scheduled" if query.polls == self.polls - 1 else "Running"
                return {"status": status, "results": [], "statistics": {}}
            query.done = True
            if query.ends != "Complete":
                return {"status": query.ends, "results": [], "statistics": {}}
            return {"status": "Complete"} | query.answer

    def _stop(self, call: Call) -> Any:
        with self.lock:
            query = self._running.get(call.params["queryId"])
            if query is None or query.done:
                raise Refusal("InvalidParameterException", "The query has ended")
            query.done = True
            self.stopped.append(call.params["queryId"])
        return {"success": True}


def _arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def _row(account: str, name: str, number: int, moment: float, message: str) -> Row:
    try:
        value = orjson.loads(message) if message.startswith("{") else {}
    except orjson.JSONDecodeError:
        value = {}
    fields = {key: one for key, one in value.items() if isinstance(one, str | int | float)}
    return fields | {
        "@timestamp": round(moment * 1000),
        "@message": message,
        "@log": f"{account}:{name}",
        "@logStream": "stream-0",
        "@ptr": f"{account}{name}{number}",
        "@ingestionTime": round(time.time() * 1000),
    }
