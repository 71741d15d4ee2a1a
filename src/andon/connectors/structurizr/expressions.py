"""Expressions that select elements and relationships, as `element.tag==Database` or `a -> *`."""

from __future__ import annotations

import re
from collections.abc import Callable

from andon.connectors.structurizr.model import Group, Link, ModelError, Node, words_of_tags
from andon.connectors.structurizr.reading import Reading
from andon.telemetry import ElementKind

__all__ = ["canonical_name", "select"]

MAX_NESTING = 8
ARROW = "->"

_TEST = re.compile(
    r"(element|relationship)\.(?:(type|tag|technology|parent|group|source|destination)|properties\[([^\]]*)\])"
    r"\s*(==|!=)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_TITLES = {
    ElementKind.PERSON: "Person",
    ElementKind.SOFTWARE_SYSTEM: "Software System",
    ElementKind.CONTAINER: "Container",
    ElementKind.COMPONENT: "Component",
    ElementKind.CUSTOM: "Custom",
    ElementKind.DEPLOYMENT_NODE: "Deployment Node",
    ElementKind.INFRASTRUCTURE_NODE: "Infrastructure Node",
    ElementKind.SOFTWARE_SYSTEM_INSTANCE: "Software System Instance",
    ElementKind.CONTAINER_INSTANCE: "Container Instance",
}
_TYPES = {title.replace(" ", "").lower(): kind for kind, title in _TITLES.items()}

Selection = dict[Node | Link, None]


def select(expression: str, reading: Reading, depth: int = 0) -> Selection:
    """What an expression selects, in the order of the model; raises `ModelError` when it is no expression."""
    if depth > MAX_NESTING:
        raise ModelError(f"an expression nested more than {MAX_NESTING} deep")
    found: Selection = {}
    for alternative in expression.split(" || "):
        first, *others = alternative.split(" && ")
        chosen = _term(first.strip(), reading, depth)
        for other in others:
            kept = _term(other.strip(), reading, depth)
            chosen = {item: None for item in chosen if item in kept}
        found |= chosen
    return found


def canonical_name(node: Node) -> str:
    """The name that `!element "Kind://…"` finds it by: dots between elements, slashes between nodes."""
    names = [re.sub(r"[/.]", "", above.name) for above in (node, *node.ancestors())][::-1]
    title = _TITLES[node.kind].replace(" ", "") if node.kind is not None else "DeploymentEnvironment"
    return f"{title}://" + ("/" if node.deployed else ".").join(names)


def _term(term: str, reading: Reading, depth: int) -> Selection:
    lowered = term.lower()
    for prefix in ("element==", "relationship=="):
        if lowered.startswith(prefix):
            inner = term[len(prefix) :].strip()
            every = prefix == "relationship==" and inner == "*"
            return select("*->*" if every else inner, reading, depth + 1)
    if term == ARROW:
        raise ModelError("`->` alone", expected="an identifier beside it")
    test = _TEST.fullmatch(term)
    if test is not None and ARROW not in term:
        return _tested(test, reading)
    if term.startswith(ARROW) or term.endswith(ARROW):
        return _coupled(term, reading, depth)
    if ARROW in term:
        source, destination = (side.strip() for side in term.split(ARROW, 1))
        return _between(source, destination, reading, depth)
    if term == "*":
        return dict.fromkeys(_elements(reading))
    return _named(term, reading)


def _elements(reading: Reading) -> list[Node]:
    reading.model.spend(len(reading.model.nodes))
    return [node for node in reading.model.nodes if node.kind is not None]


def _named(identifier: str, reading: Reading) -> Selection:
    item = reading.find(identifier)
    if item is None:
        raise ModelError(f"`{identifier}`, which names nothing", expected="an identifier or an expression")
    if isinstance(item, Group):
        reading.model.spend(len(item.members))
        return dict.fromkeys(item.members)
    return {item: None}


def _coupled(term: str, reading: Reading, depth: int) -> Selection:
    before, after = term.startswith(ARROW), term.endswith(ARROW)
    inner = term.removeprefix(ARROW).removesuffix(ARROW).strip()
    found: Selection = {}
    for node in select(inner, reading, depth + 1):
        if isinstance(node, Node):
            found[node] = None
            incoming = reading.model.incoming.get(node, {}) if before else {}
            outgoing = reading.model.outgoing.get(node, {}) if after else {}
            reading.model.spend(len(incoming) + len(outgoing))
            found |= dict.fromkeys(link.source for link in incoming)
            found |= dict.fromkeys(link.destination for link in outgoing)
    return found


def _between(source: str, destination: str, reading: Reading, depth: int) -> Selection:
    sources = None if source == "*" else select(source, reading, depth + 1)
    destinations = None if destination == "*" else select(destination, reading, depth + 1)
    found: Selection = {}
    for link in _links(reading):
        if (sources is None or link.source in sources) and (
            destinations is None or link.destination in destinations
        ):
            found[link] = None
    return found


def _links(reading: Reading) -> list[Link]:
    links = list(reading.model.links())
    reading.model.spend(len(links) + len(reading.model.nodes))
    return links


def _tested(test: re.Match[str], reading: Reading) -> Selection:
    subject, what, name, operator, value = test.groups()
    what, value = (what or "properties").lower(), value.strip()
    items: list[Node | Link] = [*(_elements(reading) if subject.lower() == "element" else _links(reading))]
    reading.model.spend(len(items) * value.count(","))
    passes = _predicate(what, name or "", value, reading)
    wanted = operator == "=="
    return {item: None for item in items if passes(item) is wanted}


def _predicate(what: str, name: str, value: str, reading: Reading) -> Callable[[Node | Link], bool]:
    """The test of one item; an instance also has the tags, technology and properties of its element."""
    if what == "tag":
        wanted = words_of_tags(value)
        return lambda item: all(
            any(tag in one.tags or tag in _own_tags(one) for one in _with_origin(item)) for tag in wanted
        )
    if what == "technology":
        return lambda item: any(one.technology == value for one in _with_origin(item))
    if what == "properties":
        return lambda item: any(one.properties.get(name) == value for one in _with_origin(item))
    if what == "group":
        return lambda item: isinstance(item, Node) and item.group == value
    if what == "type":
        kind = _TYPES.get(value.lower().replace(" ", ""))
        if kind is None:
            raise ModelError(f"the type `{value}`", expected=", ".join(_TYPES))
        return lambda item: isinstance(item, Node) and item.kind is kind
    ends = select(value, reading, MAX_NESTING)
    return lambda item: getattr(item, what, None) in ends


def _with_origin(item: Node | Link) -> tuple[Node | Link, ...]:
    origin = item.based_on if isinstance(item, Link) else item.instance_of
    return (item,) if origin is None else (item, origin)


def _own_tags(item: Node | Link) -> tuple[str, ...]:
    """The tags that everything of its kind carries without being told."""
    if isinstance(item, Link):
        return ("Relationship",)
    if item.kind is None or item.instance_of is not None:
        return () if item.kind is None else (_TITLES[item.kind],)
    return ("Element",) if item.kind is ElementKind.CUSTOM else ("Element", _TITLES[item.kind])
