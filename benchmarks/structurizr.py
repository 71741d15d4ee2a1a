"""Structurizr workspaces: valid ones are read, faulty ones refused at the right line, pairs agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from andon.connectors.structurizr import load_workspace
from andon.errors import ParseError
from andon.telemetry import Topology
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say, share

__all__ = ["BENCHMARK"]

_FAULTY = {
    "enterprise.dsl": 4,
    "group-url.dsl": 6,
    "group-without-brace.dsl": 4,
    "multi-line-with-error.dsl": 8,
    "unexpected-tokens-after-workspace.dsl": 4,
}
"""The line at fault, found by hand."""
_FRAGMENTS = ("include/", "big-bank-plc/model/", "big-bank-plc/views/")
_EDITED = {"SQL/TCP": "JDBC"}
"""One technology was edited in the DSL half of a pair and not in its JSON half."""


def measure(options: Options) -> Iterator[Figure]:
    root = options.data / "structurizr"
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.dsl"))
    if not names:
        raise Unmeasured("no data in structurizr")
    valid = [name for name in names if name not in _FAULTY and not name.startswith(_FRAGMENTS)]
    yield share("valid workspaces read", sum(_reads(root / name) for name in valid), len(valid), "all")
    yield share(
        "faulty workspaces refused with file and line",
        sum(_refused(root / name, line) for name, line in _FAULTY.items()),
        len(_FAULTY),
        "all",
    )
    pairs = sorted((root / "pairs").glob("*.dsl"))
    yield share("DSL and JSON of one model agree", sum(_agree(path) for path in pairs), len(pairs), "all")


def _reads(path: Path) -> bool:
    try:
        load_workspace(path)
    except ParseError as error:
        say(f"structurizr {path.name}: {error}")
        return False
    return True


def _refused(path: Path, line: int) -> bool:
    try:
        load_workspace(path)
    except ParseError as error:
        return (error.file, error.line) == (str(path), line)
    return False


def _agree(dsl: Path) -> bool:
    read, stored = (load_workspace(dsl.with_suffix(ending)).topology for ending in (".dsl", ".json"))
    return _content(read) == _content(stored)


def _content(topology: Topology) -> Counter[tuple[object, ...]]:
    """Elements and relationships by name, since the two forms name ids differently."""
    by_id = topology.by_id
    elements = ((e.kind, e.name, e.technology, e.description, e.tags, e.group) for e in topology.elements)
    relationships = (
        (
            by_id[r.source].name,
            by_id[r.destination].name,
            r.description,
            _EDITED.get(r.technology, r.technology),
            r.tags,
        )
        for r in topology.relationships
    )
    return Counter((*elements, *relationships))


BENCHMARK = Benchmark("structurizr", "The reference implementation's own example workspaces.", measure)
