"""VictoriaLogs' HTTP API in front of records in memory.

Source: VictoriaLogs' documentation on querying: JSON lines in no order unless `limit` asks for the newest, tenants by the
headers `AccountID` and `ProjectID`, `extra_filters`, `-search.maxQueryTimeRange`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.victorialogs.logsql import LogsQlError, LogsQuery, parsed, parsed_filter

__all__ = ["VictoriaLogsImitation", "VictoriaLogsRecord"]

Tenant = tuple[int, int]


@dataclass(frozen=True, slots=True)
class VictoriaLogsRecord:
    """One record: Unix nanoseconds, message, further fields."""

    ns: int
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)


class VictoriaLogsImitation(Imitation):
    """Holds records for each tenant `(AccountID, ProjectID)`; those that are given without one are of `(0, 0)`.

    `max_query_time_range` is in seconds, 0 for none.
    """

    def __init__(
        self,
        records: Iterable[VictoriaLogsRecord] = (),
        *,
        tenants: Mapping[Tenant, Iterable[VictoriaLogsRecord]] | None = None,
        max_query_time_range: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        held = tenants or {(0, 0): records}
        self.tenants = {name: sorted(rows, key=lambda row: row.ns) for name, rows in held.items()}
        self.max_query_time_range = max_query_time_range

    def answer(self, asked: Asked) -> Told:
        params = dict(asked.params) | asked.form()
        try:
            tenant = int(asked.headers.get("accountid", 0)), int(asked.headers.get("projectid", 0))
            query = parsed(params.get("query", ""))
            self._expect_short(query)
            extra = params.get("extra_filters", "")
            admits = parsed_filter(extra) if extra else None
            rows = [
                (row, fields)
                for row, fields in self._matching(tenant, query)
                if admits is None or admits(row.ns, fields)
            ]
            match asked.path:
                case "/select/logsql/query":
                    return _lines(rows, int(params.get("limit", 0)))
                case "/select/logsql/stats_query":
                    return _vector(rows, query, params.get("time", "0"))
                case "/select/logsql/field_names":
                    return _field_names(rows)
        except (LogsQlError, ValueError) as error:
            return Told(400, str(error).encode(), {"content-type": "text/plain; charset=utf-8"})
        return Told(404, b"unsupported path requested")

    def _expect_short(self, query: LogsQuery) -> None:
        most = self.max_query_time_range
        if most and query.end - query.start > most * 1e9:
            raise LogsQlError(
                f"too big time range selected: [{query.start}, {query.end}]; it cannot exceed "
                f"-search.maxQueryTimeRange={most:g}s"
            )

    def _matching(
        self, tenant: Tenant, query: LogsQuery
    ) -> Iterator[tuple[VictoriaLogsRecord, Mapping[str, str]]]:
        rows = self.tenants.get(tenant, [])
        low = bisect_left(rows, query.start, key=lambda row: row.ns)
        high = bisect_left(rows, query.end, key=lambda row: row.ns)
        for row in rows[low:high]:
            fields = {**row.fields, "_msg": row.message}
            if query.admits(row.ns, fields):
                yield row, fields


def _lines(rows: list[tuple[VictoriaLogsRecord, Mapping[str, str]]], limit: int) -> Told:
    """JSON lines: the newest ones when limited, else in an order that is none."""
    chosen = rows[-limit:] if limit else rows[1::2] + rows[::2]
    lines = [
        orjson.dumps({"_time": _written(row.ns), "_stream": "{}", "_stream_id": "0", **fields})
        for row, fields in chosen
    ]
    body = b"\n".join(lines) + b"\n" if lines else b""
    return Told(200, body, {"content-type": "application/stream+json"})


def _vector(rows: list[tuple[VictoriaLogsRecord, Mapping[str, str]]], query: LogsQuery, time: str) -> Told:
    if query.stats is None:
        raise LogsQlError("missing `| stats ...` pipe")
    totals: dict[tuple[str, ...], list[int]] = {}
    for _, fields in rows:
        key = tuple(fields.get(name, "") for name in query.stats.by)
        sums = totals.setdefault(key, [0] * len(query.stats.functions))
        for i, (of, _) in enumerate(query.stats.functions):
            sums[i] += len(fields.get(of, "").encode()) if of else 1
    if not query.stats.by and not totals:
        totals[()] = [0] * len(query.stats.functions)
    result = [
        {
            "metric": {"__name__": name} | dict(zip(query.stats.by, key, strict=True)),
            "value": [float(time), str(sums[i])],
        }
        for key, sums in totals.items()
        for i, (_, name) in enumerate(query.stats.functions)
    ]
    return json_told({"status": "success", "data": {"resultType": "vector", "result": result}})


def _field_names(rows: list[tuple[VictoriaLogsRecord, Mapping[str, str]]]) -> Told:
    hits: dict[str, int] = {}
    for _, fields in rows:
        for name in fields:
            hits[name] = hits.get(name, 0) + 1
    return json_told({"values": [{"value": name, "hits": count} for name, count in sorted(hits.items())]})


def _written(ns: int) -> str:
    moment = datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ns % 10**9:09d}Z"
