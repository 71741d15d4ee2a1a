"""The variables that are read: those that are named, and those below a node that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from andon.connectors.opcua.config import OpcUaConfig
from andon.connectors.points import SeriesKey
from andon.connectors.reading import Reading
from andon.telemetry import Status

__all__ = ["Variable", "variables_of"]

_SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Variable:
    """A node that holds values, and the series that they become."""

    node: str
    key: SeriesKey


@dataclass(frozen=True, slots=True)
class _Found:
    node: Any
    path: tuple[str, ...]
    """Names from the first object below the root."""


async def variables_of(client: Any, config: OpcUaConfig, reading: Reading) -> list[Variable]:
    """The variables, each node once; told where a limit cut the browsing off. Raises what asyncua raises."""
    named = {
        text: Variable(text, SeriesKey.of(stated.name, stated.service, stated.unit))
        for text, stated in config.nodes.items()
    }
    for root in config.browse:
        if len(named) < config.most_nodes:
            await _browse(client, config, root, named)
    if len(named) >= config.most_nodes and config.browse:
        reading.lacking(
            Status.TRUNCATED,
            f"only the first {config.most_nodes:,} variables are read",
            hint="browse below a node further down, or raise `most_nodes`",
        )
    return list(named.values())


async def _browse(client: Any, config: OpcUaConfig, root: str, named: dict[str, Variable]) -> None:
    """Breadth first, so that a limit cuts off what is deepest."""
    from asyncua import ua
    from asyncua.ua.object_ids import ObjectIds

    level, seen = [_Found(client.get_node(root), ())], {root}
    for _ in range(config.depth):
        below: list[_Found] = []
        for found in level:
            for child in await found.node.get_children_descriptions(
                ObjectIds.HierarchicalReferences, nodeclassmask=ua.NodeClass.Object | ua.NodeClass.Variable
            ):
                text = child.NodeId.to_string()
                if text in seen or (child.NodeId.NamespaceIndex == 0 and found.path):
                    continue
                seen.add(text)
                path = (*found.path, child.BrowseName.Name)
                if child.NodeClass == ua.NodeClass.Variable:
                    if len(named) >= config.most_nodes:
                        return
                    service = _SEPARATOR.join(path[:-1])
                    named.setdefault(text, Variable(text, SeriesKey.of(path[-1], service)))
                below.append(_Found(client.get_node(child.NodeId), path))
        level = below
