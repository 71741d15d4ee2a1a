"""The query frontend of Tempo: searches, traces by id, TraceQL metrics, values of a tag."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Self

import orjson

from andon.telemetry import Spans, Window
from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.held_traces import HeldTrace, Store, traces_of
from andon.testing.imitations.tempo.answers import document, searched
from andon.testing.imitations.tempo.traceql import ParseError, Query, parsed

__all__ = ["TempoImitation"]

_SINGLE = "single-tenant"
_METRICS_SECONDS = 3 * 3600


class _Bad(Exception):
    """A request that Tempo answers with 400 and these words."""


class TempoImitation(Imitation):
    """Holds traces by tenant; without tenants, `X-Scope-OrgID` is not looked at.

    `version` decides what it can: `span:parentID` from 2.8, the second version of traces by id and the cap on spans
    (`most_spans`) from 2.7. `longest` are the seconds that one search may span, `most_traces` the largest limit.
    `metrics` says whether TraceQL metrics are on. Traces in `lost` are listed, and not found by their id; of traces by
    id, `largest` spans are told at most.
    """

    def __init__(
        self,
        *,
        version: str = "2.8.2",
        most_traces: int = 262_144,
        most_spans: int = 100,
        longest: int = 168 * 3600,
        metrics: bool = True,
        lost: Collection[str] = (),
        largest: int = 100_000,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.version = version
        self.most_traces, self.most_spans, self.longest = most_traces, most_spans, longest
        self.metrics, self.lost, self.largest = metrics, frozenset(lost), largest
        self.stores: dict[str, Store] = {_SINGLE: Store()}

    @classmethod
    def of_spans(
        cls,
        spans: Spans,
        *,
        tenant: str = "",
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        split: Collection[str] = (),
        **options: Any,
    ) -> Self:
        """Holds the spans, of one tenant if it is named.

        `resources` are further resource attributes by service; traces in `split` lie in two blocks.
        """
        return cls(**options).add(spans, tenant=tenant, resources=resources, split=split)

    def add(
        self,
        spans: Spans,
        *,
        tenant: str = "",
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        split: Collection[str] = (),
    ) -> Self:
        """Holds these spans for a tenant, instead of what it had."""
        if tenant:
            self.stores.pop(_SINGLE, None)
        self.stores[tenant or _SINGLE] = Store(traces_of(spans, resources or {}, split))
        return self

    def held_bytes(self, window: Window) -> int:
        """Bytes of all traces that start in the window, of all tenants, as they would be told whole."""
        start, end = round(window.start * 1e9), round(window.end * 1e9)
        return sum(
            len(orjson.dumps(self._whole(trace)))
            for store in self.stores.values()
            for trace in store.starting(start, end)
        )

    @property
    def _release(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split(".")[:2])

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/api/status/buildinfo":
            return json_told({"version": self.version, "revision": "0d9d9d9", "goVersion": "go1.24"})
        if asked.path == "/api/echo":
            return Told(200, b"echo")
        store = self.stores.get(_SINGLE) or self.stores.get(asked.headers.get("x-scope-orgid", ""))
        if store is None:
            known = bool(asked.headers.get("x-scope-orgid"))
            store = Store()
            if not known:
                return Told(401, b"no org id")
        try:
            return self._answered(asked, store)
        except (_Bad, ParseError) as error:
            return Told(400, str(error).encode())

    def _answered(self, asked: Asked, store: Store) -> Told:
        match asked.path.strip("/").split("/"):
            case ["api", "search"]:
                return self._search(asked, store)
            case ["api", "v2", "traces", identity] if self._release >= (2, 7):
                return self._trace(identity, store, "v2")
            case ["api", "traces", identity]:
                return self._trace(identity, store, "v1")
            case ["api", "metrics", "query_range"] if self.metrics:
                return self._metrics(asked, store)
            case ["api", "v2", "search", "tag", name, "values"]:
                return self._values(asked, store, name)
        return Told(404, b"404 page not found\n")

    def _query(self, asked: Asked) -> Query:
        return parsed(asked.param("q", "{ }"), self._release >= (2, 8))

    def _search(self, asked: Asked, store: Store) -> Told:
        limit = _whole(asked, "limit", 20)
        if limit <= 0:
            raise _Bad("invalid limit: must be a positive number")
        if limit > self.most_traces:
            raise _Bad(f"limit {limit} exceeds max limit {self.most_traces}")
        start, end = _range(asked, self.longest, "168h0m0s")
        query, most = self._query(asked), _whole(asked, "spss", 3)
        if self.most_spans and most > self.most_spans and self._release >= (2, 7):
            raise _Bad(f"spans per span set exceeds {self.most_spans}. received {most}")
        found: list[dict[str, Any]] = []
        # Blocks are searched all at once, so that which traces come first has nothing to do with time.
        for trace in sorted(store.overlapping(start * 10**9, end * 10**9), key=lambda one: one.id):
            one = searched(trace, query, most)
            if one is not None:
                found.append(one)
            if len(found) >= limit:
                break
        found.sort(key=lambda one: int(one["startTimeUnixNano"]), reverse=True)
        return json_told({"traces": found, "metrics": {"inspectedTraces": len(found), "completedJobs": 1}})

    def _trace(self, identity: str, store: Store, version: str) -> Told:
        trace = store.by_id.get(identity.lstrip("0"))
        if trace is None or trace.id in self.lost or trace.id.lstrip("0") in self.lost:
            return Told(404, b"trace not found")
        answer = self._whole(trace)
        if version == "v2":
            return json_told(answer)
        if "status" in answer:
            return Told(422, f"trace exceeds max size (max bytes: {self.largest})".encode())
        return json_told({"batches": answer["trace"]["resourceSpans"]})

    def _whole(self, trace: HeldTrace) -> dict[str, Any]:
        answer = {"trace": document(trace.spans[: self.largest], trace.id), "metrics": {}}
        if len(trace.spans) <= self.largest:
            return answer
        words = f"Trace exceeds maximum size of {self.largest} bytes, a partial trace is returned"
        return answer | {"status": "PARTIAL", "message": words}

    def _metrics(self, asked: Asked, store: Store) -> Told:
        start, end = _range(asked, _METRICS_SECONDS, "3h0m0s")
        query, step = self._query(asked), asked.param("step").removesuffix("s")
        if not query.metric:
            raise _Bad("query is not a metrics query")
        seconds = int(step) if step.isdecimal() and int(step) else 15
        # The range is widened to whole steps.
        low, high = start // seconds, math.ceil(end / seconds)
        counts = [0] * (high - low)
        for trace in store.overlapping(low * seconds * 10**9, high * seconds * 10**9):
            for span in query.matched(trace.spans):
                at = span.start // (seconds * 10**9) - low
                if 0 <= at < len(counts):
                    counts[at] += 1
        samples = [
            {
                "timestampMs": str((low + i) * seconds * 1000),
                "value": count / seconds if query.metric == "rate" else count,
            }
            for i, count in enumerate(counts)
        ]
        series = [{"labels": [], "samples": samples, "promLabels": "{}"}] if any(counts) else []
        return json_told({"series": series, "metrics": {"completedJobs": 1}})

    def _values(self, asked: Asked, store: Store, name: str) -> Told:
        start, end = _range(asked, self.longest, "168h0m0s")
        query, found = self._query(asked), set[str]()
        for trace in store.overlapping(start * 10**9, end * 10**9):
            found |= {str(value) for span in query.matched(trace.spans) if (value := span.field(name))}
        values = [{"type": "string", "value": value} for value in sorted(found)]
        return json_told({"tagValues": values, "metrics": {}})


def _whole(asked: Asked, name: str, default: int = 0) -> int:
    text = asked.param(name)
    try:
        return int(text) if text else default
    except ValueError:
        raise _Bad(f'invalid {name}: strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _range(asked: Asked, longest: int, told: str) -> tuple[int, int]:
    start, end = _whole(asked, "start"), _whole(asked, "end")
    if end <= start:
        raise _Bad(f"http parameter start must be before end. received start={start} end={end}")
    if longest and end - start > longest:
        raise _Bad(f"range specified by start and end exceeds {told}. received start={start} end={end}")
    return start, end
