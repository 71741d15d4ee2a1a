"""The reference's own workspaces: all valid ones are read, all faulty ones refused, and pairs agree."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest

from andon.connectors.structurizr import load_workspace, parse_dsl, parse_json
from andon.errors import ParseError
from andon.telemetry import Element, Topology

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "structurizr"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no workspaces at {DATA}")

FAULTY = {
    "enterprise.dsl": (4, "enterprise"),
    "group-url.dsl": (6, "url"),
    "group-without-brace.dsl": (4, "group"),
    "multi-line-with-error.dsl": (8, "component"),
    "unexpected-tokens-after-workspace.dsl": (4, "hello"),
}
WITHOUT_MODEL = {
    "archetypes-from-workspace-extension-parent.dsl",
    "color-schemes.dsl",
    "constant.dsl",
    "constants-and-variables-from-workspace-extension-parent.dsl",
    "text-block.dsl",
}
COUNTED = {
    "archetypes.dsl": (6, 6),
    "bulk-operations.dsl": (13, 30),
    "deployment-groups-flat.dsl": (21, 9),
    "deployment-groups-hierarchical.dsl": (27, 11),
    "exclude-implied-relationship.dsl": (4, 4),
    "find-element.dsl": (21, 8),
    "include-directory.dsl": (3, 0),
}
"""Counted by hand."""
FRAGMENTS = ("include/", "big-bank-plc/model/", "big-bank-plc/views/")


def files() -> list[str]:
    return sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*.dsl")) if DATA.is_dir() else []


VALID = [name for name in files() if name not in FAULTY and not name.startswith(FRAGMENTS)]


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str) -> None:
    topology = load_workspace(DATA / name).topology
    assert len(topology.by_id) == len(topology.elements)
    assert bool(topology.elements) is (name not in WITHOUT_MODEL)
    if name in COUNTED:
        assert (len(topology.elements), len(topology.relationships)) == COUNTED[name]


@pytest.mark.parametrize("name", FAULTY)
def test_faulty(name: str) -> None:
    line, found = FAULTY[name]
    with pytest.raises(ParseError) as caught:
        load_workspace(DATA / name)
    assert (caught.value.file, caught.value.line) == (str(DATA / name), line)
    assert found in caught.value.message


@pytest.mark.parametrize("name", [name for name in files() if name.startswith(FRAGMENTS)])
def test_a_fragment_is_no_workspace(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_workspace(DATA / name)
    assert caught.value.expected == "workspace"


def path_of(element: Element, topology: Topology) -> tuple[str, ...]:
    names = [element.name]
    while element.parent:
        element = topology.by_id[element.parent]
        names.append(element.name)
    return (element.environment, *reversed(names))


def elements(topology: Topology) -> Counter[tuple[object, ...]]:
    return Counter(
        (e.kind, path_of(e, topology), e.technology, e.description, e.tags, e.group, e.instances, e.url)
        for e in topology.elements
    )


def relationships(topology: Topology) -> Counter[tuple[object, ...]]:
    by_id = topology.by_id
    return Counter(
        (
            path_of(by_id[r.source], topology),
            path_of(by_id[r.destination], topology),
            r.description,
            r.technology,
            r.tags,
        )
        for r in topology.relationships
    )


@pytest.mark.parametrize("name", ["amazon-web-services", "big-bank-plc"])
def test_the_dsl_inside_a_json_workspace_gives_the_same_topology(name: str) -> None:
    text = (DATA / "pairs" / f"{name}.json").read_text(encoding="utf-8")
    stored = parse_json(text, file="w.json").topology
    source = base64.b64decode(json.loads(text)["properties"]["structurizr.dsl"]).decode()
    read = parse_dsl(source, file="w.dsl").topology
    assert read.name == stored.name
    assert elements(read) == elements(stored)
    assert relationships(read) == relationships(stored)
    assert {e.id.lower() for e in read.elements if "/" not in e.id and "." not in e.id} <= {
        e.id for e in stored.elements
    }


@pytest.mark.parametrize("name", ["amazon-web-services", "big-bank-plc"])
def test_pairs(name: str) -> None:
    """One technology of the big-bank pair was edited in the DSL alone: `SQL/TCP` became `JDBC`."""
    stored = load_workspace(DATA / "pairs" / f"{name}.json").topology
    read = load_workspace(DATA / "pairs" / f"{name}.dsl").topology
    assert elements(read) == elements(stored)
    edited = Counter(
        (*rest[:3], "JDBC" if rest[3] == "SQL/TCP" else rest[3], rest[4])
        for rest in relationships(stored).elements()
    )
    assert relationships(read) == edited
