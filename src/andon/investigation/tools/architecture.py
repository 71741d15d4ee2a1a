"""`architecture`: the declared model fused with the calls that were seen, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from andon.analysis.calls import Calls
from andon.connectors import Source
from andon.investigation.binding import bind
from andon.investigation.report import Drift, ServiceBinding
from andon.investigation.toolbox import Answer, Toolbox, worst
from andon.storage import Observation
from andon.telemetry import Element, ElementKind, Relationship, Status, Topology, Window

__all__ = ["Architecture", "describe", "fuse"]

TOOL = "architecture"


@dataclass(frozen=True, slots=True)
class Architecture:
    """The fused model; `bindings` tell which service belongs to which element."""

    elements: tuple[Element, ...]
    relationships: tuple[Relationship, ...]
    bindings: tuple[ServiceBinding, ...]
    drift: tuple[Drift, ...]

    def topology(self) -> Topology:
        return Topology(self.elements, self.relationships)


def describe(box: Toolbox, window: Window) -> tuple[Observation, ...]:
    """The fused architecture of each source; content `Architecture`."""

    def fetch(source: Source) -> Answer:
        declared = source.topology()
        calls, traces = box.calls(source, window)
        seen = _links(calls)
        services = {*calls.services, *source.services(window)}
        fused = fuse(declared.value, services, seen)
        status = worst(Answer(None, declared.status, 0), traces)
        if status is Status.EMPTY and services:
            status = Status.OK
        return Answer(fused, status, len(fused.elements), declared.problems)

    return box.ask(TOOL, {"what": "model and calls"}, fetch, window=window)


def _links(calls: Calls) -> dict[tuple[str, str], int]:
    """How many calls were seen from one service to another."""
    callers, callees = calls.link_from, calls.link_to
    linked = (callees >= 0) & (callees != callers)
    pairs, counts = np.unique(
        np.stack([callers[linked], callees[linked]], axis=1), axis=0, return_counts=True
    )
    return {
        (calls.services[a], calls.services[b]): int(count)
        for (a, b), count in zip(pairs.tolist(), counts.tolist(), strict=True)
    }


def fuse(declared: Topology, services: Iterable[str], seen: Mapping[tuple[str, str], int]) -> Architecture:
    """One model from what was declared and what was seen; `seen` counts calls between services."""
    bindings = bind(declared, services)
    element_of = {b.service: b.element for b in bindings}
    new = {
        b.element: Element(b.element, ElementKind.CONTAINER, b.service, tags=("observed",))
        for b in bindings
        if b.element not in declared.by_id
    }
    calls: dict[tuple[str, str], int] = {}
    for (caller, callee), count in seen.items():
        pair = element_of[caller], element_of[callee]
        if pair[0] != pair[1]:
            calls[pair] = calls.get(pair, 0) + count
    relationships, drift = _fuse_relationships(declared, calls, set(element_of.values()))
    return Architecture((*declared.elements, *new.values()), relationships, bindings, drift)


def _fuse_relationships(
    declared: Topology, calls: dict[tuple[str, str], int], observed: set[str]
) -> tuple[tuple[Relationship, ...], tuple[Drift, ...]]:
    fused: list[Relationship] = []
    drift: list[Drift] = []
    known = set()
    for relationship in declared.relationships:
        pair = relationship.source, relationship.destination
        known.add(pair)
        count = calls.get(pair)
        watched = calls and pair[0] in observed and pair[1] in observed
        fused.append(replace(relationship, calls=count if count else (0 if watched else None)))
        if watched and not count:
            drift.append(Drift("declared-not-seen", *pair, relationship.description))
    for pair, count in calls.items():
        if pair not in known:
            fused.append(Relationship(*pair, declared=False, calls=count))
            if declared.elements:
                drift.append(Drift("seen-not-declared", *pair, f"{count} calls"))
    return tuple(fused), tuple(drift)
