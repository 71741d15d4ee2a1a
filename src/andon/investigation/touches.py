"""What a change touched: from the names and identifiers in an event to elements of the topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from andon.analysis.signals import words
from andon.investigation.findings import LEAST_IDENTIFIER, Model
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind

__all__ = ["Touch", "touched"]


@dataclass(frozen=True, slots=True)
class Touch:
    """`element` was changed itself; `reach` are elements that the change acts on (itself included)."""

    element: str
    reach: tuple[str, ...]
    how: str


def touched(event: ChangeEvent, model: Model, deploys: Mapping[str, str]) -> tuple[Touch, ...]:
    """The elements that an event names, best first. `deploys` maps a commit to the service it went to."""
    names = dict.fromkeys(_names(event))
    if event.commit or event.id in deploys:
        names = dict.fromkeys([deploys.get(event.commit or event.id, ""), *names])
    found: dict[str, Touch] = {}
    for name in names:
        for element, how in _elements(name, model):
            found.setdefault(element, Touch(element, _reach(element, model), how))
    if not found and event.kind in (ChangeKind.COMMIT, ChangeKind.DEPLOY):
        for element, how in _by_path(event, model):
            found.setdefault(element, Touch(element, _reach(element, model), how))
    return tuple(_narrowed(list(found.values()), model))


_SHARED = (ElementKind.INFRASTRUCTURE_NODE, ElementKind.DEPLOYMENT_NODE)
"""What others run on or behind."""


def _narrowed(touches: list[Touch], model: Model) -> Iterator[Touch]:
    """Touches, those of shared infrastructure and of machines without neighbours when the event says which one is meant."""
    named = {touch.element for touch in touches}
    for touch in touches:
        known = model.topology.by_id.get(touch.element)
        meant = [e for e in touch.reach if e in named and e != touch.element]
        if known is not None and known.kind in _SHARED and meant:
            touch = Touch(touch.element, (touch.element, *meant), touch.how)
        yield touch


def _names(event: ChangeEvent) -> Iterator[str]:
    """Texts of the event that may be identifiers, the most direct first."""
    yield event.target
    yield from event.resources
    yield from _texts(event.parameters)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth < 6:
        for inner in value.values():
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list | tuple) and depth < 6:
        for inner in value:
            yield from _texts(inner, depth + 1)


def _elements(name: str, model: Model) -> Iterator[tuple[str, str]]:
    """Elements that a text names: by service, property, identifier or name; then by a part of a path."""
    if len(name) < LEAST_IDENTIFIER:
        return
    parts = (
        name,
        name.rsplit("/", 1)[-1],
        name.rsplit(":", 1)[-1],
        *reversed(name.split("/")),
        name.split(".")[0],
    )
    for candidate in dict.fromkeys(part for part in parts if len(part) >= LEAST_IDENTIFIER):
        if candidate in model.element_of:
            yield model.element_of[candidate], f"service {candidate}"
        for element in model.identifiers.get(candidate.casefold(), ()):
            yield element, f"identifier {candidate}"


def _by_path(event: ChangeEvent, model: Model) -> Iterator[tuple[str, str]]:
    """Elements whose service name occurs, word for word, in the path of a changed file."""
    for file in event.files:
        spelled = "-".join(words(file))
        for service, element in model.element_of.items():
            name = "-".join(w for w in words(service) if w not in ("service", "svc", "api"))
            if len(name) >= LEAST_IDENTIFIER and f"-{name}-" in f"-{spelled}-":
                yield element, f"path {file}"


def _reach(element: str, model: Model) -> tuple[str, ...]:
    """The element, what it deploys or contains, and for infrastructure what stands next to it."""
    topology = model.topology
    found = [element]
    this = topology.by_id.get(element)
    if this is None:
        return (element,)
    if this.instance_of:
        found.append(this.instance_of)
    infrastructure = this.kind in (ElementKind.INFRASTRUCTURE_NODE, ElementKind.DEPLOYMENT_NODE)
    if infrastructure:
        near = [*topology.callees.get(element, ()), *topology.callers.get(element, ())]
        found.extend(_deployed(topology.by_id[n]) for n in near if n in topology.by_id)
    found.extend(_deployed(other) for other in topology.elements if other.parent == element)
    return tuple(dict.fromkeys(found))


def _deployed(element: Element) -> str:
    return element.instance_of or element.id
