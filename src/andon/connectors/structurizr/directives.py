"""Statements that begin with `!`: settings, constants, selections, and what is skipped."""

from __future__ import annotations

from collections.abc import Callable

from andon.connectors.structurizr.expressions import canonical_name, select
from andon.connectors.structurizr.lines import Statement
from andon.connectors.structurizr.model import Group, Implied, Link, ModelError, Node
from andon.connectors.structurizr.reading import Block, Item, Kind, Reading

__all__ = ["direct"]

_IMPLIED = {
    "true": Implied.UNLESS_ANY,
    "false": Implied.NEVER,
    "defaultimpliedrelationshipsstrategy": Implied.NEVER,
    "createimpliedrelationshipsunlessanyrelationshipexistsstrategy": Implied.UNLESS_ANY,
    "createimpliedrelationshipsunlesssamerelationshipexistsstrategy": Implied.UNLESS_SAME,
}
_MODEL_BLOCKS = frozenset({Kind.MODEL, Kind.ELEMENT, Kind.ENVIRONMENT})


def direct(statement: Statement, reading: Reading) -> bool:
    """Follows one directive other than `!include`; False when there is none of that name."""
    directive = _DIRECTIVES.get(statement.keyword)
    if directive is None:
        return False
    directive(statement, reading)
    return True


def _implied(statement: Statement, reading: Reading) -> None:
    (option,) = _arguments(statement, 1, "!impliedRelationships <true|false|strategy>")
    strategy = _IMPLIED.get(option.rpartition(".")[2].lower())
    if strategy is None:
        reading.sources.report(
            statement.line, f"the strategy {option} was not run", "andon knows those that Structurizr brings."
        )
    reading.model.implied = strategy or Implied.UNLESS_ANY


def _identifiers(statement: Statement, reading: Reading) -> None:
    (scope,) = _arguments(statement, 1, "!identifiers <flat|hierarchical>")
    if scope.lower() not in ("flat", "hierarchical"):
        raise ModelError(f"`{scope}`", expected="flat or hierarchical")
    reading.hierarchical = scope.lower() == "hierarchical"


def _constant(statement: Statement, reading: Reading) -> None:
    name, value = _arguments(statement, 2, f"{statement.words[0]} <name> <value>")
    if statement.keyword != "!var" and name in reading.constants:
        raise ModelError(f"the constant `{name}` a second time", expected="a new name", hint="Use !var.")
    reading.constants[name] = value


def _documents(statement: Statement, reading: Reading) -> None:
    if statement.opens:
        reading.open(Block(Kind.SKIPPED, statement.line))


def _program(statement: Statement, reading: Reading) -> None:
    reading.sources.report(
        statement.line,
        f"{' '.join(statement.words)[:120]} was not run",
        "andon runs no code; export the workspace to JSON to have its result.",
    )
    if statement.opens:
        reading.open(Block(Kind.SCRIPT, statement.line))


def _one(statement: Statement, reading: Reading) -> None:
    """`!element` and `!relationship`, and `!ref` and `!extend` of older workspaces."""
    (name,) = _arguments(statement, 1, f"{statement.words[0]} <identifier or canonical name>")
    block = _require_model(statement, reading)
    item = _canonical(name, reading) if "://" in name else reading.find(name)
    wanted = {"!element": (Node,), "!relationship": (Link,)}.get(statement.keyword, (Node, Link))
    if item is None or isinstance(item, Group) or not isinstance(item, wanted):
        raise ModelError(
            f"`{name}`, which names nothing of the kind", expected="an identifier declared above"
        )
    if isinstance(item, Node) and item.kind is not None and block.group is not None:
        item.group = block.group.name
        block.group.add(item)
    reading.register(statement.identifier, item)
    if statement.opens:
        reading.open(_block_of(item, statement))


def _many(statement: Statement, reading: Reading) -> None:
    (expression,) = _arguments(statement, 1, f"{statement.words[0]} <expression>")
    _require_model(statement, reading)
    links = statement.keyword == "!relationships"
    found = select(expression, reading)
    items: list[Item] = [item for item in found if isinstance(item, Link if links else Node)]
    if not items:
        raise ModelError(f"`{expression}`, which selects nothing")
    if statement.opens:
        reading.open(Block(Kind.LINKS if links else Kind.ELEMENTS, statement.line, items=items))


def _block_of(item: Node | Link, statement: Statement) -> Block:
    if isinstance(item, Link):
        return Block(Kind.LINKS, statement.line, items=[item])
    if item.kind is None:
        return Block(Kind.ENVIRONMENT, statement.line, item)
    return Block(Kind.ELEMENT, statement.line, item, items=[item])


def _canonical(name: str, reading: Reading) -> Node | Link | None:
    model = reading.model
    model.spend(5 * len(model.nodes))
    for node in model.nodes:
        if canonical_name(node) == name:
            return node
    if name.lower().startswith("relationship://"):
        for link in model.links():
            model.spend(10)
            ends = f"{canonical_name(link.source)} -> {canonical_name(link.destination)}"
            if name[len("relationship://") :] in (ends, f"{ends} ({link.description})"):
                return link
    return None


def _require_model(statement: Statement, reading: Reading) -> Block:
    block = reading.block
    if block is None or block.kind not in _MODEL_BLOCKS:
        raise ModelError(f"`{statement.words[0]}` here", expected="it in the model")
    return block


def _arguments(statement: Statement, count: int, grammar: str) -> tuple[str, ...]:
    if len(statement.words) != count + 1:
        raise ModelError(f"{len(statement.words) - 1} arguments", expected=grammar)
    return statement.words[1:]


_DIRECTIVES: dict[str, Callable[[Statement, Reading], None]] = {
    "!impliedrelationships": _implied,
    "impliedrelationships": _implied,
    "!identifiers": _identifiers,
    "!const": _constant,
    "!constant": _constant,
    "!var": _constant,
    "!docs": _documents,
    "!adrs": _documents,
    "!decisions": _documents,
    "!script": _program,
    "!plugin": _program,
    "!components": _program,
    "!element": _one,
    "!relationship": _one,
    "!ref": _one,
    "!extend": _one,
    "!elements": _many,
    "!relationships": _many,
}
