from __future__ import annotations

import os
from pathlib import Path

import pytest

from andon.connectors.documents import folder as module
from andon.connectors.documents import list_documents, read_documents
from andon.telemetry import Problem, Status


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_passages_come_by_file_name(tmp_path: Path):
    write(tmp_path, db__pool_md="# Pool\nfull", db__a_txt="text", README="hello")
    result = read_documents(tmp_path)
    assert result.status is Status.OK and result.count == 3
    assert [p.file for p in result.value] == ["README", "db/a.txt", "db/pool.md"]


def test_hidden_files_are_left_alone_and_other_kinds_counted(tmp_path: Path):
    write(tmp_path, a_md="text", img__a_png="x", img__b_png="x", run_sh="x")
    (tmp_path / ".hidden.md").write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "notes.md").write_text("x")
    result = list_documents(tmp_path)
    assert [d.name for d in result.value] == ["a.md"] and result.status is Status.OK
    (problem,) = result.problems
    assert problem.count == 3 and problem.message.endswith(".png 2, .sh 1")


def test_links_are_followed_inside_the_folder_only(tmp_path: Path):
    inside = tmp_path / "runbooks"
    (inside / "..data").mkdir(parents=True)
    (inside / "..data" / "real.md").write_text("mounted")
    (tmp_path / "secret.md").write_text("secret")
    (inside / "good.md").symlink_to("..data/real.md")
    (inside / "bad.md").symlink_to("../secret.md")
    (inside / "broken.md").symlink_to("nowhere.md")
    (inside / "loop.md").symlink_to("loop.md")
    (inside / "out").symlink_to(tmp_path)
    result = list_documents(inside)
    assert "good.md" in [d.name for d in result.value]
    assert not {"bad.md", "broken.md", "loop.md"} & {d.name for d in result.value}
    assert result.status is Status.PARTIAL
    told = {problem.place: problem.message for problem in result.problems}
    assert told["bad.md"] == "is a link that leads out of the folder"
    assert told["out"] == "is a link to a folder, which is not followed"
    assert told["broken.md"].startswith("cannot be read") and told["loop.md"].startswith("cannot be read")


def test_what_is_no_ordinary_file_is_not_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.md")
    assert list_documents(tmp_path).problems == (Problem("pipe.md", "is not an ordinary file"),)


def test_large_files_are_told_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BYTES", 3)
    write(tmp_path, a_md="abc", b_md="abcd")
    result = list_documents(tmp_path)
    assert [d.name for d in result.value] == ["a.md"] and result.problems[0].place == "b.md"


def test_a_folder_of_too_many_files_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "FILES", 2)
    write(tmp_path, a_md="a", b_md="b", c_md="c")
    result = read_documents(tmp_path)
    assert result.status is Status.TRUNCATED and result.count == 2
    assert "only the first 2" in result.problems[-1].message


def test_a_folder_that_cannot_be_read_has_failed(tmp_path: Path):
    write(tmp_path, a_md="a")
    for absent in (tmp_path / "absent", tmp_path / "a.md"):
        result = read_documents(absent)
        assert result.status is Status.FAILED and result.value == () and result.problems


def test_one_bad_file_makes_the_result_partial(tmp_path: Path):
    write(tmp_path, a_md="a")
    (tmp_path / "b.txt").write_bytes(b"\0")
    result = read_documents(tmp_path)
    assert result.status is Status.PARTIAL and result.count == 1


def test_an_empty_folder_is_empty(tmp_path: Path):
    assert read_documents(tmp_path).status is Status.EMPTY


def test_names_that_are_not_text_can_be_written_down(tmp_path: Path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff\x1b\n.md")).write_text("text")
    (passage,) = read_documents(tmp_path).value
    passage.file.encode()
    assert passage.file.isprintable()


def test_the_stamp_changes_with_the_file(tmp_path: Path):
    write(tmp_path, a_md="a")
    before = list_documents(tmp_path).value[0].stamp
    os.utime(tmp_path / "a.md", (1, 1))
    assert list_documents(tmp_path).value[0].stamp != before
