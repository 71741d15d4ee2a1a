"""A span, and the trace that it becomes part of: whatever is under way in this context is its parent.

Where nobody records, spans cost nothing and go nowhere: on a replay, in tests, and whenever no tracing is configured.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum

__all__ = ["Attributes", "Kind", "Span", "Trace", "Value", "annotate", "recording", "span", "with_content"]

Value = str | bool | int | float | Sequence[str]
"""What an attribute may hold."""
Attributes = Mapping[str, Value]


class Kind(IntEnum):
    """What a span stands for, with the numbers of OTLP: work in this process, or a request to another."""

    INTERNAL = 1
    CLIENT = 3


@dataclass
class Span:
    """Work that began and ended, in Unix nanoseconds; `error` says of what class the error was that ended it.

    `id` and `parent` are 8 bytes each, `parent` none for the first of a trace. Attributes are added while it is under way.
    """

    name: str
    kind: Kind = Kind.INTERNAL
    attributes: dict[str, Value] = field(default_factory=dict)
    id: bytes = field(default_factory=lambda: secrets.token_bytes(8))
    parent: bytes = b""
    start: int = 0
    end: int = 0
    error: str = ""


@dataclass
class Trace:
    """The spans of one run in the order in which they ended; `common` attributes are those of each of them.

    With `content`, what was said to a model and by it belongs into them, hidden as it was when it left the process.
    """

    common: Attributes = field(default_factory=dict)
    content: bool = False
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    spans: list[Span] = field(default_factory=list)
    _ahead: int = field(default_factory=lambda: time.time_ns() - time.perf_counter_ns())

    def now(self) -> int:
        """Unix nanoseconds by a clock that nobody sets while the run goes on, so that spans lie within their parents."""
        return self._ahead + time.perf_counter_ns()


@dataclass(frozen=True, slots=True)
class _Current:
    trace: Trace
    span: Span | None = None


_CURRENT: ContextVar[_Current | None] = ContextVar("andon.llm.spans", default=None)
"""A variable of the context and no argument: samples and calls of tools run side by side, each with a parent of its own."""


@contextmanager
def recording(trace: Trace) -> Iterator[None]:
    """Collects every span that begins in this context, and in the tasks that are started from it."""
    token = _CURRENT.set(_Current(trace))
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def span(name: str, kind: Kind = Kind.INTERNAL, attributes: Attributes | None = None) -> Iterator[Span]:
    """A span around what is done in it. An error that leaves it is noted by its class alone, and goes on."""
    current = _CURRENT.get()
    one = Span(name, kind, dict(attributes or {}))
    if current is None:
        yield one
        return
    one.parent = current.span.id if current.span else b""
    one.start = current.trace.now()
    token = _CURRENT.set(_Current(current.trace, one))
    try:
        yield one
    except BaseException as error:
        one.error = _class_of(error)
        raise
    finally:
        _CURRENT.reset(token)
        one.end = current.trace.now()
        current.trace.spans.append(one)


def annotate(attributes: Attributes) -> None:
    """Adds attributes to the span that is under way, if there is one."""
    current = _CURRENT.get()
    if current is not None and current.span is not None:
        current.span.attributes.update(attributes)


def with_content() -> bool:
    """Whether what is said belongs into the spans that are recorded now."""
    current = _CURRENT.get()
    return current is not None and current.trace.content


def _class_of(error: BaseException) -> str:
    """The status that a server answered with, or the name of the exception behind the error; never its words."""
    cause = error.__cause__ or error
    code = getattr(cause, "status_code", None)
    return str(code) if isinstance(code, int) else type(cause).__name__
