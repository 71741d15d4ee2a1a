"""Tempo's answers: traces as searches list them, and as they are told whole."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from andon.testing.imitations.held_traces import HeldSpan, HeldTrace
from andon.testing.imitations.tempo.traceql import Query

__all__ = ["document", "searched"]


def searched(trace: HeldTrace, query: Query, spans_at_most: int) -> dict[str, Any] | None:
    """A trace as a search lists it, None when it does not match.

    Parts of it in different blocks are not united: the one with more matches is shown, while the statistics add up.
    """
    parts = [(part, query.matched(part)) for part in trace.parts]
    parts = [(part, matched) for part, matched in parts if matched]
    if not parts:
        return None
    _, matched = max(parts, key=lambda one: len(one[1]))
    root = next((span for span in trace.spans if not span.parent_id), trace.spans[0])
    found = {
        "spans": [_listed(span, query.fields) for span in matched[:spans_at_most]],
        "matched": len(matched),
    }
    return {
        "traceID": trace.id.lstrip("0"),
        "rootServiceName": root.service,
        "rootTraceName": root.name,
        "startTimeUnixNano": str(min(span.start for part, _ in parts for span in part)),
        "durationMs": (trace.end - trace.start) // 1_000_000,
        "spanSet": found,
        "spanSets": [found],
        "serviceStats": _stats(span for part, _ in parts for span in part),
    }


def _stats(spans: Iterable[HeldSpan]) -> dict[str, Any]:
    found: dict[str, dict[str, int]] = {}
    for span in spans:
        one = found.setdefault(span.service, {"spanCount": 0})
        one["spanCount"] += 1
        if span.error:
            one["errorCount"] = one.get("errorCount", 0) + 1
    return found


def _listed(span: HeldSpan, fields: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "spanID": span.span_id,
        "startTimeUnixNano": str(span.start),
        "durationNanos": str(span.duration),
    }
    if "name" in fields:
        told["name"] = span.name
    values = ((name, span.field(name)) for name in fields if name != "name")
    attributes = [_attribute(_key(name), value) for name, value in values if value is not None]
    return told | ({"attributes": attributes} if attributes else {})


def _key(field: str) -> str:
    """An attribute is told without the level that it was asked with."""
    level, _, attribute = field.partition(".")
    return attribute if level in ("resource", "span", "event", "") else field


def document(spans: Iterable[HeldSpan], trace_id: str) -> dict[str, Any]:
    """OTLP in JSON as Tempo writes it: ids in Base64, names for numbers, a batch for each resource."""
    batches: dict[int, list[HeldSpan]] = {}
    for span in spans:
        batches.setdefault(id(span.resource) if span.resource else 0, []).append(span)
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(held[0].resource)},
                "scopeSpans": [{"scope": {}, "spans": [_told(span, trace_id) for span in held]}],
            }
            for held in batches.values()
        ]
    }


def _told(span: HeldSpan, trace_id: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "traceId": _base64(trace_id),
        "spanId": _base64(span.span_id),
        "name": span.name,
        "kind": f"SPAN_KIND_{span.kind.name}",
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.start + span.duration),
        "attributes": _attributes(span.attributes),
        "status": {"message": span.message, "code": "STATUS_CODE_ERROR"} if span.error else {},
    }
    if span.parent_id:
        told["parentSpanId"] = _base64(span.parent_id)
    if span.exception:
        told["events"] = [
            {
                "timeUnixNano": str(span.start),
                "name": "exception",
                "attributes": _attributes({"exception.message": span.exception}),
            }
        ]
    return told


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [_attribute(name, value) for name, value in values.items()]


def _attribute(name: str, value: Any) -> dict[str, Any]:
    return {
        "key": name,
        "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)},
    }


def _base64(hex_text: str) -> str:
    return base64.b64encode(bytes.fromhex(hex_text)).decode()
