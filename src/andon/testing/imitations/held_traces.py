"""The traces that an imitation holds, found by time and by id."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from andon.telemetry import Span, SpanKind, Spans

__all__ = ["HeldSpan", "HeldTrace", "Store", "traces_of"]

_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """One span with the attributes of its resource and its own; times are nanoseconds, ids in hex.

    `exception` is the message of an exception event, empty for none.
    """

    span_id: str
    parent_id: str
    name: str
    kind: SpanKind
    start: int
    duration: int
    error: bool
    message: str
    resource: Mapping[str, Any]
    attributes: Mapping[str, Any]
    exception: str = ""

    @property
    def service(self) -> str:
        return str(self.resource.get("service.name", ""))

    def field(self, name: str) -> Any:
        """The value of a TraceQL field, None where the span has none."""
        level, _, attribute = name.partition(".")
        match level:
            case "resource":
                return self.resource.get(attribute)
            case "span":
                return self.attributes.get(attribute)
            case "event":
                return self.exception or None if attribute == "exception.message" else None
            case "name":
                return self.name
            case "kind":
                return self.kind.name.lower()
            case "status":
                return "error" if self.error else "unset"
            case "statusMessage":
                return self.message
            case "span:parentID":
                return self.parent_id.rjust(16, "0")
        return self.attributes.get(attribute, self.resource.get(attribute))


@dataclass(frozen=True)
class HeldTrace:
    """A trace whose spans lie in one block, or in several `parts`."""

    id: str
    parts: tuple[tuple[HeldSpan, ...], ...]

    @cached_property
    def spans(self) -> tuple[HeldSpan, ...]:
        return tuple(span for part in self.parts for span in part)

    @cached_property
    def start(self) -> int:
        return min(span.start for span in self.spans)

    @cached_property
    def end(self) -> int:
        return max(span.start + span.duration for span in self.spans)


class Store:
    """The traces of one tenant."""

    def __init__(self, traces: Iterable[HeldTrace] = ()) -> None:
        self.traces = sorted(traces, key=lambda trace: trace.start)
        self.by_id = {trace.id.lstrip("0"): trace for trace in self.traces}
        self._starts = [trace.start for trace in self.traces]
        self._longest = max((trace.end - trace.start for trace in self.traces), default=0)

    def overlapping(self, start: int, end: int) -> list[HeldTrace]:
        """Those that are under way between two moments (nanoseconds), borders included."""
        low = bisect_left(self._starts, start - self._longest)
        high = bisect_right(self._starts, end)
        return [trace for trace in self.traces[low:high] if trace.end >= start]

    def starting(self, start: int, end: int) -> Sequence[HeldTrace]:
        """Those that start from one moment until before another (nanoseconds)."""
        return self.traces[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def traces_of(
    spans: Spans, resources: Mapping[str, Mapping[str, Any]], split: Collection[str] = ()
) -> Iterator[HeldTrace]:
    """The traces of recorded spans; `resources` are further attributes by service, `split` traces lie in two blocks."""
    grouped: dict[str, list[HeldSpan]] = {}
    for number in range(len(spans)):
        span = spans[number]
        grouped.setdefault(span.trace_id, []).append(_held(span, resources.get(span.service, {})))
    for identity, held in grouped.items():
        whole, middle = tuple(held), (len(held) + 1) // 2
        parts = (whole[:middle], whole[middle:]) if identity in split and len(held) > 1 else (whole,)
        yield HeldTrace(_hex(identity, 32), parts)


def _held(span: Span, resource: Mapping[str, Any]) -> HeldSpan:
    return HeldSpan(
        span_id=_hex(span.span_id, 16),
        parent_id=_hex(span.parent_id, 16),
        name=span.name,
        kind=span.kind,
        start=round(span.start * 1e9),
        duration=round(span.duration * 1e9),
        error=span.error,
        message=span.message if span.error else "",
        resource={"service.name": span.service, **resource},
        attributes={"peer.service": span.peer} if span.peer else {},
    )


def _hex(text: str, digits: int) -> str:
    """The id as it is where it is one; what else recordings use becomes one that looks like it."""
    if not text or (len(text) <= digits and _HEX.fullmatch(text)):
        return text.rjust(digits, "0") if text else ""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=digits // 2).hexdigest()
