"""Spans while they run, and the W3C trace context that joins those of different processes."""

from __future__ import annotations

import re
import secrets
import traceback
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.demo import clock, otlp

__all__ = [
    "CLIENT",
    "CONSUMER",
    "INTERNAL",
    "PRODUCER",
    "SERVER",
    "ActiveSpan",
    "SpanContext",
    "current_span",
    "stack_trace",
]

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
_OK, _ERROR = 1, 2
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class SpanContext:
    """What a caller hands on: https://www.w3.org/TR/trace-context/."""

    trace_id: str
    span_id: str

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-01"

    @classmethod
    def parse(cls, header: str | None) -> SpanContext | None:
        found = _TRACEPARENT.fullmatch(header or "")
        return cls(found[1], found[2]) if found else None


@dataclass(slots=True)
class ActiveSpan:
    """A span between its start and its end; `record` is what is exported."""

    name: str
    kind: int
    context: SpanContext
    parent_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    started: int = field(default_factory=clock.time_ns)
    failure: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def start(
        cls, name: str, kind: int, parent: SpanContext | None, attributes: dict[str, Any]
    ) -> ActiveSpan:
        trace_id = parent.trace_id if parent else secrets.token_hex(16)
        context = SpanContext(trace_id, secrets.token_hex(8))
        return cls(name, kind, context, parent.span_id if parent else "", attributes)

    def fail(self, message: str, error: BaseException | None = None) -> None:
        self.failure = message
        if error is not None:
            described = {"exception.type": type(error).__name__, "exception.message": str(error)}
            self.attributes.setdefault("error.type", type(error).__name__)
            self.events.append(
                {
                    "timeUnixNano": str(clock.time_ns()),
                    "name": "exception",
                    "attributes": otlp.attributes(described),
                }
            )

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "traceId": self.context.trace_id,
            "spanId": self.context.span_id,
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": str(self.started),
            "endTimeUnixNano": str(max(clock.time_ns(), self.started)),
            "attributes": otlp.attributes(self.attributes),
            "status": {"code": _ERROR, "message": self.failure} if self.failure else {},
        }
        if self.parent_id:
            record["parentSpanId"] = self.parent_id
        if self.events:
            record["events"] = self.events
        return record


current_span: ContextVar[ActiveSpan | None] = ContextVar("current_span", default=None)


def stack_trace(error: BaseException) -> str:
    """The traceback of an exception, with file names as they would be inside a container image."""
    whole = traceback.TracebackException.from_exception(error)
    link: traceback.TracebackException | None = whole
    while link is not None:
        for frame in link.stack:
            frame.filename = _image_path(Path(frame.filename))
        link = link.__cause__ or link.__context__
    return "".join(whole.format()).rstrip()


def _image_path(file: Path) -> str:
    if file.is_relative_to(_PACKAGE):
        return f"/app/{file.relative_to(_PACKAGE).as_posix()}"
    parts = file.parts
    start = next((i for i, part in enumerate(parts) if part.startswith("python3.")), len(parts) - 1)
    return "/usr/local/lib/" + "/".join(parts[start:])
