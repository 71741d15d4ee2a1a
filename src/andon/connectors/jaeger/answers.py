"""What Jaeger's query API answers: an envelope with `data` and `errors`, in it services, traces or dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from andon.connectors.files import otlp
from andon.connectors.files.fields import number, text_of
from andon.connectors.trace_records import Admits, Trace, jaeger_trace
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply
from andon.telemetry import Element, ElementKind, Relationship, Topology

__all__ = ["Found", "dependencies", "found", "services"]

_STRANGE = "answers, but not as Jaeger's query API does"
_HINT = "`url` ends before /api: https://host/jaeger, https://host/select/jaeger"


@dataclass(frozen=True, slots=True)
class Found:
    """The traces of one search, whole; `gaps` are the errors that Jaeger tells of beside them.

    `listed` is how many traces the answer held, with those that could not be read.
    """

    traces: tuple[Trace, ...]
    listed: int
    gaps: tuple[str, ...]
    size: int


def _data(reply: Reply) -> tuple[list[Any], tuple[str, ...]]:
    """The items of an answer, and what Jaeger says went wrong. Raises Unanswered when it is none, or nothing but errors."""
    answer = reply.json()
    if not isinstance(answer, dict) or "data" not in answer:
        raise Unanswered(_STRANGE, hint=_HINT)
    data = [] if answer["data"] is None else answer["data"]
    if not isinstance(data, list):
        raise Unanswered(_STRANGE, hint=_HINT)
    gaps = tuple(text_of(error.get("msg"))[:200] or "an error" for error in otlp.dicts(answer.get("errors")))
    if gaps and not data:
        raise Unanswered(f"answered with an error: {gaps[0]}")
    return data, gaps


def services(reply: Reply) -> tuple[str, ...]:
    """The names of all services, in order. Raises Unanswered."""
    data, _ = _data(reply)
    return tuple(sorted({name for name in data if isinstance(name, str) and name}))


def found(reply: Reply, admits: Admits) -> Found:
    """The traces of a search. Raises Unanswered."""
    data, gaps = _data(reply)
    traces = (jaeger_trace(one, admits) for one in otlp.dicts(data))
    return Found(tuple(one for one in traces if one.id), len(data), gaps, reply.size)


def dependencies(reply: Reply, within: tuple[str, ...]) -> tuple[Topology, int]:
    """Who calls whom how often, among the services `within` (none: all); and how many entries could not be read.

    Raises Unanswered.
    """
    data, _ = _data(reply)
    calls: dict[tuple[str, str], int] = {}
    malformed = 0
    for one in data:
        parent, child = (one.get("parent"), one.get("child")) if isinstance(one, dict) else (None, None)
        if not (isinstance(parent, str) and isinstance(child, str) and parent and child):
            malformed += 1
        elif not within or (parent in within and child in within):
            count = number(one.get("callCount"))
            calls[parent, child] = calls.get((parent, child), 0) + (int(count) if count == count else 0)
    names = dict.fromkeys(name for pair in calls for name in pair)
    return Topology(
        tuple(Element(name, ElementKind.CONTAINER, name) for name in names),
        tuple(Relationship(a, b, declared=False, calls=count) for (a, b), count in calls.items()),
    ), malformed
