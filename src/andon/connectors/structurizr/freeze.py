"""A model that was read, frozen into a topology with ids for all its elements."""

from __future__ import annotations

import re

from andon.connectors.structurizr.model import Model, Node
from andon.telemetry import Element, ElementKind, Relationship, Topology

__all__ = ["freeze"]

MAX_SLUG = 60


def freeze(model: Model) -> Topology:
    """Ids are the identifiers where assigned, else paths of names, made unique by `~2`, `~3`, …"""
    ids = _ids(model.nodes)
    elements = tuple(_element(node, node.kind, ids) for node in model.nodes if node.kind is not None)
    relationships = tuple(
        Relationship(
            ids[link.source],
            ids[link.destination],
            link.description,
            link.technology,
            tuple(link.tags),
            dict(link.properties),
        )
        for link in model.links()
    )
    return Topology(elements, relationships, model.name)


def _element(node: Node, kind: ElementKind, ids: dict[Node, str]) -> Element:
    parent, environment = node.parent, node.environment
    return Element(
        id=ids[node],
        kind=kind,
        name=node.name,
        description=node.description,
        technology=node.technology,
        tags=tuple(node.tags),
        properties=dict(node.properties),
        parent=ids[parent] if parent is not None and parent.kind is not None else "",
        group=node.group,
        url=node.url,
        instance_of=ids[node.instance_of] if node.instance_of is not None else "",
        environment=environment.name if environment is not None else "",
        instances=node.instances,
    )


def _ids(nodes: list[Node]) -> dict[Node, str]:
    """Plain identifiers first, so that a path of names never takes one; parents stand before children."""
    ids: dict[Node, str] = {}
    taken: set[str] = set()
    counts: dict[str, int] = {}

    def take(node: Node, wanted: str) -> None:
        found = wanted
        while found in taken:
            counts[wanted] = counts.get(wanted, 1) + 1
            found = f"{wanted}~{counts[wanted]}"
        taken.add(found)
        ids[node] = found

    plain = [node for node in nodes if node.identifier and not node.qualified]
    for node in plain:
        take(node, node.identifier)
    for node in nodes:
        if node not in ids:
            above = ids[node.parent] if node.parent is not None else ""
            joint = ("." if node.identifier else "/") if above else ""
            take(node, above + joint + (node.identifier or _slug(node)))
    return ids


def _slug(node: Node) -> str:
    slug = re.sub(r"[\W_]+", "-", node.name.lower()).strip("-")
    return slug[:MAX_SLUG] or (node.kind.value if node.kind is not None else "environment")
