"""The model while it is being read: nodes, links between them, and the identifiers that name them.

Both readers, of the DSL and of JSON, fill the same `Model`. The rules of
implied relationships and of relationships between instances follow the Structurizr reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from andon.telemetry import ElementKind

__all__ = [
    "Group",
    "Implied",
    "Link",
    "Model",
    "ModelError",
    "Named",
    "Node",
    "check_name",
    "words_of_tags",
]

MAX_NODES = 100_000
MAX_LINKS = 500_000
MAX_WORK = 3_000_000
MAX_NAME = 1_000
INSTANCES = frozenset({ElementKind.SOFTWARE_SYSTEM_INSTANCE, ElementKind.CONTAINER_INSTANCE})
DEPLOYED = INSTANCES | {ElementKind.DEPLOYMENT_NODE, ElementKind.INFRASTRUCTURE_NODE}


class ModelError(Exception):
    """What the model refuses; the reader adds file and line."""

    def __init__(self, message: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.hint = message, expected, hint


class Implied(Enum):
    """When a relationship between parents follows from one between their children."""

    NEVER = "never"
    UNLESS_ANY = "unless any relationship exists"
    UNLESS_SAME = "unless one with the same description exists"


@dataclass(eq=False, slots=True)
class Node:
    """An element, or, when `kind` is None, a deployment environment."""

    kind: ElementKind | None
    name: str
    parent: Node | None = None
    description: str = ""
    technology: str = ""
    tags: dict[str, None] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    group: str = ""
    url: str = ""
    instance_of: Node | None = None
    instances: str = ""
    deployment_groups: frozenset[str] = frozenset()
    identifier: str = ""
    qualified: bool = False
    key: str = ""

    @property
    def deployed(self) -> bool:
        return self.kind in DEPLOYED

    @property
    def environment(self) -> Node | None:
        top = [self, *self.ancestors()][-1]
        return top if top.kind is None else None

    def ancestors(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass(eq=False, slots=True)
class Link:
    """A relationship; `based_on` is the one that implies it, or that it repeats between instances."""

    source: Node
    destination: Node
    description: str = ""
    technology: str = ""
    tags: dict[str, None] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    based_on: Link | None = None


@dataclass(eq=False, slots=True)
class Group:
    """A named group of elements, or a deployment group, which holds no members."""

    name: str
    outer: Group | None = None
    members: list[Node] = field(default_factory=list)

    def add(self, node: Node) -> None:
        group: Group | None = self
        while group is not None:
            group.members.append(node)
            group = group.outer


Named = Node | Link | Group


@dataclass
class Model:
    name: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    implied: Implied = Implied.UNLESS_ANY
    nodes: list[Node] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)
    outgoing: dict[Node, dict[Link, None]] = field(default_factory=dict)
    incoming: dict[Node, dict[Link, None]] = field(default_factory=dict)
    _siblings: dict[tuple[Node | None, ElementKind | None, str], Node] = field(default_factory=dict)
    _deployed: dict[tuple[Node | None, Node], list[Node]] = field(default_factory=dict)
    _between: dict[tuple[Node, Node], dict[Link, None]] = field(default_factory=dict)
    _links: int = 0
    _work: int = 0

    def spend(self, steps: int) -> None:
        """Counts steps of work that a statement causes, so that a small file cannot keep us for hours."""
        self._work += steps
        if self._work > MAX_WORK:
            raise ModelError("a workspace that takes too much work to read")

    # -- nodes

    def sibling(self, kind: ElementKind | None, name: str, parent: Node | None) -> Node | None:
        return self._siblings.get((parent, kind, name))

    def add(self, node: Node) -> Node:
        if len(self.nodes) >= MAX_NODES:
            raise ModelError("too many elements", expected=f"at most {MAX_NODES}")
        check_name(node.name)
        node.key = f"#{len(self.nodes)}"
        self.nodes.append(node)
        if node.instance_of is None:
            self._siblings.setdefault((node.parent, node.kind, node.name), node)
        else:
            self._deployed.setdefault((node.environment, node.instance_of), []).append(node)
        return node

    def instances(self, element: Node, environment: Node | None) -> list[Node]:
        return self._deployed.get((environment, element), [])

    # -- identifiers

    def register(self, identifier: str, item: Named, within: Node | None = None) -> None:
        """Names an item; `within` is the node whose identifier leads its own in hierarchical scope."""
        key = f"{within.key}.{identifier.lower()}" if within is not None else identifier.lower()
        if self.named.get(key, item) is not item:
            raise ModelError(f"the identifier `{identifier}` a second time", expected="a new identifier")
        if isinstance(item, Node):
            if item.identifier and item.key != key:
                raise ModelError(f"`{identifier}`, a second identifier for `{item.identifier}`")
            item.identifier, item.qualified, item.key = identifier, within is not None, key
        self.named[key] = item

    # -- relationships

    def links(self) -> Iterator[Link]:
        for node in self.nodes:
            yield from self.outgoing.get(node, ())

    def between(self, source: Node, destination: Node) -> list[Link]:
        found = list(self._between.get((source, destination), ()))
        self.spend(len(found))
        return found

    def connect(self, link: Link) -> Link:
        """Adds a stated relationship and those that it implies."""
        source, destination = link.source, link.destination
        if source in destination.ancestors() or destination in source.ancestors():
            raise ModelError(f"a relationship between `{source.name}` and what contains it")
        for known in self.between(source, destination):
            if known.description == link.description:
                if known.based_on is None:
                    raise ModelError(f"`{source.name}` -> `{destination.name}` a second time")
                self.remove(known)
        self.attach(link)
        if not (source.deployed or destination.deployed):
            self._imply(link)
        return link

    def attach(self, link: Link) -> None:
        if self._links >= MAX_LINKS:
            raise ModelError("too many relationships", expected=f"at most {MAX_LINKS}")
        self._links += 1
        self.outgoing.setdefault(link.source, {})[link] = None
        self.incoming.setdefault(link.destination, {})[link] = None
        self._between.setdefault((link.source, link.destination), {})[link] = None

    def remove(self, link: Link) -> None:
        self._links -= 1
        del self.outgoing[link.source][link]
        del self.incoming[link.destination][link]
        del self._between[link.source, link.destination][link]

    def _imply(self, link: Link) -> None:
        if self.implied is Implied.NEVER:
            return
        for source in (link.source, *link.source.ancestors()):
            for destination in (link.destination, *link.destination.ancestors()):
                related = source in destination.ancestors() or destination in source.ancestors()
                if source is destination or related:
                    continue
                known = self.between(source, destination)
                if self.implied is Implied.UNLESS_SAME:
                    known = [other for other in known if other.description == link.description]
                if not known:
                    self.attach(Link(source, destination, link.description, link.technology, based_on=link))

    def replicate(self, instance: Node) -> None:
        """Repeats the relationships of an element between its new instance and those that it can see:
        instances of the same environment with a deployment group in common."""
        element = instance.instance_of
        assert element is not None
        for link in list(self.outgoing.get(element, ())):
            for other in self._visible(instance, link.destination):
                self.attach(Link(instance, other, link.description, link.technology, based_on=link))
        for link in list(self.incoming.get(element, ())):
            for other in self._visible(instance, link.source):
                if other is not instance:
                    self.attach(Link(other, instance, link.description, link.technology, based_on=link))

    def _visible(self, instance: Node, element: Node) -> list[Node]:
        others = self.instances(element, instance.environment)
        self.spend(len(others))
        return [other for other in others if other.deployment_groups & instance.deployment_groups]


def words_of_tags(text: str) -> dict[str, None]:
    """The tags of a comma-separated text in their order, each once."""
    return dict.fromkeys(tag for part in text.split(",") if (tag := part.strip()))


def check_name(name: str) -> None:
    """Raises ModelError for a name of more than MAX_NAME characters."""
    if len(name) > MAX_NAME:
        raise ModelError(f"a name of {len(name)} characters", expected=f"at most {MAX_NAME}")
