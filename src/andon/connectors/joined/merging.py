"""What several systems answered for one signal, as one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from andon.connectors.source import Signal
from andon.telemetry import Element, ElementKind, Logs, MetricSeries, Result, Spans, Status, Topology

__all__ = ["cut_of", "merged"]


def _series(parts: Sequence[Sequence[MetricSeries]]) -> tuple[MetricSeries, ...]:
    """All series; of those that two systems hold alike, the first system's."""
    found: dict[str, MetricSeries] = {}
    for part in parts:
        for one in part:
            found.setdefault(one.key, one)
    return tuple(found.values())


def merged(signal: Signal, results: Sequence[Result[Any]]) -> Result[Any]:
    """All values as one; what a part lacks makes the whole partial, and only if all lack the same, that."""
    value = _MERGE[signal]([result.value for result in results])
    problems = tuple(problem for result in results for problem in result.problems)
    fetches = tuple(fetch for result in results for fetch in result.fetches)
    return Result(value, _status(results), sum(result.count for result in results), problems, fetches)


def _status(results: Sequence[Result[Any]]) -> Status:
    statuses = {result.status for result in results}
    told = statuses - {Status.EMPTY}
    if not told:
        return Status.EMPTY
    if statuses <= {Status.FAILED, Status.DENIED}:
        return Status.FAILED if Status.FAILED in statuses else Status.DENIED
    if len(told) == 1 and not told & {Status.FAILED, Status.DENIED}:
        return next(iter(told))
    return Status.PARTIAL


def cut_of(whole: Result[Any], value: Any, count: int) -> Result[Any]:
    """A part of a whole answer, with what the whole lacks."""
    status = Status.EMPTY if whole.status is Status.OK and not count else whole.status
    return Result(value, status, count, whole.problems, whole.fetches)


_NODES = (ElementKind.DEPLOYMENT_NODE, ElementKind.INFRASTRUCTURE_NODE, ElementKind.PERSON)


def _fused(parts: Sequence[Topology]) -> Topology:
    """One topology; an element that a later system calls as an earlier one does is the same element."""
    known: dict[str, str] = {}
    renamed = []
    for part in parts:
        same = {e.id: known[_called(e)] for e in part.elements if _called(e) in known}
        renamed.append(_renamed(part, same) if same else part)
        for element in part.elements:
            if element.kind not in _NODES and not element.instance_of:
                known.setdefault(_called(element), same.get(element.id, element.id))
    return Topology.joined(renamed)


def _called(element: Element) -> str:
    """What people call it, whatever the case and the signs between the words; nodes are called by their id."""
    if element.kind in _NODES or element.instance_of:
        return f"{element.kind}:{element.id}"
    return "".join(filter(str.isalnum, element.name.casefold()))


def _renamed(part: Topology, same: Mapping[str, str]) -> Topology:
    elements = tuple(
        replace(
            e,
            id=same.get(e.id, e.id),
            parent=same.get(e.parent, e.parent),
            instance_of=same.get(e.instance_of, e.instance_of),
        )
        for e in part.elements
    )
    relationships = tuple(
        replace(r, source=same.get(r.source, r.source), destination=same.get(r.destination, r.destination))
        for r in part.relationships
    )
    return Topology(elements, relationships, part.name)


_MERGE: Mapping[Signal, Callable[[Sequence[Any]], Any]] = {
    Signal.METRICS: lambda parts: _series(parts),
    Signal.LOGS: Logs.joined,
    Signal.TRACES: Spans.joined,
    Signal.CHANGES: lambda parts: tuple(sorted((e for p in parts for e in p), key=lambda e: (e.time, e.id))),
    Signal.ALERTS: lambda parts: tuple(sorted((a for p in parts for a in p), key=lambda a: (a.start, a.id))),
    Signal.TOPOLOGY: lambda parts: _fused(parts),
}
