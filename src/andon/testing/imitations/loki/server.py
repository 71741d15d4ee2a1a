"""Loki's HTTP API in front of a store, with the limits of a tenant.

Sources: Loki's HTTP API reference and its page on troubleshooting queries (texts and statuses of refusals). Refusals are
plain text, as Loki's are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from andon.telemetry import Logs, Window
from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.loki.logql import LogQlError, LogQuery, MetricQuery, parsed
from andon.testing.imitations.loki.store import LokiStream, Store

__all__ = ["LokiImitation", "LokiLimits"]

_HOUR = 3600 * 10**9
_ONE_TENANT = "fake"
"""The tenant of a Loki without tenants, as Loki calls it."""


@dataclass(frozen=True, slots=True)
class LokiLimits:
    """Loki's defaults: entries in an answer, nanoseconds of a query, series in an answer, bytes read (0: any)."""

    max_entries_limit_per_query: int = 5000
    max_query_length: int = 721 * _HOUR
    max_query_series: int = 500
    max_query_bytes_read: int = 0


class _Refused(Exception):
    """What Loki answers instead, with a status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class LokiImitation(Imitation):
    """Holds streams for each tenant; with more than the one nameless tenant, `X-Scope-OrgID` is required.

    `busy` query requests are answered with 429 first. `without` names paths that a gateway hides (404).
    """

    def __init__(
        self,
        streams: Iterable[LokiStream] = (),
        *,
        tenants: Mapping[str, Iterable[LokiStream]] | None = None,
        limits: LokiLimits = LokiLimits(),
        busy: int = 0,
        without: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.limits = limits
        self.stores = {name: Store(held) for name, held in (tenants or {_ONE_TENANT: streams}).items()}
        self.multi_tenant = tenants is not None
        self.busy = busy
        self.without = without

    @classmethod
    def of_logs(cls, logs: Logs, **options: Any) -> LokiImitation:
        """Holds recorded logs: a stream for each service, level and trace id as structured metadata."""
        imitation = cls(**options)
        imitation.stores = {_ONE_TENANT: Store.of_logs(logs)}
        return imitation

    def held_bytes(self, window: Window) -> int:
        """Bytes of everything in a window as the API would return it whole."""
        return sum(store.held_bytes(window) for store in self.stores.values())

    def answer(self, asked: Asked) -> Told:
        try:
            return self._answer(asked)
        except _Refused as refused:
            return Told(refused.status, refused.text.encode(), {"content-type": "text/plain; charset=utf-8"})

    def _answer(self, asked: Asked) -> Told:
        if asked.path in self.without:
            return Told(404, b"404 page not found\n", {"content-type": "text/plain; charset=utf-8"})
        if asked.path == "/loki/api/v1/status/buildinfo":
            return json_told({"version": "3.5.0", "revision": "0000000", "branch": "HEAD"})
        if asked.path == "/ready":
            return Told(200, b"ready\n")
        store = self._tenant(asked)
        if asked.path.startswith("/loki/api/v1/query"):
            with self.lock:
                self.busy -= 1
                if self.busy >= 0:
                    raise _Refused("too many outstanding requests\n", 429)
        match asked.path.removeprefix("/loki/api/v1/").split("/"):
            case ["labels"]:
                return self._labels(asked, store)
            case ["label", name, "values"]:
                return self._values(asked, store, name)
            case ["index", "stats"]:
                return json_told(store.stats(self._log_query(asked), *self._span(asked)))
            case ["query_range"]:
                return self._range(asked, store)
            case ["query"]:
                return self._instant(asked, store)
        return Told(404, b"404 page not found\n")

    def _tenant(self, asked: Asked) -> Store:
        """The store that the request is for. Several tenants at once are merged, each labelled with its name."""
        if not self.multi_tenant:
            return self.stores[_ONE_TENANT]
        names = [name for name in asked.headers.get("x-scope-orgid", "").split("|") if name]
        if not names:
            raise _Refused("no org id\n", 401)
        if len(names) == 1:
            return self.stores.get(names[0], Store(()))
        return Store(
            LokiStream({**stream.labels, "__tenant_id__": name}, stream.entries)
            for name in names
            if name in self.stores
            for stream in self.stores[name].streams
        )

    def _span(self, asked: Asked, hours: int = 1) -> tuple[int, int]:
        end = _moment(asked.param("end"), round(self.now() * 1e9))
        start = _moment(asked.param("start"), end - hours * _HOUR)
        if start > end:
            raise _Refused("end timestamp must not be before or equal to start time\n")
        self._expect_short(end - start)
        return start, end

    def _expect_short(self, length: int) -> None:
        most = self.limits.max_query_length
        if length > most:
            hours, allowed = length // _HOUR, most // _HOUR
            raise _Refused(
                f"the query time range exceeds the limit (query length: {hours}h0m0s, limit: "
                f"{allowed // 24}d{allowed % 24}h)\n"
            )

    def _expect_small(self, store: Store, query: LogQuery, start: int, end: int) -> None:
        most = self.limits.max_query_bytes_read
        if most and (size := store.stats(query, start, end)["bytes"]) > most:
            raise _Refused(
                f"the query would read too many bytes (query: {size} B, limit: {most} B); consider adding more "
                "specific stream selectors or reduce the time range of the query\n"
            )

    def _query(self, asked: Asked) -> LogQuery | MetricQuery:
        try:
            return parsed(asked.param("query"))
        except LogQlError as error:
            raise _Refused(f"{error}\n") from None

    def _log_query(self, asked: Asked) -> LogQuery:
        query = self._query(asked)
        if not isinstance(query, LogQuery):
            raise _Refused("only label matchers are supported\n")
        return query

    def _labels(self, asked: Asked, store: Store) -> Told:
        query = self._log_query(asked) if asked.param("query") else None
        names = {name for labels in store.labels(*self._span(asked, 6), query) for name in labels}
        return _names_told(names - {"__tenant_id__"})

    def _values(self, asked: Asked, store: Store, name: str) -> Told:
        query = self._log_query(asked) if asked.param("query") else None
        streams = store.labels(*self._span(asked, 6), query)
        return _names_told({labels[name] for labels in streams if name in labels})

    def _range(self, asked: Asked, store: Store) -> Told:
        query = self._query(asked)
        if isinstance(query, MetricQuery):
            raise _Refused("range queries of metrics are not imitated\n")
        start, end = self._span(asked)
        limit, most = _limit(asked), self.limits.max_entries_limit_per_query
        if most and limit > most:
            raise _Refused(
                f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {most})\n"
            )
        self._expect_small(store, query, start, end)
        backward = asked.param("direction", "backward").lower() != "forward"
        found = store.matching(query, start, end, backward)
        rows = [row for row, _ in zip(found, range(limit), strict=False)]
        flags = asked.headers.get("x-loki-response-encoding-flags", "")
        categorized = "categorize-labels" in flags.split(",")
        data: dict[str, Any] = {"resultType": "streams", "result": store.told(rows, categorized), "stats": {}}
        if categorized:
            data["encodingFlags"] = ["categorize-labels"]
        return json_told({"status": "success", "data": data})

    def _instant(self, asked: Asked, store: Store) -> Told:
        query = self._query(asked)
        if isinstance(query, LogQuery):
            raise _Refused(
                "log queries are not supported as an instant query type, please change your query\n"
            )
        self._expect_short(query.range)
        at = _moment(asked.param("time"), round(self.now() * 1e9))
        self._expect_small(store, query.query, at - query.range + 1, at + 1)
        found = store.measured(query, at)
        if len(found) > self.limits.max_query_series:
            raise _Refused(
                f"maximum number of series ({self.limits.max_query_series}) reached for a single query; consider "
                "reducing query cardinality by adding more specific stream selectors\n"
            )
        result = [{"metric": labels, "value": [at / 1e9, f"{value:.0f}"]} for labels, value in found]
        return json_told(
            {"status": "success", "data": {"resultType": "vector", "result": result, "stats": {}}}
        )


def _moment(text: str, default: int) -> int:
    """Nanoseconds, or a decimal number of seconds."""
    try:
        return default if not text else int(float(text) * 1e9) if "." in text else int(text)
    except ValueError:
        raise _Refused(f"could not parse '{text}' as a time\n") from None


def _limit(asked: Asked) -> int:
    text = asked.param("limit", "100")
    if not text.isdecimal() or not int(text):
        raise _Refused("limit must be a positive value\n")
    return int(text)


def _names_told(names: set[str]) -> Told:
    """Loki leaves `data` out when there is nothing to list."""
    return json_told({"status": "success"} | ({"data": sorted(names)} if names else {}))
