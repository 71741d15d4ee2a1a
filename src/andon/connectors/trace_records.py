"""Traces as APIs answer with them, in OTLP's or Jaeger's JSON, as spans.

A span means here what it means in a file (`andon.connectors.files.spans_json`): the same service, kind, rule of
failure, peer and message. Spans of a trace are kept once, and those that the scope does not admit are left out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from andon.connectors.files import otlp
from andon.connectors.files.fields import number, text_of
from andon.connectors.files.spans_json import CALLING, FAILED_CODES, peer_of
from andon.connectors.files.spans_records import kind_of
from andon.telemetry import Span, SpanKind

__all__ = ["Admits", "Trace", "hex_id", "jaeger_trace", "otlp_trace", "said_of_exception"]

Attributes = Mapping[str, Any]
Admits = Callable[[Attributes, Attributes], bool]
"""Whether the scope lets a span in, by the attributes of its resource and its own."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: Unix seconds at which its first span starts, also of one that the scope left out.

    `malformed` spans could not be read and are not among `spans`.
    """

    id: str
    start: float
    spans: tuple[Span, ...]
    malformed: int = 0

    @classmethod
    def of(cls, read: Iterable[tuple[Span, bool] | None]) -> Trace:
        """From spans with whether each is admitted, None for one that could not be read."""
        admitted: dict[tuple[str, int, float], Span] = {}
        start, identity, malformed = float("inf"), "", 0
        for one in read:
            if one is None:
                malformed += 1
                continue
            span, let_in = one
            start, identity = min(start, span.start), identity or span.trace_id
            if let_in:
                # Zipkin's clients and servers share an id: the kind tells them apart.
                admitted.setdefault((span.span_id, span.kind, span.start), span)
        return cls(identity, start, tuple(admitted.values()), malformed)


def otlp_trace(document: Any, admits: Admits) -> Trace:
    """The trace of a document with `resourceSpans`, or `batches` as Tempo's first API calls them."""
    batch = document if isinstance(document, dict) else {}
    if "batches" in batch:
        batch = {"resourceSpans": batch["batches"]}
    return Trace.of(
        _otlp_span(span, resource, admits)
        for resource, spans in otlp.resources(batch, "resourceSpans", "scopeSpans", "spans")
        for span in spans
    )


def _otlp_span(span: Mapping[str, Any], resource: Attributes, admits: Admits) -> tuple[Span, bool] | None:
    try:
        start = int(otlp.key(span, "startTimeUnixNano", "start_time_unix_nano"))
        end = int(otlp.key(span, "endTimeUnixNano", "end_time_unix_nano"))
        begin, seconds = start / 1e9, max(end - start, 0) / 1e9
    except (TypeError, ValueError, OverflowError):
        return None
    kind, status = SpanKind(kind_of(span.get("kind"))), span.get("status")
    status = status if isinstance(status, dict) else {}
    failed = status.get("code") in FAILED_CODES
    attributes = otlp.attributes_of(span)
    read = Span(
        trace_id=hex_id(otlp.key(span, "traceId", "trace_id"), 32),
        span_id=hex_id(otlp.key(span, "spanId", "span_id"), 16),
        parent_id=hex_id(otlp.key(span, "parentSpanId", "parent_span_id"), 16),
        service=otlp.service_of(resource),
        name=text_of(span.get("name")),
        kind=kind,
        start=begin,
        duration=seconds,
        error=failed,
        peer=peer_of(attributes) if kind in CALLING else "",
        message=(text_of(status.get("message")) or _exception(span)) if failed else "",
    )
    return read, admits(resource, attributes)


def _exception(span: Mapping[str, Any]) -> str:
    for event in otlp.dicts(span.get("events")):
        if event.get("name") == "exception":
            return said_of_exception(otlp.attributes_of(event))
    return ""


def said_of_exception(attributes: Attributes) -> str:
    """What the attributes of an exception event say, `type: message`."""
    found = (text_of(attributes.get(f"exception.{part}")) for part in ("type", "message"))
    return ": ".join(part for part in found if part)


def hex_id(written: Any, digits: int) -> str:
    """An id in hex with all its digits, empty for none; some APIs write Base64, or leave leading zeros out."""
    text = text_of(written)
    if text.endswith("="):
        try:
            text = base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            return text
    return text.rjust(digits, "0") if text.strip("0") else ""


def jaeger_trace(trace: Mapping[str, Any], admits: Admits) -> Trace:
    """The trace of one entry in `data` of Jaeger's query API; times and durations there are microseconds."""
    processes = trace.get("processes")
    processes = processes if isinstance(processes, dict) else {}
    return Trace.of(_jaeger_span(span, processes, admits) for span in otlp.dicts(trace.get("spans")))


def _jaeger_span(
    span: Mapping[str, Any], processes: Mapping[str, Any], admits: Admits
) -> tuple[Span, bool] | None:
    start, duration = number(span.get("startTime")) / 1e6, number(span.get("duration")) / 1e6
    if start != start or duration != duration:
        return None
    process = processes.get(text_of(span.get("processID"))) or span.get("process")
    process = process if isinstance(process, dict) else {}
    service, tags = text_of(process.get("serviceName")), _tags(span)
    kind = SpanKind(kind_of(tags.get("span.kind")))
    failed = tags.get("error") in (True, "true") or tags.get("otel.status_code") == "ERROR"
    read = Span(
        trace_id=text_of(span.get("traceID")),
        span_id=text_of(span.get("spanID")),
        parent_id=_parent(span),
        service=service,
        name=text_of(span.get("operationName")),
        kind=kind,
        start=start,
        duration=duration,
        error=failed,
        peer=peer_of(tags) if kind in CALLING else "",
        message=text_of(tags.get("otel.status_description") or tags.get("error.message")) if failed else "",
    )
    return read, admits({**_tags(process), "service.name": service}, tags)


def _tags(owner: Mapping[str, Any]) -> dict[str, Any]:
    return {text_of(tag.get("key")): tag.get("value") for tag in otlp.dicts(owner.get("tags"))}


def _parent(span: Mapping[str, Any]) -> str:
    """The span that this one is a child of, else the one that it follows."""
    references = otlp.dicts(span.get("references"))
    for kind in ("CHILD_OF", "FOLLOWS_FROM"):
        for reference in references:
            if reference.get("refType") == kind:
                return text_of(reference.get("spanID"))
    return text_of(span.get("parentSpanID"))
