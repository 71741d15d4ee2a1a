"""Any text gives a workspace or a `ParseError`: nothing else, and soon."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from andon.connectors.structurizr import Workspace, load_workspace, parse_dsl, parse_json
from andon.errors import ParseError

WORDS = [
    "workspace", "extends", "model", "views", "person", "softwareSystem", "container", "component",
    "element", "group", "deploymentEnvironment", "deploymentNode", "infrastructureNode", "instanceOf",
    "containerInstance", "softwareSystemInstance", "deploymentGroup", "healthCheck", "archetypes", "tags",
    "technology", "description", "url", "properties", "perspectives", "instances", "metadata", "this",
    "!include", "!const", "!var", "!identifiers", "hierarchical", "!impliedRelationships", "false",
    "!element", "!elements", "!relationship", "!relationships", "!ref", "!script", "!docs", "a", "b", "c",
    "=", "->", "-/>", "--a->", "{", "}", '"', '""', '"x y"', '"""', "\\", "/*", "*/", "//", "#", "${a}",
    "element.tag==a", "element.parent==a", "a->", "*->*", "element==", "*", ",", "://", "Person://a", "0", "\0",
]  # fmt: skip
lines = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
bodies = st.lists(lines, max_size=25).map("\n".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1", "2"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "model", "people", "softwareSystems", "containers", "components", "tags",
                 "deploymentNodes", "children", "containerInstances", "containerId", "relationships",
                 "sourceId", "destinationId", "properties", "structurizr.dsl.identifier", "deploymentGroups"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)  # fmt: skip
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def whole_or_refused(parse: Callable[..., Workspace], text: str) -> None:
    try:
        result: Workspace | ParseError = parse(text, file="x")
    except ParseError as error:
        result = error
    if isinstance(result, ParseError):
        assert (result.file, result.line >= 0) == ("x", True)
    else:
        check(result)


def check(workspace: Workspace) -> None:
    topology = workspace.topology
    assert len(topology.by_id) == len(topology.elements)
    for element in topology.elements:
        assert not element.parent or element.parent in topology.by_id
        assert not element.instance_of or element.instance_of in topology.by_id
    for relationship in topology.relationships:
        assert {relationship.source, relationship.destination} <= topology.by_id.keys()


@quick
@given(st.text())
@example("")
@example("workspace {")
def test_any_text(text: str) -> None:
    whole_or_refused(parse_dsl, text)


@quick
@given(bodies)
def test_any_words(text: str) -> None:
    whole_or_refused(parse_dsl, text)


@quick
@given(bodies)
def test_any_words_in_a_model(text: str) -> None:
    start = 'a = softwareSystem "a" {\n b = container b\n}\n'
    whole_or_refused(parse_dsl, "workspace {\nmodel {\n" + start + text + "\n}\n}")


@quick
@given(values)
def test_any_json(value: object) -> None:
    whole_or_refused(parse_json, json.dumps(value))
    whole_or_refused(parse_json, json.dumps({"model": value}))


def refused(path: Path) -> ParseError:
    with pytest.raises(ParseError) as caught:
        load_workspace(path)
    return caught.value


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        ('workspace "Ä" {\n}\n'.encode("utf-16"), 1, "UTF-16"),
        ("workspace {\n}\n".encode("utf-16-le"), 1, "NUL"),
        ('workspace {\n model {\n  person "Ä"\n }\n}'.encode("latin-1"), 3, "0xc4"),
        (b"workspace {\n\0\n}", 2, "NUL"),
        (b"workspace " + b"x" * 10_000_000 + b" {\n}", 1, "characters"),
        (b"workspace {\n" + b"x" * 17_000_000, 0, "too much"),
        (b"workspace {\nmodel {\n", 2, "never closed"),
        (b'workspace "open {\n}', 1, "quote"),
        (b"workspace {\n/* open\n}", 2, "comment"),
        (b'workspace {\n!const A """\n}', 2, "text block"),
        (b"workspace {\nviews {\n view {\n}\n", 2, "never closed"),
        (b"workspace {\n}\n}", 3, "without a block"),
        (b"workspace {\n}\nworkspace {\n}", 3, "workspace"),
        (b"workspace {\nmodel {\n}\nmodel {\n}\n}", 4, "second model"),
        (b"workspace\n{\n}", 1, "workspace"),
        (b"// nothing", 0, "no workspace"),
        (b"", 0, "no workspace"),
    ],
)
def test_bad_files(tmp_path: Path, data: bytes, line: int, found: str) -> None:
    path = tmp_path / "w.dsl"
    path.write_bytes(data)
    error = refused(path)
    assert (error.file, error.line) == (str(path), line)
    assert found in error.message
    assert len(error.message) < 1000 + len(str(path))


def test_other_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_text("workspace {\n}")
    (tmp_path / "folder.dsl").mkdir()
    assert ".dsl or .json" in refused(tmp_path / "w.txt").expected
    assert "cannot be read" in refused(tmp_path / "folder.dsl").message
    assert "cannot be read" in refused(tmp_path / "none.json").message


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    for name, text in [("w.dsl", "workspace W {\n}"), ("w.json", '{"name": "W", "model": {}}')]:
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
        assert load_workspace(tmp_path / name).topology.name == "W"


def grown() -> dict[str, str]:
    doubling = "\n".join(f'!const A{n} "{f"${{A{n - 1}}}" * 10}"' for n in range(1, 40))
    many = "\n".join(f"person p{n}" for n in range(3000))
    nodes = "\n".join(f'deploymentNode "N{n}" {{' for n in range(500))
    same = "\n".join(f"a -> b {n}" for n in range(5000))
    return {
        "constants": "!const A0 xxxxxxxxxx\n" + doubling,
        "selections": many + '\n!elements "*" {\n' + "tags x\n" * 5000 + "}",
        "alternatives": many + '\n!elements "' + " || ".join(["element.tag==x"] * 5000) + '" {\n}',
        "depth": 'deploymentEnvironment "E" {\n' + nodes + "\n}" * 501,
        "parallel": "a = person a\nb = person b\n" + same,
        "brackets": 'x = person "' + "a" * 2000 + '"',
    }


@pytest.mark.parametrize("name", grown())
def test_a_small_text_cannot_cause_much_work(name: str, monkeypatch) -> None:
    monkeypatch.setattr("andon.connectors.structurizr.model.MAX_WORK", 300_000)
    with pytest.raises(ParseError):
        parse_dsl("workspace {\nmodel {\n" + grown()[name] + "\n}\n}", file="x.dsl")


@pytest.mark.parametrize("text", ['"\\', "/*", "'", "//", '"', "{ ", "} "])
def test_long_lines_of_script_are_read_in_one_pass(text: str) -> None:
    body = "workspace {\n!script groovy {\n" + text * (900_000 // len(text)) + "\n}\n}"
    whole_or_refused(parse_dsl, body)
