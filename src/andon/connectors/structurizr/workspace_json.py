"""Reads a workspace in Structurizr's JSON format into a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from andon.connectors.structurizr.model import Link, Model, ModelError, Node, words_of_tags
from andon.errors import ParseError
from andon.telemetry import ElementKind

__all__ = ["IDENTIFIER", "read_json"]

IDENTIFIER = "structurizr.dsl.identifier"
MAX_DEPTH = 100
MAX_ID = 1_000
_OWN_TAGS = {
    ElementKind.PERSON: {"Element", "Person"},
    ElementKind.SOFTWARE_SYSTEM: {"Element", "Software System"},
    ElementKind.CONTAINER: {"Element", "Container"},
    ElementKind.COMPONENT: {"Element", "Component"},
    ElementKind.CUSTOM: {"Element"},
    ElementKind.DEPLOYMENT_NODE: {"Element", "Deployment Node"},
    ElementKind.INFRASTRUCTURE_NODE: {"Element", "Infrastructure Node"},
    ElementKind.SOFTWARE_SYSTEM_INSTANCE: {"Software System Instance"},
    ElementKind.CONTAINER_INSTANCE: {"Container Instance"},
}
_CHILDREN: dict[ElementKind, tuple[tuple[str, ElementKind], ...]] = {
    ElementKind.SOFTWARE_SYSTEM: (("containers", ElementKind.CONTAINER),),
    ElementKind.CONTAINER: (("components", ElementKind.COMPONENT),),
    ElementKind.DEPLOYMENT_NODE: (
        ("children", ElementKind.DEPLOYMENT_NODE),
        ("infrastructureNodes", ElementKind.INFRASTRUCTURE_NODE),
        ("softwareSystemInstances", ElementKind.SOFTWARE_SYSTEM_INSTANCE),
        ("containerInstances", ElementKind.CONTAINER_INSTANCE),
    ),
}
_TOP = (
    ("people", ElementKind.PERSON),
    ("softwareSystems", ElementKind.SOFTWARE_SYSTEM),
    ("customElements", ElementKind.CUSTOM),
    ("deploymentNodes", ElementKind.DEPLOYMENT_NODE),
)
_INSTANCE_OF = {
    ElementKind.SOFTWARE_SYSTEM_INSTANCE: "softwareSystemId",
    ElementKind.CONTAINER_INSTANCE: "containerId",
}


@dataclass(slots=True)
class _Entry:
    """One JSON object and where it stands, such as `model.people[2]`."""

    data: Mapping[str, object]
    place: str
    file: str

    def error(self, message: str, *, expected: str = "") -> ParseError:
        return ParseError(f"{message} at {self.place or 'the top'}", file=self.file, expected=expected)

    def text(self, name: str) -> str:
        """A string member, "" when absent; numbers are taken as text, as some exporters write them."""
        value = self.data.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise self.error(f"`{name}` of the wrong type", expected="a string")
        return str(value).encode("utf-8", "replace").decode("utf-8")

    def strings(self, name: str) -> dict[str, str]:
        values = self.data.get(name) or {}
        if not isinstance(values, dict):
            raise self.error(f"`{name}` of the wrong type", expected="an object of strings")
        inner = _Entry(values, f"{self.place}.{name}", self.file)
        return {key.encode("utf-8", "replace").decode("utf-8"): inner.text(key) for key in values}

    def entries(self, name: str) -> Iterator[_Entry]:
        values = self.data.get(name)
        if values is None:
            return
        if not isinstance(values, list):
            raise self.error(f"`{name}` of the wrong type", expected="a list")
        prefix = f"{self.place}." if self.place else ""
        for index, value in enumerate(values):
            place = f"{prefix}{name}[{index}]"
            if not isinstance(value, dict):
                raise self.error(f"{place} of the wrong type", expected="an object")
            yield _Entry(value, place, self.file)


@dataclass(slots=True)
class _Reader:
    model: Model
    by_id: dict[str, Node] = field(default_factory=dict)
    entries: list[tuple[_Entry, Node]] = field(default_factory=list)
    environments: dict[str, Node] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)

    def elements(self, top: _Entry) -> None:
        """All elements, parents before children; a list instead of recursion bounds the depth."""
        waiting = [(entry, kind, None, 1) for name, kind in reversed(_TOP) for entry in _backwards(top, name)]
        pending: list[tuple[_Entry, ElementKind, Node | None, int]] = [*waiting]
        while pending:
            entry, kind, parent, depth = pending.pop()
            if depth > MAX_DEPTH:
                raise entry.error(f"elements nested more than {MAX_DEPTH} deep")
            node = self._element(entry, kind, parent)
            for name, child in reversed(_CHILDREN.get(kind, ())):
                pending += [(below, child, node, depth + 1) for below in _backwards(entry, name)]

    def _element(self, entry: _Entry, kind: ElementKind, parent: Node | None) -> Node:
        number = entry.text("id")
        if not number or len(number) > MAX_ID or number in self.by_id:
            raise entry.error("an element without an id of its own", expected="a unique id")
        instance_of = self._instance_of(entry, kind)
        name = instance_of.name if instance_of is not None else entry.text("name")
        if not name:
            raise entry.error("an element without a name", expected="a name")
        if kind is ElementKind.DEPLOYMENT_NODE and parent is None:
            parent = self._environment(entry.text("environment") or "Default")
        node = Node(kind, name, parent, entry.text("description"), instance_of=instance_of)
        node.technology = entry.text("metadata" if kind is ElementKind.CUSTOM else "technology")
        node.tags = {tag: None for tag in words_of_tags(entry.text("tags")) if tag not in _OWN_TAGS[kind]}
        node.properties = entry.strings("properties")
        node.group, node.url = entry.text("group"), entry.text("url")
        if kind is ElementKind.DEPLOYMENT_NODE:
            node.instances = entry.text("instances") or "1"
        if instance_of is not None:
            node.deployment_groups = _groups(entry)
        self.by_id[number] = self.model.add(node)
        self.entries.append((entry, node))
        return node

    def _instance_of(self, entry: _Entry, kind: ElementKind) -> Node | None:
        if kind not in _INSTANCE_OF:
            return None
        member = _INSTANCE_OF[kind]
        element = self.by_id.get(entry.text(member))
        if element is None:
            raise entry.error(f"`{member}` of no element", expected="the id of an element of the model")
        return element

    def _environment(self, name: str) -> Node:
        if name not in self.environments:
            self.environments[name] = self.model.add(Node(None, name))
        return self.environments[name]

    def identifiers(self) -> None:
        """The DSL identifier where it is there and unique, else the id of the JSON."""
        stated = [node.properties.pop(IDENTIFIER, "") for _, node in self.entries]
        for (entry, node), identifier in zip(self.entries, stated, strict=True):
            if identifier and len(identifier) <= MAX_ID and identifier.lower() not in self.model.named:
                self.model.register(identifier, node)
            else:
                node.identifier = entry.text("id")

    def relationships(self) -> None:
        based: list[tuple[_Entry, Link]] = []
        for entry, node in self.entries:
            for stated in entry.entries("relationships"):
                source = self._end(stated, "sourceId") if "sourceId" in stated.data else node
                link = Link(source, self._end(stated, "destinationId"), stated.text("description"))
                link.technology = stated.text("technology")
                link.tags = {tag: None for tag in words_of_tags(stated.text("tags")) if tag != "Relationship"}
                link.properties = stated.strings("properties")
                identifier = link.properties.pop(IDENTIFIER, "")
                if identifier and identifier.lower() not in self.model.named:
                    self.model.register(identifier, link)
                self.model.attach(link)
                self.links[stated.text("id")] = link
                based.append((stated, link))
        for stated, link in based:
            link.based_on = self.links.get(stated.text("linkedRelationshipId") or "-")

    def _end(self, entry: _Entry, member: str) -> Node:
        node = self.by_id.get(entry.text(member))
        if node is None:
            raise entry.error(f"`{member}` of no element", expected="the id of an element of the model")
        return node


def read_json(text: str, file: str, model: Model) -> None:
    """Fills `model` from a workspace in JSON; raises `ParseError`, with the line where the syntax is wrong."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise ParseError(error.msg, file=file, line=error.lineno, expected="JSON") from error
    except (ValueError, RecursionError) as error:
        raise ParseError("JSON nested too deep or with too large a number", file=file) from error
    if not isinstance(data, dict) or not isinstance(data.get("model", {}), dict):
        raise ParseError("not a workspace", file=file, expected="an object with the member `model`")
    top = _Entry(data, "", file)
    if "model" not in data and "name" not in data:
        raise ParseError("not a workspace", file=file, expected="an object with the member `model`")
    inner = _Entry(data.get("model", {}), "model", file)
    reader = _Reader(model)
    try:
        model.name = top.text("name")
        model.properties = inner.strings("properties")
        reader.elements(inner)
        reader.identifiers()
        reader.relationships()
    except ModelError as error:
        raise ParseError(error.message, file=file, expected=error.expected, hint=error.hint) from error


def _backwards(entry: _Entry, name: str) -> list[_Entry]:
    return list(entry.entries(name))[::-1]


def _groups(entry: _Entry) -> frozenset[str]:
    groups = entry.data.get("deploymentGroups")
    if groups is None:
        return frozenset({"Default"})
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise entry.error("`deploymentGroups` of the wrong type", expected="a list of strings")
    return frozenset(groups) or frozenset({"Default"})
