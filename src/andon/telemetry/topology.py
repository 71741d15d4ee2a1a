"""The system as a C4 model: elements, and relationships between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

__all__ = ["Element", "ElementKind", "Relationship", "Topology"]


class ElementKind(StrEnum):
    """The kinds of elements that a C4 model and its deployment hold."""

    PERSON = "person"
    SOFTWARE_SYSTEM = "software-system"
    CONTAINER = "container"
    COMPONENT = "component"
    CUSTOM = "custom"
    DEPLOYMENT_NODE = "deployment-node"
    INFRASTRUCTURE_NODE = "infrastructure-node"
    SOFTWARE_SYSTEM_INSTANCE = "software-system-instance"
    CONTAINER_INSTANCE = "container-instance"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the model.

    `id` is unique within the topology (the DSL identifier where one was assigned, dotted when
    hierarchical); `parent` the id of what contains it; `instance_of` the id of the element that an
    instance deploys; `environment` the deployment environment of nodes and instances.
    """

    id: str
    kind: ElementKind
    name: str
    description: str = ""
    technology: str = ""
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    group: str = ""
    url: str = ""
    instance_of: str = ""
    environment: str = ""
    instances: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """`source` uses or calls `destination` (element ids).

    `declared`: it stands in the architecture model. `calls`: how many calls from source to
    destination were seen in traces, None when nobody looked.
    """

    source: str
    destination: str
    description: str = ""
    technology: str = ""
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    declared: bool = True
    calls: int | None = None


@dataclass(frozen=True)
class Topology:
    """Elements and relationships; walks follow relationships from caller to callee."""

    elements: tuple[Element, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    name: str = ""

    @classmethod
    def joined(cls, parts: Sequence[Topology]) -> Topology:
        """One topology: of elements with the same id the first counts, relationships with equal ends and words are kept once."""
        if len(parts) == 1:
            return parts[0]
        elements: dict[str, Element] = {}
        relationships: dict[tuple[str, str, str], Relationship] = {}
        for part in parts:
            for element in part.elements:
                elements.setdefault(element.id, element)
            for one in part.relationships:
                relationships.setdefault((one.source, one.destination, one.description), one)
        name = next((part.name for part in parts if part.name), "")
        return cls(tuple(elements.values()), tuple(relationships.values()), name)

    @cached_property
    def by_id(self) -> Mapping[str, Element]:
        return {element.id: element for element in self.elements}

    @cached_property
    def callees(self) -> Mapping[str, tuple[str, ...]]:
        """Element id to the ids that it calls, in the order of the relationships, each once."""
        return _adjacent((r.source, r.destination) for r in self.relationships)

    @cached_property
    def callers(self) -> Mapping[str, tuple[str, ...]]:
        return _adjacent((r.destination, r.source) for r in self.relationships)

    def distances(self, start: Iterable[str], *, upstream: bool = False) -> dict[str, int]:
        """Hops from the nearest start element to every element that can be reached; cycles are fine."""
        step = self.callers if upstream else self.callees
        seen = dict.fromkeys(start, 0)
        frontier = list(seen)
        while frontier:
            following = []
            for node in frontier:
                for neighbour in step.get(node, ()):
                    if neighbour not in seen:
                        seen[neighbour] = seen[node] + 1
                        following.append(neighbour)
            frontier = following
        return seen


def _adjacent(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for a, b in pairs:
        found.setdefault(a, {})[b] = None
    return {node: tuple(neighbours) for node, neighbours in found.items()}
