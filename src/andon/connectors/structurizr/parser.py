"""Reads Structurizr DSL line by line into a model.

Open blocks and open files are kept in lists, so that neither depth nor length of a text reaches
Python's own limits. Views, styles, documents and configuration are skipped; scripts are never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from andon.connectors.structurizr.deployment import (
    INSTANCE_WORDS,
    deploy,
    group,
    health_check,
    open_environment,
)
from andon.connectors.structurizr.directives import direct
from andon.connectors.structurizr.elements import (
    ATTRIBUTES,
    GROUPABLE,
    attribute,
    declare,
    define_archetype,
    open_group,
    place_of,
    shape_for,
)
from andon.connectors.structurizr.expected import expected_in
from andon.connectors.structurizr.include import Place, is_url
from andon.connectors.structurizr.lines import (
    Line,
    Statement,
    braces,
    logical_lines,
    opens_block,
    statement,
)
from andon.connectors.structurizr.model import ModelError
from andon.connectors.structurizr.reading import Block, Kind, Reading
from andon.connectors.structurizr.relationships import NO_ARROW, relate, remove
from andon.connectors.structurizr.workspace_json import read_json
from andon.errors import ParseError
from andon.telemetry import ElementKind

__all__ = ["read_dsl"]

_SKIPPED = frozenset({"views", "configuration", "documentation"})


@dataclass(slots=True)
class _File:
    """A text being read: its lines still to come, and how many blocks were open when it began."""

    lines: Iterator[Line]
    chain: tuple[Place, ...]
    depth: int
    include: Line | None = None


class _Parser:
    def __init__(self, reading: Reading, text: str, chain: tuple[Place, ...]) -> None:
        self.reading = reading
        self.files = [_File(logical_lines(text, chain[-1].file), chain, 0)]
        self.seen: set[str] = set()

    def read(self) -> None:
        while self.files:
            line = next(self.files[-1].lines, None)
            if line is None:
                self._end_file()
                continue
            try:
                self._line(line)
            except ModelError as error:
                raise line.error(error.message, expected=error.expected, hint=error.hint) from error

    def _end_file(self) -> None:
        file = self.files.pop()
        if len(self.reading.blocks) > file.depth:
            block = self.reading.blocks[-1]
            raise block.line.error(f"{block.title} is never closed", expected="a closing }")
        if not self.files and "workspace" not in self.seen:
            raise ParseError("no workspace", file=file.chain[-1].file, expected="workspace [name] {")

    # -- one line

    def _line(self, line: Line) -> None:
        block = self.reading.block
        if block is not None and block.kind is Kind.SKIPPED:
            self._skip(line)
        elif block is not None and block.kind is Kind.SCRIPT:
            block.depth += braces(line)
            if block.depth <= 0 and line.text.strip() == "}":
                self._close(line)
        else:
            said = self.reading.substitute(statement(line))
            if said.closes:
                self._close(line)
            elif block is not None and block.kind is Kind.PROPERTIES:
                self._property(said, block)
            else:
                self._say(said)

    def _skip(self, line: Line) -> None:
        if opens_block(line):
            self.reading.open(Block(Kind.SKIPPED, line))
        elif line.text.strip() == "}":
            self._close(line)

    def _close(self, line: Line) -> None:
        if len(self.reading.blocks) <= self.files[-1].depth:
            raise line.error("`}` without a block to close", expected=expected_in(self.reading.block))
        self.reading.blocks.pop()

    def _property(self, said: Statement, block: Block) -> None:
        if len(said.words) != 2 or said.opens:
            raise ModelError(f"`{' '.join(said.words)[:80]}`", expected="<name> <value>")
        self.reading.model.spend(len(block.properties))
        for properties in block.properties:
            properties[said.words[0]] = said.words[1]

    # -- one statement

    def _say(self, said: Statement) -> None:
        if len(said.words) >= 3 and said.words[1] == "=":
            self.reading.check_identifier(said.words[0])
            said = Statement(said.line, said.words[2:], said.opens, identifier=said.words[0])
        known = (
            self._include(said)
            or direct(said, self.reading)
            or self._relationship(said)
            or self._workspace(said)
            or self._model(said)
        )
        if not known:
            block = self.reading.block
            where = f" in {block.title}" if block is not None else ""
            found = f"`{said.words[0][:80]}`" if said.words else "`{`"
            raise ModelError(
                f"unexpected {found}{where}", expected=expected_in(block, finished=bool(self.seen))
            )

    def _include(self, said: Statement) -> bool:
        if said.keyword != "!include":
            return False
        if len(said.words) != 2 or said.opens:
            raise ModelError(f"{len(said.words) - 1} arguments", expected="!include <file|folder|url>")
        source, sources, chain = said.words[1], self.reading.sources, self.files[-1].chain
        if is_url(source):
            if sources.allow_urls:
                self._push(sources.fetch(source, said.line, chain), (*chain, Place(source)), said.line)
            else:
                sources.report(said.line, f"{source} was not fetched", "Allow URLs to include it.")
            return True
        place = sources.find(source, said.line, chain)
        for entry in reversed(sources.files(place, said.line, chain)):
            self._push(sources.text(entry, said.line), (*chain, entry), said.line)
        return True

    def _push(self, text: str, chain: tuple[Place, ...], line: Line) -> None:
        lines = logical_lines(text, chain[-1].file)
        self.files.append(_File(lines, chain, len(self.reading.blocks), line))

    def _relationship(self, said: Statement) -> bool:
        block = self.reading.block
        if block is None or block.kind in (Kind.ARCHETYPES, Kind.WORKSPACE):
            return False
        if len(said.words) > 1 and said.words[1] == NO_ARROW:
            remove(said, block, self.reading)
            return True
        for at in (0, 1):
            archetype = self.reading.archetypes.arrow(said.words[at]) if len(said.words) > at else None
            if archetype is not None:
                relate(said, archetype, at, block, self.reading)
                return True
        return False

    # -- the workspace and its parts

    def _workspace(self, said: Statement) -> bool:
        block, word = self.reading.block, said.keyword
        if block is None:
            if word != "workspace" or "workspace" in self.seen:
                return False
            self._open_workspace(said)
        elif block.kind is not Kind.WORKSPACE:
            return False
        elif word in ("name", "description") and len(said.words) == 2 and not said.opens:
            self.reading.model.name = said.words[1] if word == "name" else self.reading.model.name
        elif word == "properties" and said.opens:
            self.reading.open(Block(Kind.PROPERTIES, said.line))
        elif word in _SKIPPED and said.opens:
            self.reading.open(Block(Kind.SKIPPED, said.line))
        elif word == "model" and said.opens and len(said.words) == 1:
            if "model" in self.seen:
                raise ModelError("a second model", expected="one model in a workspace")
            self.seen.add("model")
            self.reading.open(Block(Kind.MODEL, said.line))
        else:
            return False
        return True

    def _open_workspace(self, said: Statement) -> None:
        if not said.opens or len(said.words) > 3:
            raise ModelError(
                "a workspace", expected="workspace [name] [description] { or workspace extends <file> {"
            )
        if len(said.words) == 3 and said.words[1].lower() == "extends":
            self._extend(said.words[2], said.line)
        elif len(said.words) > 1:
            self.reading.model.name = said.words[1]
        self.seen.add("workspace")
        self.reading.open(Block(Kind.WORKSPACE, said.line))

    def _extend(self, source: str, line: Line) -> None:
        """Reads the parent first, into the same model; its constants, archetypes and scope go on."""
        sources, chain = self.reading.sources, self.files[-1].chain
        if is_url(source):
            if not sources.allow_urls:
                raise line.error(
                    f"extends {source}, a URL",
                    expected="a local file",
                    hint="Allow URLs, or download the parent workspace and extend the file.",
                )
            place, text = Place(source), sources.fetch(source, line, chain)
        else:
            place = sources.find(source, line, chain)
            text = sources.text(place, line)
        if source.lower().endswith(".json"):
            read_json(text, place.file, self.reading.model)
        else:
            _Parser(self.reading, text, (*chain, place)).read()
        self.reading.extending = True

    # -- the model

    def _model(self, said: Statement) -> bool:
        block, reading, word = self.reading.block, self.reading, said.keyword
        if block is None or not said.words:
            return False
        if block.kind is Kind.ARCHETYPES:
            return define_archetype(said, reading)
        if word in ATTRIBUTES and attribute(said, block, reading):
            return True
        place = place_of(block)
        grouped = GROUPABLE | {ElementKind.COMPONENT.value}
        shape = shape_for(word, block, reading)
        if shape is not None:
            declare(*shape, said, block, reading)
        elif "group" in reading.archetypes.bases(word) and place in grouped:
            open_group(said, block, reading)
        elif block.kind is Kind.MODEL:
            return self._model_only(said)
        elif word == "deploymentgroup" and place in (Kind.ENVIRONMENT, ElementKind.DEPLOYMENT_NODE):
            group(said, block, reading)
        elif word in INSTANCE_WORDS and place == ElementKind.DEPLOYMENT_NODE:
            deploy(said, block, reading)
        elif word == "healthcheck":
            health_check(said, block)
        else:
            return False
        return True

    def _model_only(self, said: Statement) -> bool:
        if said.keyword == "deploymentenvironment":
            open_environment(said, self.reading)
        elif said.keyword == "archetypes" and said.opens:
            self.reading.open(Block(Kind.ARCHETYPES, said.line))
        elif said.keyword == "properties" and said.opens:
            self.reading.open(Block(Kind.PROPERTIES, said.line, properties=[self.reading.model.properties]))
        elif said.keyword == "enterprise":
            raise ModelError(
                "`enterprise`, which is no longer in the language", hint="Write `group` instead."
            )
        else:
            return False
        return True


def read_dsl(text: str, place: Place, reading: Reading) -> None:
    """Reads one workspace into `reading.model`; raises `ParseError` with the file and line of a fault."""
    _Parser(reading, text, (place,)).read()
