from pathlib import Path

import pytest

from andon.connectors.structurizr import load_workspace, parse_dsl
from andon.errors import ParseError


def write(folder: Path, **files: str) -> Path:
    """Files by name, `__` for a slash; the workspace includes what its model says."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".dsl")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "workspace.dsl"


def workspace(model: str) -> str:
    return "workspace {\n model {\n" + model + "\n }\n}\n"


def names(path: Path) -> list[str]:
    return [element.name for element in load_workspace(path).topology.elements]


def refused(path: Path, **arguments) -> ParseError:
    with pytest.raises(ParseError) as caught:
        load_workspace(path, **arguments)
    return caught.value


def test_files_and_folders_are_read_where_they_are_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        workspace=workspace("person First\n!include parts/one.dsl\n!include parts\nperson Last"),
        parts__one='person "One"\n!include "deep/two.dsl"',
        parts__deep__two="!var X 2",
        parts__b='person "B${X}"\n',
        parts__zz__a="person A",
    )
    write(tmp_path, **{"parts__.hidden": "nonsense"})
    path.write_text(path.read_text().replace("!include parts\n", "!include parts/zz\n!include parts/b.dsl\n"))
    assert names(path) == ["First", "One", "A", "B2", "Last"]


def test_a_folder_is_read_in_order_of_name_and_only_its_dsl(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        workspace=workspace("!include parts"),
        parts__c="person C",
        parts__b__z="person BZ",
        parts__a="person A",
    )
    (tmp_path / "parts" / "README.md").write_text("# not DSL {")
    loaded = load_workspace(path)
    assert [element.name for element in loaded.topology.elements] == ["A", "BZ", "C"]
    assert ["README.md" in problem.message for problem in loaded.problems] == [True]


def test_a_fault_in_an_included_file_is_placed_there_as_the_path_was_given(
    tmp_path: Path, monkeypatch
) -> None:
    write(tmp_path, workspace=workspace("!include parts/one.dsl"), parts__one="person A\n\nnonsense")
    monkeypatch.chdir(tmp_path.parent)
    error = refused(Path(tmp_path.name) / "workspace.dsl")
    assert (error.file, error.line) == (f"{tmp_path.name}/parts/one.dsl", 3)


def test_included_blocks_must_be_whole(tmp_path: Path) -> None:
    path = write(tmp_path, workspace=workspace("!include a.dsl"), a='softwareSystem "S" {')
    error = refused(path)
    assert (Path(error.file).name, error.line, "never closed" in error.message) == ("a.dsl", 1, True)
    write(tmp_path, a="}")
    assert Path(refused(path).file).name == "a.dsl"


@pytest.mark.parametrize(
    "source", ["../outside.dsl", "parts/../../outside.dsl", "/etc/passwd", "link.dsl", "linked"]
)
def test_nothing_outside_the_root_is_read(tmp_path: Path, source: str) -> None:
    inner = tmp_path / "inner"
    path = write(inner, workspace=workspace(f"!include {source}"), parts__x="")
    write(tmp_path, outside="person Outside", folder__x="person Outside")
    (inner / "link.dsl").symlink_to(tmp_path / "outside.dsl")
    (inner / "linked").symlink_to(tmp_path / "folder")
    error = refused(path)
    assert error.line == 3
    assert "outside the workspace's folder" in error.message
    assert error.hint
    if not source.startswith("/"):
        loaded = load_workspace(path, root=tmp_path)
        assert [element.name for element in loaded.topology.elements] == ["Outside"]


def test_a_link_inside_an_included_folder_does_not_lead_out(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    path = write(inner, workspace=workspace("!include parts"), parts__x="")
    write(tmp_path, outside="person Outside")
    (inner / "parts" / "link.dsl").symlink_to(tmp_path / "outside.dsl")
    assert "outside the workspace's folder" in refused(path).message


@pytest.mark.parametrize(
    "files",
    [
        {"a": "!include a.dsl"},
        {"a": "!include b.dsl", "b": "!include a.dsl"},
        {"a": "!include ../w"},
        {"a": "!include workspace.dsl"},
    ],
)
def test_cycles_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    folder = tmp_path / "w"
    error = refused(write(folder, workspace=workspace("!include a.dsl"), **files), root=tmp_path)
    assert "includes itself" in error.message


def test_too_deep_and_too_large(tmp_path: Path, monkeypatch) -> None:
    chain = {f"f{n}": f"!include f{n + 1}.dsl" for n in range(30)}
    path = write(tmp_path, workspace=workspace("!include f0.dsl"), **chain, f30="")
    assert "deep" in refused(path).message
    monkeypatch.setattr("andon.connectors.structurizr.include.MAX_TOTAL_BYTES", 300)
    path = write(tmp_path, workspace=workspace("!include a.dsl\n" * 8), a="# " + "x" * 40)
    error = refused(path)
    assert (Path(error.file).name, "too much" in error.message) == ("a.dsl", True)


def test_missing_files_and_texts_without_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path, workspace=workspace("!include none.dsl"))
    assert (refused(path).line, "none.dsl" in refused(path).message) == (3, True)
    with pytest.raises(ParseError, match="without a folder"):
        parse_dsl(workspace("!include a.dsl"), file="text")
    write(tmp_path, a="person A")
    assert parse_dsl(workspace("!include a.dsl"), file="x.dsl", root=tmp_path).topology.elements


def test_a_url_is_not_fetched_without_permission() -> None:
    loaded = parse_dsl(workspace("!include https://example.com/a.dsl\nperson A"), file="w.dsl")
    assert [(p.place, "https://example.com/a.dsl" in p.message) for p in loaded.problems] == [
        ("w.dsl:3", True)
    ]
    assert len(loaded.topology.elements) == 1
    with pytest.raises(ParseError, match="a URL") as caught:
        parse_dsl("workspace extends https://example.com/a.dsl {\n}", file="w.dsl")
    assert (caught.value.line, bool(caught.value.hint)) == (1, True)


def test_views_are_skipped_with_what_they_include(tmp_path: Path) -> None:
    text = "workspace {\n views {\n  styles {\n   !include none.dsl\n  }\n  { \n }\n }\n}\n"
    assert load_workspace(write(tmp_path, workspace=text)).problems == ()


def test_a_child_extends_a_parent(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        parent=workspace(
            '!identifiers hierarchical\n!const N "New"\narchetypes {\n svc = container {\n  tag Svc\n }\n}\n'
            's = softwareSystem "S" {\n c = container "C"\n}\nlive = deploymentEnvironment "Live" {\n}'
        ).replace("{", '"Parent" {', 1),
        workspace="workspace extends parent.dsl {\n"
        ' model {\n softwareSystem "S" {\n  d = svc "${N}" {\n   -> c "Calls"\n  }\n }\n'
        ' deploymentEnvironment "Live" {\n  n = deploymentNode "N"\n }\n }\n}\n',
    )
    topology = load_workspace(path).topology
    assert topology.name == "Parent"
    assert [element.id for element in topology.elements] == ["s", "s.c", "s.d", "live.n"]
    assert topology.by_id["s.d"].tags == ("Svc",)
    assert [(r.source, r.destination) for r in topology.relationships] == [("s.d", "s.c")]


def test_a_child_extends_json(tmp_path: Path) -> None:
    (tmp_path / "parent.json").write_text(
        '{"name": "P", "model": {"softwareSystems": [{"id": "1", "name": "S", "properties":'
        ' {"structurizr.dsl.identifier": "sys"}}, {"id": "2", "name": "T"}],'
        ' "deploymentNodes": [{"id": "3", "name": "N", "environment": "Live"}]}}'
    )
    path = write(
        tmp_path,
        workspace="workspace extends parent.json {\n model {\n  u = person U\n  u -> sys\n"
        '  !element "DeploymentNode://Live/N" {\n   i = softwareSystemInstance sys\n  }\n }\n}\n',
    )
    topology = load_workspace(path).topology
    assert [element.id for element in topology.elements] == ["sys", "2", "3", "u", "i"]
    assert [(r.source, r.destination) for r in topology.relationships] == [("u", "sys")]
    assert topology.by_id["i"].parent == "3"


def test_faults_of_extends(tmp_path: Path) -> None:
    path = write(tmp_path, workspace="\nworkspace extends none.dsl {\n}")
    assert refused(path).line == 2
    path = write(tmp_path, workspace="workspace extends workspace.dsl {\n}")
    assert "includes itself" in refused(path).message
    path = write(tmp_path, workspace="workspace extends a.dsl {\n}", a="workspace {\n\nnonsense\n}")
    error = refused(path)
    assert (Path(error.file).name, error.line) == ("a.dsl", 3)
