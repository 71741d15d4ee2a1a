"""Spans in JSON: OTLP JSON lines, Jaeger's answer to a trace query, and plain lists of spans.

Times and durations of OTLP are nanoseconds, those of Jaeger microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from andon.connectors.files import otlp
from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import number, text_of
from andon.connectors.files.reader import FileReader
from andon.connectors.files.spans_records import SpanFields, kind_of
from andon.telemetry import SpanKind

__all__ = ["parse_jaeger", "parse_otlp_spans", "parse_simple_spans"]

PEER_KEYS = ("peer.service", "server.address", "net.peer.name", "db.system", "db.system.name", "messaging.system", "rpc.service", "http.host")  # fmt: skip
FAILED_CODES = (2, "2", "STATUS_CODE_ERROR", "ERROR")
CALLING = (SpanKind.CLIENT, SpanKind.PRODUCER)


def parse_otlp_spans(file: FileReader, into: Collected) -> None:
    """`resourceSpans` of OTLP JSON lines."""
    seen, line = False, 0
    for line, batch in file.json_lines():
        for resource, spans in otlp.resources(batch, "resourceSpans", "scopeSpans", "spans"):
            seen = True
            service = otlp.service_of(resource, file.service)
            for span in spans:
                _add_otlp(file, span, service, line, into)
    if not seen and line:
        raise file.error("no resourceSpans", expected="OTLP JSON lines of traces")


def _add_otlp(file: FileReader, span: dict[str, Any], service: str, line: int, into: Collected) -> None:
    get = span.get
    try:
        start = int(get("startTimeUnixNano") or span["start_time_unix_nano"])
        end = int(get("endTimeUnixNano") or span["end_time_unix_nano"])
        begin, seconds = start / 1e9, (end - start) / 1e9
    except (KeyError, TypeError, ValueError, OverflowError):
        file.problem("span without a readable start and end left out", line=line)
        return
    if seconds < 0:
        file.problem("span ends before it starts: duration set to 0", line=line)
        seconds = 0.0
    kind = get("kind")
    if type(kind) is not int or not 0 <= kind <= 5:
        kind = kind_of(kind)
    status = get("status")
    failed = bool(status) and isinstance(status, dict) and status.get("code") in FAILED_CODES
    into.spans.add(
        _text(span, "traceId", "trace_id"),
        _text(span, "spanId", "span_id"),
        _text(span, "parentSpanId", "parent_span_id"),
        service,
        text_of(get("name")),
        kind,
        begin,
        seconds,
        failed,
        peer_of(otlp.attributes_of(span)) if kind in CALLING else "",
        _message(span, status) if failed else "",
    )


def _text(span: Mapping[str, Any], camel: str, snake: str) -> str:
    value = span.get(camel)
    return value if type(value) is str else text_of(otlp.key(span, camel, snake))


def peer_of(attributes: Mapping[str, Any]) -> str:
    """Whom a calling span says it calls, by the semantic conventions, the most telling attribute first."""
    if not any(key in attributes for key in PEER_KEYS):
        return ""
    if peer := attributes.get("peer.service"):
        return text_of(peer)
    database = text_of(attributes.get("db.system.name") or attributes.get("db.system"))
    if database:
        namespace = text_of(attributes.get("db.namespace") or attributes.get("db.name"))
        if namespace:
            return f"{database}/{namespace}"
    for key in ("server.address", "net.peer.name"):
        if address := attributes.get(key):
            return text_of(address)
    if queue := text_of(attributes.get("messaging.system")):
        destination = text_of(
            attributes.get("messaging.destination.name") or attributes.get("messaging.destination")
        )
        return f"{queue}/{destination}" if destination else queue
    return database or text_of(attributes.get("rpc.service") or attributes.get("http.host"))


def _message(span: Mapping[str, Any], status: Any) -> str:
    message = text_of(status.get("message")) if isinstance(status, dict) else ""
    if message:
        return message
    for event in otlp.dicts(span.get("events")):
        if event.get("name") == "exception":
            attributes = otlp.attributes_of(event)
            found = (text_of(attributes.get(f"exception.{part}")) for part in ("type", "message"))
            return ": ".join(part for part in found if part)
    return ""


def parse_jaeger(file: FileReader, into: Collected) -> None:
    """`data[].spans[]` with `data[].processes`, as the Jaeger query service answers and its UI exports."""
    document = file.document()
    traces = document.get("data", [document]) if isinstance(document, dict) else document
    if not isinstance(traces, list):
        raise file.error("no list of traces", expected="Jaeger JSON: data[].spans[]")
    for trace in otlp.dicts(traces):
        processes = trace.get("processes")
        processes = processes if isinstance(processes, dict) else {}
        for span in otlp.dicts(trace.get("spans")):
            _add_jaeger(file, span, processes, into)


def _add_jaeger(
    file: FileReader, span: dict[str, Any], processes: Mapping[str, Any], into: Collected
) -> None:
    start, duration = number(span.get("startTime")) / 1e6, number(span.get("duration")) / 1e6
    if start != start or duration != duration:
        file.problem("span without a readable startTime and duration left out")
        return
    tags = {text_of(tag.get("key")): tag.get("value") for tag in otlp.dicts(span.get("tags"))}
    process = processes.get(text_of(span.get("processID"))) or span.get("process")
    service = text_of(process.get("serviceName")) if isinstance(process, dict) else ""
    parents = [
        r for r in otlp.dicts(span.get("references")) if r.get("refType") in ("CHILD_OF", "FOLLOWS_FROM")
    ]
    parents.sort(key=lambda reference: reference["refType"] != "CHILD_OF")
    parent = text_of(parents[0].get("spanID")) if parents else text_of(span.get("parentSpanID"))
    kind = kind_of(tags.get("span.kind"))
    failed = tags.get("error") in (True, "true") or tags.get("otel.status_code") == "ERROR"
    message = text_of(tags.get("otel.status_description") or tags.get("error.message")) if failed else ""
    into.spans.add(
        text_of(span.get("traceID")),
        text_of(span.get("spanID")),
        parent,
        service or file.service,
        text_of(span.get("operationName")),
        kind,
        start,
        duration,
        failed,
        peer_of(tags) if kind in CALLING else "",
        message,
    )


def parse_simple_spans(file: FileReader, into: Collected) -> None:
    """A JSON array (or lines) of flat spans; the names of the fields are taken from the first ten."""
    waiting: list[tuple[int, dict[str, Any]]] = []
    fields: SpanFields | None = None
    for line, record in file.records("spans", "traces", "data"):
        if fields is not None:
            fields.add(record, line, into.spans)
            continue
        waiting.append((line, record))
        if len(waiting) == 10:
            fields = _settle(file, waiting, into)
    if fields is None and waiting:
        _settle(file, waiting, into)


def _settle(file: FileReader, waiting: list[tuple[int, dict[str, Any]]], into: Collected) -> SpanFields:
    fields = SpanFields(file, dict.fromkeys(name for _, record in waiting for name in record))
    for line, record in waiting:
        fields.add(record, line, into.spans)
    return fields
