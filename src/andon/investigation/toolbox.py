"""The toolbox: one way in and one way out for every tool.

A tool is a typed, read-only function from a question to observations. It asks through `Toolbox.ask`,
which answers from the ledger when the same question was asked before, and otherwise lets the tool
fetch and writes the answer down. A toolbox without sources replays a run from its ledger alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeVar

from pydantic import TypeAdapter

from andon.analysis.calls import Calls, find_calls
from andon.analysis.templates import TemplateTable
from andon.connectors import Signal, Source
from andon.connectors.joined import Answered, JoinedSource
from andon.investigation.mining import mine_batches
from andon.storage import Ledger, Observation
from andon.telemetry import Fetch, Logs, Problem, Result, Status, Window

__all__ = [
    "FETCH",
    "KNOWLEDGE",
    "LENT",
    "Answer",
    "Fetched",
    "Reach",
    "Toolbox",
    "content",
    "record_fetch",
    "worst",
]

T = TypeVar("T")

Reach = tuple[tuple[str, ...], int] | None
"""Services and items, as `Toolbox.narrow` was told."""

FETCH = "fetch"
"""The tool of observations that say what was fetched from a live system; they answer no question themselves."""


KNOWLEDGE, LENT = "knowledge", "lent"
"""The tools whose observations come from documents, and from tools that other programs lend."""

_OF_NO_SOURCE = frozenset([FETCH, KNOWLEDGE, LENT])
"""Observations whose `source` is none that the other tools ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool got from a source: a dataclass of plain values, how whole it is, and which share it was drawn from."""

    content: Any
    status: Status
    count: int
    problems: tuple[Problem, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched from one system for one signal: in how many requests, how many bytes, which share of what it holds.

    `shares` are the least and the most of what was sampled, for what is rarer or graver may be sampled more
    closely; 1 and 1 where nothing was. `fetches` are the first of the requests, as they were sent. `first` and
    `last` are when the telemetry begins and ends (Unix seconds), None where there is none.
    """

    requests: int
    bytes: int
    shares: tuple[float, float]
    fetches: tuple[Fetch, ...]
    first: float | None = None
    last: float | None = None

    @classmethod
    def of(cls, fetches: Sequence[Fetch], reach: tuple[float, float] | None = None) -> Fetched:
        sampled = [fetch.share for fetch in fetches if fetch.share < 1]
        shares = (min(sampled), max(sampled)) if sampled else (1.0, 1.0)
        first, last = reach or (None, None)
        size = sum(fetch.bytes for fetch in fetches)
        return cls(len(fetches), size, shares, tuple(fetches[:_TOLD]), first, last)


_TOLD = 100
"""Requests that are kept word by word for one answer; the slices of a sample are alike."""

_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(type_: Any) -> TypeAdapter[Any]:
    """Built once for each type, since building costs more than using."""
    if type_ not in _ADAPTERS:
        _ADAPTERS[type_] = TypeAdapter(type_)
    return _ADAPTERS[type_]


def record_fetch(ledger: Ledger, answered: Answered) -> Observation:
    """Writes down what one system answered for one signal: the requests, not the telemetry."""
    need, result = answered.need, answered.result
    query = {
        "what": answered.signal,
        "services": list(need.services),
        "from": need.window.start,
        "to": need.window.end,
        "items": need.items,
    }
    return ledger.record(
        FETCH,
        answered.source,
        query,
        window=need.window,
        status=result.status,
        count=result.count,
        content=_plain(Fetched.of(result.fetches, _reach(answered.signal, result.value))),
        problems=result.problems,
    )


def _reach(signal: Signal, value: Any) -> tuple[float, float] | None:
    """When the telemetry begins and ends."""
    if signal is Signal.METRICS:
        ends = [(float(one.times[0]), float(one.times[-1])) for one in value if len(one.times)]
    elif signal in (Signal.LOGS, Signal.TRACES):
        times = value.times if signal is Signal.LOGS else value.starts
        ends = [(float(times[0]), float(times[-1]))] if len(times) else []
    else:
        ends = []
    return (min(first for first, _ in ends), max(last for _, last in ends)) if ends else None


def _plain(value: Any) -> Any:
    """A dataclass as plain JSON values."""
    return _adapter(type(value)).dump_python(value, mode="json")


def content(observation: Observation, type_: type[T]) -> T:
    """The content of an observation as the dataclass that the tool made it from."""
    value: T = _adapter(type_).validate_python(observation.content)
    return value


