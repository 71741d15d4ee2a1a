"""`andon mcp`: what it is told at the start; what it serves is tested in tests/contract/test_mcp.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import DOOR, Andon


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be served; nothing is."""
    import andon.mcp

    found: list[Any] = []

    def http(face: Any, listener: Any, ready: Any) -> None:
        found.append(listener)
        ready("http://127.0.0.1:8848/mcp")

    monkeypatch.setattr(andon.mcp, "serve_stdio", found.append)
    monkeypatch.setattr(andon.mcp, "serve_http", http)
    monkeypatch.delenv("ANDON_MCP_TOKEN", raising=False)
    return found


def test_stdio_is_the_default_and_says_nothing(andon: Andon, served: list[Any]):
    done = andon("mcp", "-s", DOOR)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "door-unlock.zip" in served[0].instructions


def test_without_sources_runs_are_served_all_the_same(andon: Andon, served: list[Any]):
    assert andon("mcp").code == 0
    assert "looked at: none" in served[0].instructions


def test_http_makes_a_token_and_tells_it_once(andon: Andon, served: list[Any]):
    done = andon("mcp", "--http", "-s", DOOR)
    assert done.out == ""
    assert str(served[0].address) == "127.0.0.1:8848"
    assert done.err.count(served[0].access.token) == 1
    assert len(served[0].access.token) > 30


def test_a_token_of_a_file_is_not_told(andon: Andon, served: list[Any], tmp_path: Path):
    (tmp_path / "token").write_text("of-the-file")
    done = andon(
        "mcp", "--http", "--token-file", tmp_path / "token", "--host", "0.0.0.0", "--name", "ops.example"
    )
    assert served[0].access.token == "of-the-file"
    assert served[0].names == ("ops.example",)
    assert "of-the-file" not in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-s", "nowhere"], 3),
        (["--http", "--token-file", "nowhere"], 3),
        (["--port", "99999"], 2),
        (["extra"], 2),
    ],
)
def test_mistakes_are_told_before_anything_is_served(
    andon: Andon, served: list[Any], arguments: list[str], code: int
):
    done = andon("mcp", *arguments)
    assert done.code == code
    assert done.out == ""
    assert served == []


def test_without_the_package_mcp_it_is_named():
    program = "import sys; sys.modules['mcp'] = None; sys.argv = ['andon', 'mcp']; from andon.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "needs the package mcp" in done.stderr and "Traceback" not in done.stderr
