"""Statements of deployments: environments, deployment groups and instances."""

from __future__ import annotations

from andon.connectors.structurizr.elements import place_of
from andon.connectors.structurizr.lines import Statement
from andon.connectors.structurizr.model import Group, ModelError, Node, words_of_tags
from andon.connectors.structurizr.reading import Block, Kind, Reading
from andon.telemetry import ElementKind

__all__ = ["INSTANCE_WORDS", "deploy", "group", "health_check", "open_environment"]

DEFAULT_GROUP = "Default"
_SYSTEM, _CONTAINER = ElementKind.SOFTWARE_SYSTEM, ElementKind.CONTAINER
INSTANCE_WORDS = {
    "softwaresysteminstance": (_SYSTEM,),
    "containerinstance": (_CONTAINER,),
    "instanceof": (_SYSTEM, _CONTAINER),
}
_INSTANCE_OF = {
    _SYSTEM: ElementKind.SOFTWARE_SYSTEM_INSTANCE,
    _CONTAINER: ElementKind.CONTAINER_INSTANCE,
}


def open_environment(statement: Statement, reading: Reading) -> None:
    """`deploymentEnvironment <name> {`; the same name again continues that environment."""
    if len(statement.words) != 2:
        raise ModelError(f"{len(statement.words) - 1} arguments", expected="deploymentEnvironment <name>")
    name = statement.words[1]
    environment = reading.model.sibling(None, name, None) or reading.model.add(Node(None, name))
    reading.register(statement.identifier, environment)
    if statement.opens:
        reading.open(Block(Kind.ENVIRONMENT, statement.line, environment))


def group(statement: Statement, block: Block, reading: Reading) -> None:
    """`<id> = deploymentGroup <name>` in an environment; `deploymentGroup <id>` in a deployment node."""
    if len(statement.words) != 2 or statement.opens or block.node is None:
        raise ModelError("a deploymentGroup", expected="deploymentGroup <name>")
    if block.kind is Kind.ENVIRONMENT:
        reading.register(statement.identifier, Group(statement.words[1]), block.node)
        return
    names = _groups(statement.words[1], reading)
    if not names:
        raise ModelError(
            f"`{statement.words[1]}`, which names no deployment group", expected="one declared above"
        )
    block.node.deployment_groups |= names


def deploy(statement: Statement, block: Block, reading: Reading) -> None:
    """`containerInstance <id> [deploymentGroups] [tags]` and its like, in a deployment node."""
    words = statement.words
    if not 2 <= len(words) <= 4:
        raise ModelError(
            f"{len(words) - 1} arguments", expected=f"{words[0]} <identifier> [deploymentGroups] [tags]"
        )
    element = reading.node(words[1], INSTANCE_WORDS[statement.keyword])
    assert element.kind is not None
    instance = Node(_INSTANCE_OF[element.kind], element.name, block.node, instance_of=element)
    groups = _groups(words[2], reading) if len(words) > 2 else frozenset()
    if len(words) > 2 and words[2].strip() and not groups:
        reading.sources.report(statement.line, f"`{words[2]}` names no deployment group and was left out")
    instance.deployment_groups = groups or _inherited(block.node)
    if len(words) > 3:
        instance.tags |= words_of_tags(words[3])
    if block.group is not None:
        instance.group = block.group.name
        block.group.add(instance)
    reading.model.add(instance)
    reading.model.replicate(instance)
    reading.register(statement.identifier, instance)
    if statement.opens:
        reading.open(Block(Kind.ELEMENT, statement.line, instance, items=[instance]))


def health_check(statement: Statement, block: Block) -> None:
    """`healthCheck <name> <url> [interval] [timeout]`: checked for form; a topology has no place for it."""
    if place_of(block) not in (kind.value for kind in _INSTANCE_OF.values()):
        raise ModelError(f"`healthCheck` in {block.title}", expected="it in an instance")
    if not 3 <= len(statement.words) <= 5:
        raise ModelError(
            f"{len(statement.words) - 1} arguments", expected="healthCheck <name> <url> [interval] [timeout]"
        )


def _groups(text: str, reading: Reading) -> frozenset[str]:
    found = (reading.find(part.strip()) for part in text.split(","))
    return frozenset(item.name for item in found if isinstance(item, Group))


def _inherited(node: Node | None) -> frozenset[str]:
    """The groups of the nearest deployment node that states any."""
    for above in (node, *node.ancestors()) if node is not None else ():
        if above is not None and above.deployment_groups:
            return above.deployment_groups
    return frozenset({DEFAULT_GROUP})
