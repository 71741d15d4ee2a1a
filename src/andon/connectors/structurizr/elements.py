"""Statements that declare elements and groups, and those that say more about what a block is about."""

from __future__ import annotations

from dataclasses import dataclass

from andon.connectors.structurizr.archetypes import ARROW, Archetype
from andon.connectors.structurizr.lines import Statement
from andon.connectors.structurizr.model import Group, Link, ModelError, Node, check_name, words_of_tags
from andon.connectors.structurizr.reading import Block, Item, Kind, Reading
from andon.telemetry import ElementKind

__all__ = [
    "ATTRIBUTES",
    "GROUPABLE",
    "Shape",
    "attribute",
    "declare",
    "define_archetype",
    "open_group",
    "place_of",
    "shape_for",
]

GROUP_SEPARATOR = "structurizr.groupSeparator"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a keyword declares an element: `<name>` and then its optional arguments, in which places."""

    kind: ElementKind
    arguments: tuple[str, ...]
    places: frozenset[str]

    @property
    def grammar(self) -> str:
        return " ".join(["<name>", *(f"[{argument}]" for argument in self.arguments)])


_PLAIN = ("description", "tags")
_TECHNICAL = ("description", "technology", "tags")
_NODES = frozenset({Kind.ENVIRONMENT.value, ElementKind.DEPLOYMENT_NODE.value})
_MODEL = frozenset({Kind.MODEL.value})

SHAPES = {
    "person": Shape(ElementKind.PERSON, _PLAIN, _MODEL),
    "softwaresystem": Shape(ElementKind.SOFTWARE_SYSTEM, _PLAIN, _MODEL),
    "element": Shape(ElementKind.CUSTOM, ("technology", *_PLAIN), _MODEL),
    "container": Shape(ElementKind.CONTAINER, _TECHNICAL, frozenset({ElementKind.SOFTWARE_SYSTEM.value})),
    "component": Shape(ElementKind.COMPONENT, _TECHNICAL, frozenset({ElementKind.CONTAINER.value})),
    "deploymentnode": Shape(ElementKind.DEPLOYMENT_NODE, (*_TECHNICAL, "instances"), _NODES),
    "infrastructurenode": Shape(
        ElementKind.INFRASTRUCTURE_NODE, _TECHNICAL, frozenset({ElementKind.DEPLOYMENT_NODE.value})
    ),
}
GROUPABLE = frozenset(place for shape in SHAPES.values() for place in shape.places)


def place_of(block: Block) -> str:
    """What a block holds, without regard to groups: a kind of element, or a kind of block."""
    if block.kind is Kind.ELEMENT and block.node is not None and block.node.kind is not None:
        return block.node.kind.value
    return block.kind.value


def shape_for(word: str, block: Block, reading: Reading) -> tuple[str, Shape] | None:
    """The keyword and shape that a word (or archetype) stands for where it may stand, else None."""
    for base in reading.archetypes.bases(word):
        shape = SHAPES.get(base)
        if shape is not None and place_of(block) in shape.places:
            return base, shape
    return None


def declare(base: str, shape: Shape, statement: Statement, block: Block, reading: Reading) -> None:
    """`[identifier =] keyword <name> …`; under `extends`, an element of the parent may be named again."""
    keyword, *arguments = statement.words
    if not arguments or not arguments[0].strip():
        raise ModelError(f"`{keyword}` without a name", expected=f"{keyword} {shape.grammar}")
    if len(arguments) > 1 + len(shape.arguments):
        raise ModelError(f"{len(arguments)} arguments", expected=f"{keyword} {shape.grammar}")
    name, *values = arguments
    known = reading.model.sibling(shape.kind, name, block.node)
    if known is not None and not reading.extending:
        raise ModelError(f"a second {shape.kind.value} named `{name}`", expected="a new name")
    node = known or reading.model.add(Node(shape.kind, name, block.node))
    for argument, value in zip(shape.arguments, values, strict=False):
        _assign(node, argument, value)
    archetype = reading.archetypes.get(base, keyword)
    reading.model.spend(len(archetype.tags) + len(archetype.properties))
    archetype.apply(node)
    if shape.kind is ElementKind.DEPLOYMENT_NODE:
        node.instances = node.instances or "1"
    if block.group is not None:
        node.group = block.group.name
        block.group.add(node)
    reading.register(statement.identifier, node)
    if statement.opens:
        reading.open(Block(Kind.ELEMENT, statement.line, node, items=[node]))


def open_group(statement: Statement, block: Block, reading: Reading) -> None:
    """`group <name> {`, or in a component `group <name>`; nested names are joined by the separator."""
    if len(statement.words) != 2:
        raise ModelError(f"{len(statement.words) - 1} arguments", expected="group <name> {")
    name = statement.words[1]
    component = place_of(block) == ElementKind.COMPONENT.value
    if component is statement.opens:
        raise ModelError(f"group `{name}`", expected="group <name>" if component else "group <name> {")
    outer = block.group.name if block.group else block.node.group if component and block.node else ""
    if outer:
        separator = reading.model.properties.get(GROUP_SEPARATOR, "")
        if not separator:
            raise ModelError(
                f"group `{name}` inside group `{outer}`",
                expected=f"the property {GROUP_SEPARATOR}",
                hint=f'Add `properties {{ "{GROUP_SEPARATOR}" "/" }}` at the start of the model.',
            )
        name = f"{outer}{separator}{name}"
    check_name(name)
    group = Group(name, block.group)
    if component and block.node is not None:
        block.node.group = name
        return
    reading.register(statement.identifier, group, block.node)
    reading.open(Block(block.kind, statement.line, block.node, group, block.items, removed=block.removed))


def define_archetype(statement: Statement, reading: Reading) -> bool:
    """`[identifier =] keyword {` or `[identifier =] -> {`; False where the word is no keyword."""
    if len(statement.words) != 1:
        return False
    word, archetypes = statement.words[0], reading.archetypes
    bases = [ARROW] if archetypes.arrow(word) is not None else archetypes.bases(word)
    if not bases:
        return False
    name = word[2:-2] if word.startswith("--") else word
    archetype = archetypes.define(bases[0], name, statement.identifier)
    reading.model.spend(len(archetype.tags) + len(archetype.properties))
    if statement.opens:
        reading.open(Block(Kind.ARCHETYPE, statement.line, items=[archetype]))
    return True


ATTRIBUTES = frozenset(
    {"description", "technology", "metadata", "instances", "tag", "tags", "url", "properties", "perspectives"}
)


def attribute(statement: Statement, block: Block, reading: Reading) -> bool:
    """One of the words of `ATTRIBUTES`; False where the block knows no such word."""
    word = statement.keyword
    items = [] if block.group is not None else block.items
    if not items or not all(_takes(item, word, single=len(items) == 1) for item in items):
        return False
    reading.model.spend(len(items))
    if word in ("properties", "perspectives"):
        if not statement.opens or len(statement.words) != 1:
            raise ModelError(f"`{word}` without a block", expected=f"{word} {{")
        kind = Kind.PROPERTIES if word == "properties" else Kind.SKIPPED
        reading.open(Block(kind, statement.line, properties=[item.properties for item in items]))
        return True
    if statement.opens:
        raise ModelError(f"a block of `{word}`", expected=f"{word} <{word}>")
    values = statement.words[1:]
    many = word in ("tag", "tags")
    if not values or (len(values) > 1 and not many):
        raise ModelError(f"{len(values)} arguments", expected=f"{word} <{word}>")
    for item in items:
        for value in values:
            _assign(item, word, value)
    return True


def _takes(item: Item, word: str, *, single: bool) -> bool:
    kind = item.kind if isinstance(item, Node) else None
    base = item.base if isinstance(item, Archetype) else ""
    if word == "technology" and single:
        return base not in ("person", "softwaresystem", "element", "group") and kind not in (
            ElementKind.PERSON,
            ElementKind.SOFTWARE_SYSTEM,
            ElementKind.CUSTOM,
        )
    if word == "metadata":
        return base == "element" or kind is ElementKind.CUSTOM
    if word == "instances":
        return kind is ElementKind.DEPLOYMENT_NODE
    return not (word == "url" and base)


def _assign(item: Item, word: str, value: str) -> None:
    if word in ("tag", "tags"):
        item.tags |= words_of_tags(value)
    elif word == "description":
        item.description = value
    elif word in ("technology", "metadata"):
        item.technology = value
    elif isinstance(item, Node) and word == "url":
        item.url = value
    elif isinstance(item, Node) and word == "instances":
        item.instances = _instances(value)
    elif not isinstance(item, Link) or word != "url":
        raise ModelError(f"`{word}` of `{item}`")


def _instances(value: str) -> str:
    low, dots, high = value.partition("..")
    numbers = [low, high] if dots else [low]
    valid = all((part.isascii() and part.isdigit()) or (dots and part in ("N", "n", "*")) for part in numbers)
    if not valid or (not dots and int(low[:9]) < 1):
        raise ModelError(f"`{value}` instances", expected="a positive number or a range such as 1..4")
    return value