class Toolbox:
    """Sources, the ledger, and what two questions need: calls resolved from spans, templates of logs."""

    def __init__(
        self,
        sources: Sequence[Source],
        ledger: Ledger,
        on_observation: Callable[[Observation], None] = lambda _: None,
    ) -> None:
        self.sources = tuple(sources)
        self.ledger = ledger
        self._on_observation = on_observation
        self._lock = RLock()
        self._calls: dict[tuple[str, Window], Calls] = {}
        self._templates: dict[tuple[str, Window], TemplateTable] = {}
        self._reach: dict[str, Any] = {}

    @property
    def source_names(self) -> tuple[str, ...]:
        """The sources at hand, or on a replay those that the ledger has answers from."""
        known = [source.name for source in self.sources]
        seen = (*self.ledger, *self.ledger.foreseen)
        return tuple(dict.fromkeys(known + [o.source for o in seen if o.tool not in _OF_NO_SOURCE]))

    @property
    def live(self) -> bool:
        """Whether any source fetches what it is asked for, or did so when the ledger was written."""
        held = any(isinstance(source, JoinedSource) and source.live for source in self.sources)
        return held or any(o.tool == FETCH for o in (*self.ledger, *self.ledger.foreseen))

    def narrow(self, services: Sequence[str], items: int) -> None:
        """From now on sources that fetch look at these services only (none: all), at most at so many records and spans.

        It is part of every question from now on: the same question with another reach is another one.
        """
        self._reach = {"services": sorted(services), "items": items}
        for source in self.sources:
            if isinstance(source, JoinedSource):
                source.narrow(services, items)
        self._calls.clear()
        self._templates.clear()

    @property
    def reach(self) -> Reach:
        """The services that are looked at (none: all) and how many records and spans; None before `narrow`."""
        return (tuple(self._reach["services"]), self._reach["items"]) if self._reach else None

    def restore(self, reach: Reach) -> None:
        """Goes back to a reach that was in force before."""
        if reach is not None and reach != self.reach:
            self.narrow(*reach)

    def ask(
        self,
        tool: str,
        query: Mapping[str, Any],
        fetch: Callable[[Source], Answer],
        *,
        window: Window | None = None,
        only: str | None = None,
    ) -> tuple[Observation, ...]:
        """One observation for each source (or the one named), in the order of the sources."""
        with self._lock:
            names = self.source_names if only is None else (only,)
            return tuple(self._ask(tool, name, query, fetch, window) for name in names)

    def _ask(
        self,
        tool: str,
        name: str,
        query: Mapping[str, Any],
        fetch: Callable[[Source], Answer],
        window: Window | None,
    ) -> Observation:
        query = dict(query) | ({"from": window.start, "to": window.end} if window else {}) | self._reach
        known = self.ledger.asked(tool, name, query)
        if known is not None:
            return known
        source = next((source for source in self.sources if source.name == name), None)
        if source is None:
            answer = Answer(None, Status.FAILED, 0, (Problem(name, "the source is not at hand any more"),))
        else:
            answer = fetch(source)
        observation = self.ledger.record(
            tool,
            name,
            query,
            window=window,
            status=answer.status,
            count=answer.count,
            content=None if answer.content is None else _plain(answer.content),
            problems=answer.problems,
            origins=source.origins() if isinstance(source, JoinedSource) else (),
        )
        self._on_observation(observation)
        return observation

    def calls(self, source: Source, window: Window) -> tuple[Calls, Answer]:
        """The calls of a source in a window; the answer carries their status and has no content."""
        result = source.spans(window)
        key = (source.name, window)
        if key not in self._calls:
            self._calls[key] = find_calls(result.value)
        return self._calls[key], Answer(None, result.status, result.count, result.problems, result.share)

    def templates(self, source: Source, window: Window) -> tuple[Result[Logs], TemplateTable]:
        """The logs of a source in a window, and their templates, which are mined once."""
        result = source.logs(window)
        key = (source.name, window)
        if key not in self._templates:
            self._templates[key] = mine_batches(result.value.bodies)
        return result, self._templates[key]


def worst(*answers: Answer) -> Status:
    """The status that says most about what is lacking."""
    order = [Status.FAILED, Status.DENIED, Status.TRUNCATED, Status.PARTIAL, Status.OK, Status.EMPTY]
    return min((answer.status for answer in answers), key=order.index)
