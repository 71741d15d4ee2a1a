from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from andon.app.diagnosing import diagnose
from andon.config import Knowledge, Settings
from andon.connectors import Check, CheckState

SERVER = Path(__file__).parents[2] / "fixtures" / "lent" / "server.py"
FRIENDLY: dict[str, Any] = {"command": [sys.executable, str(SERVER), "friendly"]}


def checks(tmp_path: Path, **stated: Any) -> dict[str, Check]:
    own, *_ = diagnose(Settings(tmp_path / "home", tmp_path / "andon.yaml", **stated))
    return {check.what: check for check in own.checks}


def test_a_server_that_lends_is_told_with_what_it_lends_and_what_not_and_why(tmp_path: Path):
    check = checks(tmp_path, lenders={"books": FRIENDLY})["mcp books"]
    assert check.state is CheckState.OK and check.hint == ""
    assert check.found.startswith(
        "lends search; not lent: delete (it says of itself that it changes something); silent (it does not say"
    )


@pytest.mark.parametrize(
    ("entry", "state", "words"),
    [
        ({"command": ["/nowhere/at-all"]}, CheckState.FAILED, "it does not answer (FileNotFoundError"),
        ({"command": ["x"], "comand": []}, CheckState.FAILED, "mcp.books"),
        ({"url": "http://127.0.0.1:9/mcp"}, CheckState.FAILED, "it does not answer"),
        (FRIENDLY | {"tools": ["search", "nosuch"]}, CheckState.WARNING, "nosuch (it offers no such tool)"),
        (FRIENDLY | {"tools": ["delete"]}, CheckState.WARNING, "lends no tool; not lent: delete"),
    ],
)
def test_what_is_wrong_with_a_server_is_told_and_the_others_are_looked_at(
    tmp_path: Path, entry: dict[str, Any], state: CheckState, words: str
):
    found = checks(tmp_path, lenders={"books": entry, "other": FRIENDLY})
    assert found["mcp books"].state is state and words in found["mcp books"].found
    assert found["mcp books"].hint
    assert found["mcp other"].state is CheckState.OK


def test_without_the_package_mcp_each_server_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "andon.connectors.lent.transports", None)
    check = checks(tmp_path, lenders={"books": FRIENDLY})["mcp books"]
    assert check.state is CheckState.FAILED and "need the package mcp" in check.found


def test_a_pdf_that_is_broken_is_found_as_any_other_file_that_cannot_be_read(tmp_path: Path):
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "good.md").write_text("# Pool exhausted\n\nRaise it.\n")
    whole = checks(tmp_path, knowledge=Knowledge(folder))["knowledge"]
    assert whole.state is CheckState.OK and whole.found == f"1 documents in {folder}"
    for name in ("a.pdf", "b.pdf", "c.pdf", "d.pdf"):
        (folder / name).write_bytes(b"%PDF-1.7\nnothing of it is left")
    check = checks(tmp_path, knowledge=Knowledge(folder))["knowledge"]
    assert check.state is CheckState.WARNING
    assert check.found.startswith(f"5 documents in {folder}: a.pdf: ") and check.found.endswith("and 1 more")


def test_an_index_that_cannot_be_used_fails(tmp_path: Path):
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "search").write_text("a file where a folder is needed")
    check = checks(tmp_path, knowledge=Knowledge(folder))["knowledge"]
    assert check.state is CheckState.FAILED and "search index" in check.found and check.hint
