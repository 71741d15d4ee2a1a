"""A trace in the two forms of OTLP: JSON, and protobuf.

Source: OpenTelemetry protocol 1.x, opentelemetry-proto `trace.proto`, and its JSON mapping: ids in hexadecimal,
enumerations as numbers, 64-bit integers as text.
"""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from andon import __version__
from andon.errors import MissingExtra
from andon.llm.spans.span import Attributes, Span, Trace, Value

__all__ = ["as_json", "as_protobuf", "batches", "otlp_messages", "refused"]

_ERROR = 2
_BATCH = 2 << 20
"""Bytes of one request, about: collectors take 4 MiB, or 20."""
_INT64 = 1 << 63


def as_json(
    trace: Trace, spans: Sequence[Span], written: Callable[[bytes], str] = bytes.hex
) -> dict[str, Any]:
    """These spans of a trace as the body of an export request; `written` gives ids as text."""
    scope = {"name": "andon", "version": __version__}
    resource = {"service.name": "andon", "service.version": __version__}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _pairs(resource)},
                "scopeSpans": [{"scope": scope, "spans": [_span(trace, one, written) for one in spans]}],
            }
        ]
    }


def as_protobuf(trace: Trace, spans: Sequence[Span]) -> bytes:
    """The same request in binary. Raises MissingExtra where the library is not installed."""
    # Unlike OTLP's own, the JSON of protobuf has bytes in base 64.
    plain = as_json(trace, spans, lambda id_: base64.b64encode(id_).decode())
    message = _library("google.protobuf.json_format").ParseDict(
        plain, otlp_messages().ExportTraceServiceRequest()
    )
    packed: bytes = message.SerializeToString()
    return packed


def refused(answer: bytes) -> int:
    """How many spans a collector says that it refused, in the answer with which it took a request."""
    try:
        read = otlp_messages().ExportTraceServiceResponse.FromString(answer)
    except _library("google.protobuf.message").DecodeError:
        return 0
    return int(read.partial_success.rejected_spans)


def otlp_messages() -> Any:
    """The messages of the trace service. Raises MissingExtra where their library is not installed."""
    return _library("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


def _library(module: str) -> Any:
    """A module of the extra `otlp`, which carries no types of its own."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            "tracing to a collector needs opentelemetry-proto", hint="pip install 'andon[otlp]'"
        ) from error


def batches(trace: Trace) -> Iterator[list[Span]]:
    """The spans of a trace, few enough at a time that a collector takes them."""
    batch: list[Span] = []
    size = 0
    for one in trace.spans:
        more = 500 + sum(len(value) if isinstance(value, str) else 50 for value in one.attributes.values())
        if batch and size + more > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += more
    if batch:
        yield batch


def _span(trace: Trace, one: Span, written: Callable[[bytes], str]) -> dict[str, Any]:
    attributes = {**trace.common, **one.attributes}
    if one.error:
        attributes["error.type"] = one.error
    packed = {
        "traceId": written(trace.id),
        "spanId": written(one.id),
        "name": _text(one.name),
        "kind": int(one.kind),
        "startTimeUnixNano": str(one.start),
        "endTimeUnixNano": str(one.end),
        "attributes": _pairs(attributes),
        "status": {"code": _ERROR} if one.error else {},
    }
    return packed | ({"parentSpanId": written(one.parent)} if one.parent else {})


def _pairs(attributes: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": _text(value)}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(min(max(value, -_INT64), _INT64 - 1))}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"arrayValue": {"values": [_value(one) for one in value]}}


def _text(text: str) -> str:
    """Text that is Unicode all through: half characters, which neither form can carry, are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
