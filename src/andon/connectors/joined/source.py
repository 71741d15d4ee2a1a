"""Several systems as one source: asked at once, each as far as it is needed, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from andon.connectors.connector import Connector, Need
from andon.connectors.joined.merging import cut_of, merged
from andon.connectors.source import Signal, Source, SourceInfo
from andon.connectors.unanswered import broken
from andon.telemetry import (
    Alert,
    ChangeEvent,
    Logs,
    MetricSeries,
    Problem,
    Result,
    Spans,
    Status,
    Topology,
    Window,
)

__all__ = ["Answered", "JoinedSource", "Part"]

T = TypeVar("T")

Part = Connector | Source

_BEFORE = 86_400.0
"""Seconds before the window in which changes are looked for too: one may act late."""
_RESOLUTION = 240
"""Points of a series that a window is divided into: what a chart shows, and twice what the analysis bins."""
_FINEST = 1.0
"""Seconds: nobody scrapes more often."""
_MANY = 4
"""With more parts than this, the name only counts them."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one system answered for one signal, for whoever keeps a record of it."""

    source: str
    signal: Signal
    need: Need
    result: Result[Any]


class JoinedSource:
    """Every part is asked at once and under its own time limit; what one lacks is a problem of the whole, never its end.

    `look` is the time that is looked at. What is fetched for it is kept, and every narrower window is cut from it.
    `narrow` says which services matter and how many records and spans are wanted: before it, spans are
    fetched for all services; metrics and logs are fetched when they are first asked for. `record` is told each
    answer and returns a name for it (or none), by which `origins` says what an answer was drawn from.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        look: Window,
        record: Callable[[Answered], str] = lambda _: "",
        arrived: Callable[[Answered], None] = lambda _: None,
    ) -> None:
        self.parts = tuple(parts)
        self.look = look
        self._infos = {id(part): part.info() for part in parts if not isinstance(part, Connector)}
        self._signals = {
            id(part): set(part.signals)
            if isinstance(part, Connector)
            else set(self._infos[id(part)].signals) & _HELD.keys()
            for part in parts
        }
        self._record = record
        self._arrived = arrived
        self._need = Need(look, step=max(_FINEST, look.seconds / _RESOLUTION))
        self._kept: dict[Signal, tuple[Need, Result[Any], tuple[str, ...]]] = {}
        self._used: dict[str, None] = {}
        self._silent: set[int] = set()

    @property
    def name(self) -> str:
        names = [part.name for part in self.parts]
        return ", ".join(names) if len(names) <= _MANY else f"{len(names)} sources"

    @property
    def live(self) -> bool:
        """Whether any part fetches what it is asked for."""
        return any(isinstance(part, Connector) for part in self.parts)

    def narrow(self, services: Iterable[str], items: int) -> None:
        """From now on only these services (none: all), and up to so many records and spans of each part."""
        self._need = replace(self._need, services=tuple(sorted(services)), items=items)

    def origins(self) -> tuple[str, ...]:
        """What was used since this was last asked."""
        used, self._used = tuple(self._used), {}
        return used

    def info(self) -> SourceInfo:
        """What the parts are; files are read for what they state, live systems are not asked."""
        held = self._infos.values()
        signals = {signal for signals in self._signals.values() for signal in signals}
        return SourceInfo(
            name=self.name,
            kind="joined",
            signals=tuple(s for s in Signal if s in signals),
            extent=self.look,
            incident=next((i.incident for i in held if i.incident), None),
            baseline=next((i.baseline for i in held if i.baseline), None),
            alert=next((i.alert for i in held if i.alert is not None), None),
            symptom=next((i.symptom for i in held if i.symptom), ""),
            problems=tuple(problem for info in held for problem in info.problems),
        )

    def metrics(self, window: Window) -> Result[tuple[MetricSeries, ...]]:
        whole = self._fetched(Signal.METRICS)
        cut = tuple(part for one in whole.value if len((part := one.within(window)).times))
        return cut_of(whole, cut, sum(len(one.times) for one in cut))

    def logs(self, window: Window) -> Result[Logs]:
        whole = self._fetched(Signal.LOGS)
        cut = whole.value.within(window)
        return cut_of(whole, cut, len(cut))

    def spans(self, window: Window) -> Result[Spans]:
        whole = self._fetched(Signal.TRACES)
        cut = whole.value.within(window)
        return cut_of(whole, cut, len(cut))

    def changes(self, window: Window) -> Result[tuple[ChangeEvent, ...]]:
        whole = self._fetched(Signal.CHANGES, window)
        cut = tuple(event for event in whole.value if event.time in window)
        return cut_of(whole, cut, len(cut))

    def alerts(self) -> Result[tuple[Alert, ...]]:
        """Alerts that fired in the time that is looked at."""
        return self._fetched(Signal.ALERTS)

    def topology(self) -> Result[Topology]:
        return self._fetched(Signal.TOPOLOGY)

    def services(self, window: Window) -> frozenset[str]:
        """What the parts list; where one cannot list, also what all metrics and logs speak of."""
        telling = [part for part in self.parts if {*self._signals[id(part)]} & {*_STAGES[1]}]
        live = [part for part in telling if isinstance(part, Connector) and id(part) not in self._silent]
        listed = self._at_once([partial(_safely, p, partial(p.services, self._need), ()) for p in live])
        found = {name for result in listed for name in result.value}
        held = any(not isinstance(part, Connector) for part in telling)
        if held or not all(result.value for result in listed):
            metrics, logs = self.metrics(window).value, self.logs(window).value
            found |= {series.service for series in metrics} | set(logs.services)
        return frozenset(found)

    def _need_of(self, signal: Signal, window: Window | None) -> Need:
        if signal is Signal.CHANGES:
            before = self.look.start - max(self.look.seconds, _BEFORE)
            asked = window or self.look
            return Need(Window(min(before, asked.start), max(self.look.end, asked.end)))
        if signal is Signal.METRICS:
            return replace(self._need, items=Need(self.look).items)  # Aggregated, not sampled.
        if signal is Signal.LOGS:
            return self._need
        return replace(self._need, services=())

    def _fetched(self, signal: Signal, window: Window | None = None) -> Result[Any]:
        """The whole of a signal; with it comes whatever else of its stage is not there yet."""
        need = self._need_of(signal, window)
        known = self._kept.get(signal)
        if known is None or not _covers(known[0], need):
            stage = next(signals for signals in _STAGES if signal in signals)
            needs = {s: self._need_of(s, None) for s in stage if s not in self._kept} | {signal: need}
            asks = [
                (part, s, n) for s, n in needs.items() for part in self.parts if s in self._signals[id(part)]
            ]
            answers = self._at_once([partial(self._ask, *ask) for ask in asks])
            for each in needs:
                found = [a for a in answers if a.signal is each]
                names = tuple(name for answer in found if (name := self._record(answer)))
                self._kept[each] = needs[each], merged(each, [a.result for a in found]), names
            known = self._kept[signal]
        self._used.update(dict.fromkeys(known[2]))
        return known[1]

    def _ask(self, part: Part, signal: Signal, need: Need) -> Answered:
        if isinstance(part, Connector):
            result = self._asked(part, signal, need)
        else:
            result = _HELD[signal](part, need.window)
        answered = Answered(part.name, signal, need, result)
        self._arrived(answered)
        return answered

    def _asked(self, part: Connector, signal: Signal, need: Need) -> Result[Any]:
        """What a live system answers; one that let all its time pass without a word is not waited for again."""
        nothing = merged(signal, ()).value
        if id(part) in self._silent:
            told = Problem(part.name, "not asked again: it did not answer in time before")
            return Result(nothing, Status.FAILED, 0, (told,))
        limited = replace(need, items=min(need.items, part.config.limits.items))
        began = time.monotonic()
        result = _safely(part, partial(_LIVE[signal], part, limited), nothing)
        patience = min(part.config.limits.timeout, part.config.limits.seconds) / 2
        if result.status is Status.FAILED and not result.fetches and time.monotonic() - began >= patience:
            self._silent.add(id(part))
        return result

    def _at_once(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """What the tasks return, in their order; each has a thread, for none may wait for another."""
        if not tasks:
            return []
        with ThreadPoolExecutor(max_workers=len(tasks), thread_name_prefix="fetch") as pool:
            try:
                return list(pool.map(lambda task: task(), tasks))
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Ends whatever is under way, and gives back what the live parts hold."""
        live = [part for part in self.parts if isinstance(part, Connector)]
        for part in live:
            part.session.cancel()
        for part in live:
            part.session.close()
            part.close()


