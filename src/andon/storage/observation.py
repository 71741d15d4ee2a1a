"""Observations: what a source really returned, kept so that anyone can check it later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from andon.telemetry import Problem, Status, Window

__all__ = ["Observation", "canonical", "query_key"]

DEEPEST = 100
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Observation:
    """The answer of one tool to one query.

    `id` is unique within its run (`logs-2`); `content` is plain JSON; `sha256` is the hash of its
    canonical bytes; `count` is how many items (points, records, spans, events) the answer was drawn from;
    `origins` are the ids of the observations that say what was fetched for it, from which systems.
    """

    id: str
    tool: str
    source: str
    query: Mapping[str, Any]
    window: Window | None
    status: Status
    count: int
    content: Any
    sha256: str
    problems: tuple[Problem, ...] = ()
    at: float = 0.0
    origins: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether the content still is what was hashed when it was recorded."""
        return hashlib.sha256(canonical(self.content)).hexdigest() == self.sha256

    @property
    def key(self) -> str:
        return query_key(self.tool, self.source, self.query)


def canonical(content: Any) -> bytes:
    """JSON bytes with sorted keys; NaN and infinities become null.

    What JSON cannot hold stays readable: lone surrogates are escaped, integers beyond 64 bits become
    text, and what is nested deeper than DEEPEST is cut off with an ellipsis.
    """
    try:
        return orjson.dumps(content, option=_OPTIONS)
    except TypeError:
        return orjson.dumps(_storable(content, 0), option=_OPTIONS)


def _storable(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return "…"
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, Mapping):
        return {_storable(key, depth + 1): _storable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner, depth + 1) for inner in value]
    return value


def query_key(tool: str, source: str, query: Mapping[str, Any]) -> str:
    """The same for the same question to the same source, whatever the order of its parts."""
    return canonical([tool, source, dict(query)]).decode()
