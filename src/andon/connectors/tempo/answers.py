"""What Tempo's searches answer: traces, with as many of their spans as were asked for.

A search does not unite the parts of a trace that lie in different blocks: it shows the larger one, while the
statistics of the services count all parts. So what is listed is whole only if both agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.connectors.files import otlp
from andon.connectors.files.fields import text_of
from andon.connectors.files.spans_json import CALLING, peer_of
from andon.connectors.files.spans_records import kind_of
from andon.connectors.trace_records import Admits, Trace, hex_id, said_of_exception
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Span, SpanKind

__all__ = ["STRANGE", "Listed", "Listing", "counted_spans", "listing"]

_ID = re.compile(r"[0-9a-fA-F]{1,32}")
STRANGE = "answers, but not as Tempo's API does"


@dataclass(frozen=True, slots=True)
class Listed:
    """A trace that a search found: `start` in Unix seconds, how many of its spans match, and those that came along.

    `spread` is how many spans the statistics of its services count, 0 where there are none.
    """

    id: str
    start: float
    matched: int
    spread: int
    items: tuple[dict[str, Any], ...]

    def whole(self, scoped: bool) -> bool:
        """Whether all its spans came along; in a scope the statistics also count what lies outside."""
        came = len(self.items)
        return came == self.matched and (scoped or self.spread in (0, came))

    def trace(self, admits: Admits) -> Trace:
        """The trace made of the spans that came along."""
        identity = hex_id(self.id, 32)
        return Trace.of(_span(item, identity, admits) for item in self.items)


@dataclass(frozen=True, slots=True)
class Listing:
    """The traces that one search found; `malformed` entries were none, `gap` is what Tempo says is missing.

    `full` when as many were found as were asked for at most: there may be more.
    """

    traces: tuple[Listed, ...]
    malformed: int
    full: bool
    gap: str
    size: int


def listing(answer: Any, size: int, limit: int) -> Listing:
    """What a search answered with, `size` bytes, at most `limit` traces.

    Raises Unanswered when it is no answer of a search.
    """
    traces = answer.get("traces") if isinstance(answer, dict) else None
    if traces is None and isinstance(answer, dict) and isinstance(answer.get("metrics"), dict):
        traces = []
    if not isinstance(traces, list):
        raise Unanswered(STRANGE, hint="is this the address of Tempo's query frontend?")
    found = [_listed(one) for one in traces]
    good = tuple(one for one in found if one is not None)
    partial = answer.get("status") == "PARTIAL"
    gap = (text_of(answer.get("message")) or "the search is not complete") if partial else ""
    return Listing(good, len(found) - len(good), len(found) >= limit, gap, size)


def _listed(one: Any) -> Listed | None:
    if not isinstance(one, dict) or not _ID.fullmatch(text_of(one.get("traceID"))):
        return None
    sets = otlp.dicts(one.get("spanSets")) or otlp.dicts([one.get("spanSet")])
    items = tuple(item for each in sets for item in otlp.dicts(each.get("spans")))
    try:
        start = int(one["startTimeUnixNano"]) / 1e9
        matched = sum(int(each.get("matched", 0)) for each in sets)
        spread = sum(int(each.get("spanCount", 0)) for each in _values(one.get("serviceStats")))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Listed(text_of(one["traceID"]), start, matched, spread, items)


def _values(stats: Any) -> list[dict[str, Any]]:
    return otlp.dicts(list(stats.values())) if isinstance(stats, dict) else []


def _span(item: Mapping[str, Any], trace_id: str, admits: Admits) -> tuple[Span, bool] | None:
    try:
        start, nanoseconds = int(item["startTimeUnixNano"]), int(item.get("durationNanos") or 0)
        begin, seconds = start / 1e9, max(nanoseconds, 0) / 1e9
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    fields = {name: _single(value) for name, value in otlp.attributes_of(item).items()}
    kind = SpanKind(kind_of(fields.get("kind")))
    failed = fields.get("status") == "error"
    read = Span(
        trace_id=trace_id,
        span_id=hex_id(item.get("spanID"), 16),
        parent_id=hex_id(fields.get("span:parentID"), 16),
        service=text_of(fields.get("service.name")),
        name=text_of(item.get("name")) or _told(fields, "name"),
        kind=kind,
        start=begin,
        duration=seconds,
        error=failed,
        peer=peer_of(fields) if kind in CALLING else "",
        message=(_told(fields, "statusMessage") or said_of_exception(fields)) if failed else "",
    )
    return read, admits(fields, fields)


def _single(value: Any) -> Any:
    """The first of several: a span has many events, and their attributes come as lists."""
    return (value[0] if value else "") if isinstance(value, list) else value


def _told(fields: Mapping[str, Any], name: str) -> str:
    """The value of an intrinsic field; TraceQL writes `nil` for none."""
    value = text_of(fields.get(name))
    return "" if value == "nil" else value


def counted_spans(answer: Any) -> float:
    """The sum over the series of a TraceQL metrics query. Raises Unanswered when there are none."""
    series = answer.get("series") if isinstance(answer, dict) else None
    if not isinstance(series, list):
        raise Unanswered(STRANGE)
    total = 0.0
    for one in otlp.dicts(series):
        for sample in otlp.dicts(one.get("samples")) or [one]:
            try:
                total += float(sample.get("value") or 0)
            except (TypeError, ValueError):
                continue
    return total
