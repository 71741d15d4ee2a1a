"""Loads a Structurizr workspace, in DSL or in JSON, as a topology."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from andon.connectors.structurizr.freeze import freeze
from andon.connectors.structurizr.include import Place, Sources
from andon.connectors.structurizr.parser import read_dsl
from andon.connectors.structurizr.reading import Reading
from andon.connectors.structurizr.workspace_json import read_json
from andon.errors import ParseError
from andon.telemetry import Problem, Topology

__all__ = ["Workspace", "load_workspace", "parse_dsl", "parse_json"]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's topology; `problems` say what was left out, such as a script that was not run."""

    topology: Topology
    problems: tuple[Problem, ...] = ()


def load_workspace(path: Path, *, allow_urls: bool = False, root: Path | None = None) -> Workspace:
    """Reads a `.dsl` or `.json` file.

    Includes and parents must lie under `root`, by default the folder of the file. URLs are fetched
    only with `allow_urls`. Raises `ParseError` for a file that cannot be read or is no workspace.
    """
    suffix = path.suffix.lower()
    if suffix not in (".dsl", ".json"):
        raise ParseError(f"a file `{path.name}`", file=str(path), expected="a .dsl or .json file")
    resolved = path.resolve()
    sources = Sources((root or path.parent).resolve(), allow_urls)
    place = Place(str(path), resolved)
    if root is not None and not resolved.is_relative_to(root.resolve()):
        raise ParseError("a file outside the root folder", file=str(path), expected="a file inside it")
    text = sources.text(place)
    return parse_json(text, file=place.file) if suffix == ".json" else _read(text, place, sources)


def parse_dsl(text: str, *, file: str, root: Path | None = None, allow_urls: bool = False) -> Workspace:
    """Reads DSL text; `file` is its name in messages.

    With a `root`, `file` is a path relative to it and includes are read from there; without one,
    a text that includes local files is refused. Raises `ParseError`.
    """
    path = (root / file).resolve() if root is not None else None
    sources = Sources(root.resolve() if root is not None else None, allow_urls)
    return _read(text, Place(file, path), sources)


def parse_json(text: str, *, file: str) -> Workspace:
    """Reads a workspace in JSON; `file` is its name in messages. Raises `ParseError`."""
    reading = Reading(Sources(None))
    read_json(text, file, reading.model)
    return Workspace(freeze(reading.model))


def _read(text: str, place: Place, sources: Sources) -> Workspace:
    reading = Reading(sources)
    read_dsl(text, place, reading)
    return Workspace(freeze(reading.model), sources.problems)
