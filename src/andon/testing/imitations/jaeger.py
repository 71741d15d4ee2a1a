"""Jaeger's query API, also under a prefix as VictoriaTraces serves it: services, traces, dependencies.

Cuts off without a word as Jaeger does: at the limit, and on Cassandra already at so many spans for each trace of
the limit. No operations, no archive, no metrics, no version 3 of the API.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any, Self

import orjson

from andon.telemetry import Spans
from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.held_traces import HeldSpan, HeldTrace, Store, traces_of

__all__ = ["JaegerImitation"]

_SINGLE = ""
_DEFAULT_LIMIT = 100
_DAY_MS = 86_400_000


class _Bad(Exception):
    """A request that Jaeger answers with 400 and these words."""


class _Kept(Store):
    """The traces of one tenant, and for each service when its spans start (microseconds)."""

    def __init__(self, traces: Any = ()) -> None:
        super().__init__(traces)
        rows: dict[str, list[tuple[int, int]]] = {}
        for number, trace in enumerate(self.traces):
            for span in trace.spans:
                rows.setdefault(span.service, []).append((span.start // 1000, number))
        self.rows = {service: sorted(each) for service, each in rows.items()}


class JaegerImitation(Imitation):
    """Holds traces, by tenant where tenants are named: then the header `x-tenant` is required.

    `prefix` is the path that the API is served under. `rows` caps a search at so many spans for each trace of its limit
    (3 for Cassandra, 0 for none). `complaint` is an error that is told beside every answer with traces.
    """

    def __init__(self, *, prefix: str = "", rows: int = 0, complaint: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.prefix, self.rows, self.complaint = prefix, rows, complaint
        self.stores: dict[str, _Kept] = {_SINGLE: _Kept()}

    @classmethod
    def of_spans(
        cls,
        spans: Spans,
        *,
        tenant: str = "",
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> Self:
        """Holds the spans; `resources` are further tags of processes by service."""
        return cls(**options).add(spans, tenant=tenant, resources=resources)

    def add(
        self, spans: Spans, *, tenant: str = "", resources: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Self:
        """Holds these spans for a tenant, instead of what it had."""
        if tenant:
            self.stores.pop(_SINGLE, None)
        self.stores[tenant] = _Kept(traces_of(spans, resources or {}))
        return self

    def answer(self, asked: Asked) -> Told:
        if not asked.path.startswith(f"{self.prefix}/api/"):
            return Told(404, b"404 page not found\n")
        store = self.stores.get(_SINGLE) or self.stores.get(asked.headers.get("x-tenant", ""))
        if store is None:
            missing = "x-tenant" not in asked.headers
            return Told(401, b"missing tenant header" if missing else b"unknown tenant")
        try:
            match asked.path.removeprefix(f"{self.prefix}/api/"):
                case "services":
                    return _envelope(sorted(store.rows), total=len(store.rows))
                case "traces":
                    return self._traces(asked, store)
                case "dependencies":
                    return self._dependencies(asked, store)
        except _Bad as error:
            return _envelope(None, status=400, errors=[{"code": 400, "msg": str(error)}])
        return Told(404, b"404 page not found\n")

    def _traces(self, asked: Asked, store: _Kept) -> Told:
        start, end = _whole(asked, "start", 0), _whole(asked, "end", round(self.now() * 1e6))
        limit, service = _whole(asked, "limit", _DEFAULT_LIMIT), asked.param("service")
        if not service:
            raise _Bad("parameter 'service' is required")
        tags = orjson.loads(asked.param("tags") or "{}")
        rows = store.rows.get(service, [])
        rows = rows[bisect_left(rows, (start, -1)) : bisect_right(rows, (end, len(store.traces)))][::-1]
        if self.rows:
            rows = rows[: self.rows * limit]
        found: list[HeldTrace] = []
        for number in dict.fromkeys(number for _, number in rows):
            if len(found) >= limit:
                break
            trace = store.traces[number]
            if not tags or any(_tagged(span, tags) for span in trace.spans if span.service == service):
                found.append(trace)
        errors = [{"code": 500, "msg": self.complaint}] if self.complaint and found else None
        return _envelope([_told(trace) for trace in found], errors=errors)

    def _dependencies(self, asked: Asked, store: _Kept) -> Told:
        end = _whole(asked, "endTs", round(self.now() * 1000))
        start = end - _whole(asked, "lookback", _DAY_MS)
        calls: dict[tuple[str, str], int] = {}
        for trace in store.starting(start * 10**6, end * 10**6):
            services = {span.span_id: span.service for span in trace.spans}
            for span in trace.spans:
                caller = services.get(span.parent_id, span.service)
                if caller != span.service:
                    calls[caller, span.service] = calls.get((caller, span.service), 0) + 1
        return _envelope([{"parent": a, "child": b, "callCount": count} for (a, b), count in calls.items()])


def _envelope(data: Any, *, status: int = 200, total: int = 0, errors: Any = None) -> Told:
    return json_told({"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}, status)


def _whole(asked: Asked, name: str, default: int) -> int:
    text = asked.param(name)
    try:
        return int(text) if text else default
    except ValueError:
        words = f"unable to parse param '{name}': strconv.ParseInt: parsing \"{text}\": invalid syntax"
        raise _Bad(words) from None


def _tagged(span: HeldSpan, tags: Mapping[str, str]) -> bool:
    return all(
        value in (span.attributes.get(name), span.resource.get(name)) and name != "service.name"
        for name, value in tags.items()
    )


def _told(trace: HeldTrace) -> dict[str, Any]:
    identity = _short(trace.id)
    processes: dict[str, str] = {}
    owners: dict[str, Mapping[str, Any]] = {}
    spans = []
    for span in trace.spans:
        process = processes.setdefault(span.service, f"p{len(processes) + 1}")
        owners.setdefault(span.service, span.resource)
        spans.append(_span(span, identity, process))
    return {
        "traceID": identity,
        "spans": spans,
        "processes": {
            process: {"serviceName": service, "tags": _tags(owners[service])}
            for service, process in processes.items()
        },
        "warnings": None,
    }


def _span(span: HeldSpan, trace_id: str, process: str) -> dict[str, Any]:
    tags = _tags({"span.kind": span.kind.name.lower()} | dict(span.attributes))
    if span.error:
        tags += [{"key": "error", "type": "bool", "value": True}]
        tags += _tags({"otel.status_code": "ERROR", "otel.status_description": span.message})
    parent = {"refType": "CHILD_OF", "traceID": trace_id, "spanID": span.parent_id}
    return {
        "traceID": trace_id,
        "spanID": span.span_id,
        "operationName": span.name,
        "references": [parent] if span.parent_id else [],
        "startTime": span.start // 1000,
        "duration": span.duration // 1000,
        "tags": tags,
        "logs": [],
        "processID": process,
        "warnings": None,
    }


def _tags(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": name, "type": "string", "value": value}
        for name, value in values.items()
        if name != "service.name"
    ]


def _short(trace_id: str) -> str:
    """Ids of 64 bits are written with 16 digits."""
    return trace_id[16:] if trace_id.startswith("0" * 16) else trace_id
