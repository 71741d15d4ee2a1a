"""Statements that add a relationship, `a -> b`, or take one away in a deployment, `a -/> b`."""

from __future__ import annotations

from andon.connectors.structurizr.archetypes import Archetype
from andon.connectors.structurizr.lines import Statement
from andon.connectors.structurizr.model import Link, ModelError, Node, words_of_tags
from andon.connectors.structurizr.reading import Block, Kind, Reading
from andon.telemetry import ElementKind

__all__ = ["NO_ARROW", "relate", "remove"]

NO_ARROW = "-/>"
GRAMMAR = "<identifier> -> <identifier> [description] [technology] [tags]"
_PLACES = frozenset({Kind.MODEL, Kind.ELEMENT, Kind.ELEMENTS, Kind.ENVIRONMENT})


def relate(statement: Statement, archetype: Archetype, at: int, block: Block, reading: Reading) -> None:
    """`a -> b …` with the arrow at word 1, or `-> b …` from the elements of the block, at word 0."""
    if block.kind not in _PLACES or (at == 0 and not block.items):
        raise ModelError(f"a relationship in {block.title}", expected="one in the model or in an element")
    if len(statement.words) <= at + 1:
        raise ModelError("a relationship without a destination", expected=GRAMMAR)
    if len(statement.words) > at + 5:
        raise ModelError(f"{len(statement.words)} words", expected=GRAMMAR)
    sources = _ends(statement.words[0], block, reading) if at else block.nodes
    destinations = _ends(statement.words[at + 1], block, reading)
    details = [*statement.words[at + 2 :], "", "", ""]
    removed = block.removed
    links = []
    for source, destination in _pairs(sources, destinations, reading):
        link = Link(source, destination, details[0], details[1])
        link.tags |= words_of_tags(details[2])
        reading.model.spend(len(archetype.tags) + len(archetype.properties))
        archetype.apply(link)
        if removed is not None:
            link.description = link.description or removed.description
            link.technology = link.technology or removed.technology
        links.append(reading.model.connect(link))
    if len(links) == 1:
        reading.register(statement.identifier, links[0])
    if statement.opens:
        reading.open(Block(Kind.LINKS, statement.line, items=[*links]))


def remove(statement: Statement, block: Block, reading: Reading) -> None:
    """`a -/> b [description]`: takes away what instances inherited; its block adds what stands instead."""
    environment = _environment(block)
    if environment is None:
        raise ModelError(f"`{NO_ARROW}` in {block.title}", expected="it in a deploymentEnvironment")
    if len(statement.words) not in (3, 4):
        raise ModelError(
            f"{len(statement.words)} words", expected="<identifier> -/> <identifier> [description]"
        )
    source, destination = (reading.node(statement.words[at]) for at in (0, 2))
    gone = [
        link
        for a in _deployed(source, environment, reading)
        for b in _deployed(destination, environment, reading)
        for link in reading.model.between(a, b)
        if link.based_on is not None and statement.words[3:] in ((), (link.description,))
    ]
    if not gone:
        raise ModelError(
            f"`{NO_ARROW}` between `{source.name}` and `{destination.name}`",
            expected=f"a relationship between their instances in {environment.name}",
        )
    for link in gone:
        reading.model.remove(link)
    if statement.opens:
        reading.open(Block(Kind.ENVIRONMENT, statement.line, environment, removed=gone[0]))


def _ends(identifier: str, block: Block, reading: Reading) -> list[Node]:
    if identifier.lower() == "this" and block.items and reading.find(identifier) is None:
        return block.nodes
    return [reading.node(identifier)]


def _pairs(sources: list[Node], destinations: list[Node], reading: Reading) -> list[tuple[Node, Node]]:
    reading.model.spend(len(sources) * len(destinations))
    pairs = []
    for source in sources:
        for destination in destinations:
            pairs += _pair(source, destination, reading)
    return pairs


def _pair(source: Node, destination: Node, reading: Reading) -> list[tuple[Node, Node]]:
    """The pair itself; between an element and a deployed one, the pairs with the element's instances there."""
    if source.deployed and destination.deployed:
        if source.environment is not destination.environment:
            raise ModelError("a relationship between two deployment environments")
        return [(source, destination)]
    if source.deployed is destination.deployed or ElementKind.CUSTOM in (source.kind, destination.kind):
        return [(source, destination)]
    environment = source.environment or destination.environment
    assert environment is not None
    sources = _deployed(source, environment, reading)
    destinations = _deployed(destination, environment, reading)
    if not sources or not destinations:
        element = destination if source.deployed else source
        raise ModelError(f"`{element.name}`, which has no instance in {environment.name}")
    return [(a, b) for a in sources for b in destinations]


def _deployed(node: Node, environment: Node, reading: Reading) -> list[Node]:
    return [node] if node.deployed else reading.model.instances(node, environment)


def _environment(block: Block) -> Node | None:
    if block.node is None or block.kind not in (Kind.ENVIRONMENT, Kind.ELEMENT):
        return None
    return block.node.environment