_STAGES = (
    (Signal.TOPOLOGY, Signal.TRACES, Signal.CHANGES, Signal.ALERTS),
    (Signal.METRICS, Signal.LOGS),
)
"""What is asked for together: first what shows which services there are, then what is asked of some of them."""

_LIVE: Mapping[Signal, Callable[[Connector, Need], Result[Any]]] = {
    Signal.METRICS: lambda part, need: part.metrics(need),
    Signal.LOGS: lambda part, need: part.logs(need),
    Signal.TRACES: lambda part, need: part.spans(need),
    Signal.CHANGES: lambda part, need: part.changes(need),
    Signal.ALERTS: lambda part, need: part.alerts(need),
    Signal.TOPOLOGY: lambda part, _: part.topology(),
}
_HELD: Mapping[Signal, Callable[[Source, Window], Result[Any]]] = {
    Signal.METRICS: lambda part, window: part.metrics(window),
    Signal.LOGS: lambda part, window: part.logs(window),
    Signal.TRACES: lambda part, window: part.spans(window),
    Signal.CHANGES: lambda part, window: part.changes(window),
    Signal.TOPOLOGY: lambda part, _: part.topology(),
}


def _safely(part: Connector, ask: Callable[[], Result[Any]], nothing: Any) -> Result[Any]:
    """What a live system answers within its time, told without secrets.

    A connector that raises has failed, and the others go on.
    """
    hide = part.session.vault.hide
    part.session.extend(part.config.limits.seconds)
    try:
        result = ask()
    except Exception as error:
        gap = broken(error, hide)
        return Result(nothing, gap.status, 0, (Problem(part.name, gap.message, hint=gap.hint),))
    problems = tuple(replace(p, message=hide(p.message), hint=hide(p.hint)) for p in result.problems)
    fetches = tuple(replace(f, query=hide(f.query), place=hide(f.place)) for f in result.fetches)
    return replace(result, problems=problems, fetches=fetches)


def _covers(had: Need, need: Need) -> bool:
    """Whether what was fetched for one need holds what another asks for."""
    wider = not had.services or (need.services and set(need.services) <= set(had.services))
    within = had.window.start <= need.window.start and need.window.end <= had.window.end
    return bool(wider) and within and had.items >= need.items
