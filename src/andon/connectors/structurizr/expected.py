"""What may stand in a block, for messages."""

from __future__ import annotations

from andon.connectors.structurizr.reading import Block, Kind
from andon.telemetry import ElementKind

__all__ = ["expected_in"]

_MODEL_ITEM = "description, tags, url, properties, perspectives, ->"
_BLOCKS = {
    Kind.WORKSPACE: "name, description, properties, model, views, configuration or a directive such as !docs",
    Kind.MODEL: "person, softwareSystem, element, group, deploymentEnvironment, archetypes, properties, ->",
    Kind.ARCHETYPES: "[name =] keyword or -> { … }",
    Kind.ARCHETYPE: "description, technology, tags, properties, perspectives",
    Kind.ENVIRONMENT: "deploymentNode, deploymentGroup, group, ->, -/>",
    Kind.ELEMENTS: f"technology, {_MODEL_ITEM}",
    Kind.LINKS: "description, technology, tags, url, properties, perspectives",
}
_ELEMENTS = {
    ElementKind.PERSON: _MODEL_ITEM,
    ElementKind.SOFTWARE_SYSTEM: f"container, group, {_MODEL_ITEM}",
    ElementKind.CONTAINER: f"component, group, technology, {_MODEL_ITEM}",
    ElementKind.COMPONENT: f"group, technology, {_MODEL_ITEM}",
    ElementKind.CUSTOM: f"metadata, {_MODEL_ITEM}",
    ElementKind.DEPLOYMENT_NODE: "deploymentNode, infrastructureNode, instanceOf, containerInstance, "
    f"softwareSystemInstance, deploymentGroup, group, technology, instances, {_MODEL_ITEM}",
    ElementKind.INFRASTRUCTURE_NODE: f"technology, {_MODEL_ITEM}",
    ElementKind.SOFTWARE_SYSTEM_INSTANCE: f"healthCheck, {_MODEL_ITEM}",
    ElementKind.CONTAINER_INSTANCE: f"healthCheck, {_MODEL_ITEM}",
}


def expected_in(block: Block | None, *, finished: bool = False) -> str:
    """The words that may stand there; `finished`: the workspace was read and closed."""
    if block is None:
        return "the end of the file" if finished else "workspace"
    if block.group is not None:
        return "elements of the group"
    if block.kind is Kind.ELEMENT and block.node is not None and block.node.kind is not None:
        return _ELEMENTS[block.node.kind]
    return _BLOCKS.get(block.kind, "}")
