"""X-Ray segment documents as spans: a segment is a server's, a subsegment that calls another is a client's.

Source: AWS X-Ray developer guide, "X-Ray segment documents".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from andon.connectors.files.fields import number, text_of
from andon.telemetry import Span, SpanKind

__all__ = ["epoch_of", "spans_in", "trace_id_of"]

_DEEPEST = 64
_CALLS = ("remote", "aws")


def trace_id_of(written: str) -> str:
    """`1-5759e988-bd862e3fe1be46a994272793` as 32 hex digits, as OpenTelemetry writes it."""
    return written.removeprefix("1-").replace("-", "")


def epoch_of(written: str) -> float:
    """When a trace began, as its id says (Unix seconds, whole ones); -1 when it does not."""
    parts = written.split("-")
    try:
        return float(int(parts[1], 16))
    except (IndexError, ValueError):
        return -1.0


def spans_in(document: str) -> tuple[list[Span], str]:
    """The spans of a segment document, and the account that it names (empty for none).

    Raises ValueError when it is none; subsegments that cannot be read or are not over yet are left out.
    """
    try:
        read = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise ValueError("not JSON") from error
    segment = read if isinstance(read, dict) else {}
    trace, name = trace_id_of(text_of(segment.get("trace_id"))), text_of(segment.get("name"))
    whole = segment.get("type") != "subsegment"
    found = list(_read(segment, trace, name, text_of(segment.get("parent_id")), 0, whole))
    if not found:
        raise ValueError("without id, start and end")
    aws = segment.get("aws")
    return found, text_of(aws.get("account_id")) if isinstance(aws, dict) else ""


def _read(
    one: Mapping[str, Any], trace: str, service: str, parent: str, depth: int, whole: bool = False
) -> Iterator[Span]:
    """A segment or subsegment and those inside it."""
    identity, start, end = text_of(one.get("id")), number(one.get("start_time")), number(one.get("end_time"))
    if end != end and one.get("in_progress"):
        end = start
    if not identity or start != start or end != end:
        return
    calls = one.get("namespace") in _CALLS and not whole
    kind = SpanKind.SERVER if whole else SpanKind.CLIENT if calls else SpanKind.INTERNAL
    name = text_of(one.get("name"))
    failed = _true(one, "fault") or _true(one, "throttle") or (not whole and _true(one, "error"))
    yield Span(
        trace_id=trace,
        span_id=identity,
        parent_id=parent,
        service=service,
        name=_operation(one) or name,
        kind=kind,
        start=start,
        duration=max(0.0, end - start),
        error=failed,
        peer=name if calls else "",
        message=_message(one) if failed else "",
    )
    inner = one.get("subsegments")
    for part in inner if isinstance(inner, list) and depth < _DEEPEST else ():
        if isinstance(part, dict):
            yield from _read(part, trace, service, identity, depth + 1)


def _operation(one: Mapping[str, Any]) -> str:
    """What was asked for: an operation of AWS, or method and path."""
    aws, http = one.get("aws"), one.get("http")
    if isinstance(aws, dict) and isinstance(aws.get("operation"), str):
        return str(aws["operation"])
    request = http.get("request") if isinstance(http, dict) else None
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return ""
    path = text_of(request.get("url")).partition("://")[2].partition("?")[0].partition("/")
    return f"{request['method']} /{path[2]}" if path[1] else str(request["method"])


def _true(one: Mapping[str, Any], name: str) -> bool:
    return one.get(name) is True


def _message(one: Mapping[str, Any]) -> str:
    cause = one.get("cause")
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    for said in exceptions if isinstance(exceptions, list) else ():
        if isinstance(said, dict):
            return ": ".join(
                part for part in (text_of(said.get("type")), text_of(said.get("message"))) if part
            )
    return ""
