"""The state of reading a workspace: open blocks, constants, and how identifiers are looked up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from andon.connectors.structurizr.archetypes import Archetype, Archetypes
from andon.connectors.structurizr.include import Place, Sources
from andon.connectors.structurizr.lines import Line, Statement
from andon.connectors.structurizr.model import Group, Link, Model, ModelError, Named, Node
from andon.telemetry import ElementKind

__all__ = ["Block", "Item", "Kind", "Reading"]

MAX_BLOCKS = 100
MAX_EXPANSION = 50_000_000
MAX_IDENTIFIER = 200

_SUBSTITUTION = re.compile(r"\$\{([a-zA-Z0-9_.-]+)\}")
_IDENTIFIER = re.compile(r"\w[a-zA-Z0-9_-]*")

Item = Node | Link | Archetype


class Kind(StrEnum):
    """The kinds of blocks; the value is how messages call them."""

    WORKSPACE = "workspace"
    MODEL = "model"
    ARCHETYPES = "archetypes"
    ARCHETYPE = "an archetype"
    ELEMENT = "an element"
    ENVIRONMENT = "deploymentEnvironment"
    ELEMENTS = "!elements"
    LINKS = "a relationship"
    PROPERTIES = "properties"
    SKIPPED = "a block that is skipped"
    SCRIPT = "a script"


@dataclass(slots=True)
class Block:
    """An open block: what its statements are about. `group` is set inside `group … {`."""

    kind: Kind
    line: Line
    node: Node | None = None
    group: Group | None = None
    items: list[Item] = field(default_factory=list)
    properties: list[dict[str, str]] = field(default_factory=list)
    removed: Link | None = None
    depth: int = 1

    @property
    def title(self) -> str:
        if self.group is not None:
            return "group"
        if self.kind is Kind.ELEMENT and self.node is not None and self.node.kind is not None:
            return self.node.kind.value
        return self.kind.value

    @property
    def nodes(self) -> list[Node]:
        return [item for item in self.items if isinstance(item, Node)]


@dataclass
class Reading:
    """The state of reading one workspace: the model so far, the open blocks, the chain of includes."""

    sources: Sources
    model: Model = field(default_factory=Model)
    archetypes: Archetypes = field(default_factory=Archetypes)
    constants: dict[str, str] = field(default_factory=dict)
    hierarchical: bool = False
    extending: bool = False
    blocks: list[Block] = field(default_factory=list)
    chain: tuple[Place, ...] = ()
    expanded: int = 0

    @property
    def block(self) -> Block | None:
        return self.blocks[-1] if self.blocks else None

    def open(self, block: Block) -> None:
        if len(self.blocks) >= MAX_BLOCKS:
            raise ModelError(f"blocks nested more than {MAX_BLOCKS} deep")
        self.blocks.append(block)

    # -- words

    def substitute(self, statement: Statement) -> Statement:
        """The statement with `${NAME}` replaced by constants; unknown names, also of the environment, stay."""
        words = tuple(self._expand(word) if "${" in word else word for word in statement.words)
        return Statement(statement.line, words, statement.opens, statement.closes)

    def _expand(self, word: str) -> str:
        parts = []
        end = 0
        for match in _SUBSTITUTION.finditer(word):
            value = self.constants.get(match[1], match[0])
            self.expanded += len(value)
            if self.expanded > MAX_EXPANSION:
                raise ModelError("constants that expand to too much text")
            parts += [word[end : match.start()], value]
            end = match.end()
        return "".join([*parts, word[end:]])

    # -- identifiers

    def check_identifier(self, identifier: str) -> None:
        if len(identifier) > MAX_IDENTIFIER or not _IDENTIFIER.fullmatch(identifier):
            raise ModelError(
                f"the identifier `{identifier[:80]}`", expected="letters, digits, _ and -, no - first"
            )

    def register(self, identifier: str, item: Named, within: Node | None = None) -> None:
        """Names an item, unless the identifier is empty; `within` is what holds a group."""
        if identifier:
            holder = item.parent if isinstance(item, Node) else within
            self.model.register(identifier, item, holder if self.hierarchical else None)

    def lookup(self, identifier: str) -> Iterator[Named]:
        """What an identifier can mean here: in hierarchical scope the nearest first, then at the top."""
        wanted = identifier.lower()
        scope = self._scope() if self.hierarchical else None
        keys = [f"{node.key}.{wanted}" for node in (scope, *scope.ancestors())] if scope is not None else []
        for key in (*keys, wanted):
            if key in self.model.named:
                yield self.model.named[key]

    def find(self, identifier: str) -> Named | None:
        return next(self.lookup(identifier), None)

    def node(self, identifier: str, kinds: Collection[ElementKind] = ()) -> Node:
        """The element (of one of the kinds) that an identifier means; refuses what is none."""
        for item in self.lookup(identifier):
            if isinstance(item, Node) and item.kind is not None and (not kinds or item.kind in kinds):
                return item
        wanted = " or ".join(kind.value for kind in kinds) or "element"
        raise ModelError(
            f"`{identifier}`, which names no {wanted}",
            expected="the identifier of one declared above",
            hint="Declare it first; with `!identifiers hierarchical` write the full path, as in a.b.",
        )

    def _scope(self) -> Node | None:
        for block in reversed(self.blocks):
            if block.kind in (Kind.ELEMENT, Kind.ENVIRONMENT):
                return block.node
        return None
