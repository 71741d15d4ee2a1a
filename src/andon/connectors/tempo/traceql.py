"""The TraceQL that is sent: which spans of which traces, and which of their fields."""

from __future__ import annotations

import json
from collections.abc import Iterable

from andon.connectors.tempo.config import SERVICE, TempoScope

__all__ = ["conditions", "counted", "quoted", "selected", "traces"]

_FIELDS = (
    "span:parentID",
    "name",
    "kind",
    "status",
    "statusMessage",
    SERVICE,
    *(
        f"span.{name}"
        for name in (
            "peer.service",
            "db.system.name",
            "db.system",
            "db.namespace",
            "db.name",
            "server.address",
            "net.peer.name",
            "messaging.system",
            "messaging.destination.name",
            "messaging.destination",
            "rpc.service",
            "http.host",
        )
    ),
    "event.exception.type",
    "event.exception.message",
)
"""What a span is made of here. `span:parentID` needs Tempo 2.8; without it a search cannot tell who calls whom."""


def quoted(value: str) -> str:
    """A string literal; TraceQL reads the escapes of Go, which those of JSON are among."""
    return json.dumps(value, ensure_ascii=False)


def _one_of(attribute: str, values: Iterable[str]) -> str:
    return "(" + " || ".join(f"{attribute} = {quoted(value)}" for value in values) + ")"


def conditions(scope: TempoScope) -> str:
    """The spans of the scope, as one spanset."""
    inside = " && ".join(_one_of(name, values) for name, values in scope.match.items())
    return f"{{ {inside} }}" if inside else "{ }"


def traces(scope: TempoScope, services: tuple[str, ...] = ()) -> str:
    """All spans of the scope in traces that one of the services takes part in; of all traces when none is named."""
    whole = conditions(scope)
    if not services:
        return whole
    part = _one_of(SERVICE, services)
    if scope.match:
        part = f"{whole[2:-2]} && {part}"
    return f"{whole} && {{ {part} }}"


def selected(query: str, scope: TempoScope) -> str:
    """The query, with the fields of each span that are read, those that the scope speaks of among them."""
    fields = dict.fromkeys((*_FIELDS, *scope.match))
    return f"{query} | select({', '.join(fields)})"


def counted(query: str) -> str:
    """The query as a metric: how many spans it finds, step by step."""
    return f"{query} | count_over_time()"
