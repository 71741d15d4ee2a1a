"""From the entities of a catalogue to elements and relationships.

A system is a software system, a component a container, a subcomponent a component of the C4 model; an API is a component
of whoever provides it, a resource an infrastructure node; a domain groups systems. Who consumes an API calls its
provider. What entities are and how they relate: the system model and well-known relations of Backstage's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from andon.connectors.json_values import text_in
from andon.telemetry import Element, ElementKind, Relationship, Topology

__all__ = ["Catalogue", "Entity", "entity_of", "topology_of"]

_KINDS = {
    "system": ElementKind.SOFTWARE_SYSTEM,
    "component": ElementKind.CONTAINER,
    "api": ElementKind.COMPONENT,
    "resource": ElementKind.INFRASTRUCTURE_NODE,
}
_HOUSEKEEPING = (
    "backstage.io/managed-by",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/source-",
)
_OF_SPEC = {
    "dependsOn": "dependsOn",
    "consumesApis": "consumesApi",
    "providesApis": "providesApi",
    "owner": "ownedBy",
    "system": "partOf",
    "domain": "partOf",
    "subcomponentOf": "partOf",
}
"""What an entity that was not yet processed states itself, and the relation that it becomes."""
_KIND_MEANT = {
    "consumesApis": "api",
    "providesApis": "api",
    "owner": "group",
    "system": "system",
    "domain": "domain",
}


@dataclass(frozen=True)
class Entity:
    """One entity; `relations` are pairs of a type and the reference that it points to."""

    ref: str
    kind: str
    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    relations: tuple[tuple[str, str], ...] = ()

    def to(self, relation: str) -> tuple[str, ...]:
        return tuple(target for kind, target in self.relations if kind == relation)

    def text(self, key: str) -> str:
        value = self.spec.get(key)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Catalogue:
    """The topology, and how many relations point to entities that were not among those read."""

    topology: Topology
    dangling: int


def entity_of(item: Any) -> Entity | None:
    """An entity, None when it has no kind and name; references are in lower case, as Backstage compares them."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict) or not text_in(item, "kind") or not text_in(metadata, "name"):
        return None
    kind, name = text_in(item, "kind").casefold(), text_in(metadata, "name")
    home = text_in(metadata, "namespace").casefold() or "default"
    spec = item.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    relations = tuple(_stated(item.get("relations"))) or tuple(_from_spec(spec, home))
    return Entity(f"{kind}:{home}/{name.casefold()}", kind, name, metadata, spec, relations)


def topology_of(entities: Iterable[Entity], name: str, identifiers: Sequence[str]) -> Catalogue:
    """The topology; `identifiers` are annotations that name the service as telemetry does, in order of belief."""
    held = {entity.ref: entity for entity in entities}
    providers = {api: one.ref for one in held.values() for api in one.to("providesApi")}
    elements = [_element(one, held, providers, identifiers) for one in held.values() if one.kind in _KINDS]
    relationships: dict[tuple[str, str, str], Relationship] = {}
    dangling = 0
    drawn = dict.fromkeys(element.id for element in elements)
    for entity in (held[ref] for ref in drawn):
        for one in _uses(entity, held, providers):
            if one.destination in drawn:
                relationships.setdefault((one.source, one.destination, one.description), one)
            dangling += one.destination not in held
    return Catalogue(Topology(tuple(elements), tuple(relationships.values()), name), dangling)


def _element(
    entity: Entity, held: Mapping[str, Entity], providers: Mapping[str, str], identifiers: Sequence[str]
) -> Element:
    wholes = [held[ref] for ref in entity.to("partOf") if ref in held and ref != entity.ref]
    parent = min((w for w in wholes if w.kind in _KINDS), key=_nearness, default=None)
    home = providers.get(entity.ref, "") if entity.kind == "api" else ""
    domain = next((whole.name for whole in wholes if whole.kind == "domain"), "")
    kind = _KINDS[entity.kind]
    if entity.kind == "component" and parent is not None and parent.kind == "component":
        kind = ElementKind.COMPONENT
    return Element(
        entity.ref,
        kind,
        entity.name,
        description=text_in(entity.metadata, "description") or text_in(entity.metadata, "title"),
        technology=entity.text("type"),
        tags=tuple(_tags(entity)),
        properties=_properties(entity, identifiers),
        parent=(home if home in held else "") or (parent.ref if parent else ""),
        group=domain,
    )


def _nearness(whole: Entity) -> tuple[bool, str]:
    """A component that something is part of is nearer than its system."""
    return whole.kind != "component", whole.ref


def _uses(entity: Entity, held: Mapping[str, Entity], providers: Mapping[str, str]) -> Iterator[Relationship]:
    for target in entity.to("dependsOn"):
        yield Relationship(entity.ref, target, "depends on")
    for api in entity.to("consumesApi"):
        provider = providers.get(api, "")
        technology = held[api].text("type") if api in held else ""
        if provider and provider != entity.ref:
            name = held[api].name if api in held else api.rpartition("/")[2]
            yield Relationship(entity.ref, provider, f"consumes {name}", technology)
        elif not provider:
            yield Relationship(entity.ref, api, "consumes", technology)


def _properties(entity: Entity, identifiers: Sequence[str]) -> dict[str, str]:
    """Who owns it, and its annotations, for they name it in other systems."""
    notes = entity.metadata.get("annotations")
    texts = {k: v for k, v in (notes if isinstance(notes, dict) else {}).items() if isinstance(v, str) and v}
    found = {key: value for key, value in texts.items() if not key.startswith(_HOUSEKEEPING)}
    service = next((texts[key] for key in identifiers if key in texts), "")
    owners = ", ".join(ref.rpartition("/")[2] for ref in entity.to("ownedBy")) or entity.text("owner")
    return found | {k: v for k, v in (("service.name", service), ("owner", owners)) if v}


def _tags(entity: Entity) -> Iterator[str]:
    if entity.text("lifecycle"):
        yield f"lifecycle:{entity.text('lifecycle')}"
    tags = entity.metadata.get("tags")
    yield from (tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))


def _stated(relations: Any) -> Iterator[tuple[str, str]]:
    for one in relations if isinstance(relations, list) else ():
        if isinstance(one, dict) and text_in(one, "type") and text_in(one, "targetRef"):
            yield text_in(one, "type"), text_in(one, "targetRef").casefold()


def _from_spec(spec: Mapping[str, Any], home: str) -> Iterator[tuple[str, str]]:
    for key, relation in _OF_SPEC.items():
        stated = spec.get(key)
        for ref in stated if isinstance(stated, list) else [stated]:
            if isinstance(ref, str) and ref:
                yield relation, _whole_ref(ref.casefold(), _KIND_MEANT.get(key, "component"), home)


def _whole_ref(ref: str, kind: str, home: str) -> str:
    """`[kind:][namespace/]name` with what was left out."""
    before, colon, rest = ref.partition(":")
    kind, rest = (before, rest) if colon else (kind, ref)
    return f"{kind}:{rest}" if "/" in rest else f"{kind}:{home}/{rest}"
