"""The connector that the guide prints is whole: it installs as stated, keeps the contract, and loses no book to another."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from andon.connectors import Need, Session, open_class
from andon.telemetry import Status, Window

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-connector.md"
MODULES = ("ships_diary", "test_ships_diary")
WINDOW = Window(1_781_863_000.0, 1_781_866_000.0)
ENTRY = {"at": 1_781_864_400.0, "text": "fog"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every printed file, under the name that its first line gives."""
    blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType]]:
    """The module of the connector and that of its test."""
    monkeypatch.syspath_prepend(folder)
    connector, test = map(importlib.import_module, MODULES)
    yield connector, test
    for name in MODULES:
        del sys.modules[name]


def test_every_block_of_the_page_names_its_file(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {*(f"{name}.py" for name in MODULES), "pyproject.toml"}
    assert PAGE.read_text("utf-8").count("```") == 6


def test_it_keeps_the_contract(folder: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_ships_diary.py"]
    run = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^\d{2,} passed", run.stdout, re.MULTILINE), run.stdout


def test_the_entry_point_is_its_class(folder: Path, printed: tuple[ModuleType, ModuleType]) -> None:
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    [(kind, place)] = project["project"]["entry-points"]["andon.connectors"].items()
    module, name = place.split(":")
    assert module in project["tool"]["setuptools"]["py-modules"]
    assert getattr(printed[0], name).kind == kind


def test_a_malformed_entry_is_counted_and_takes_nothing_with_it(
    printed: tuple[ModuleType, ModuleType],
) -> None:
    connector, test = printed
    books = {"engine": [ENTRY | {"text": None}, ENTRY | {"text": "hot"}], "bridge": [ENTRY]}
    with test.DiaryImitation(books) as server, Session(20.0) as session:
        options = {"url": server.url, "books": list(books)}
        result = open_class(connector.DiaryConnector, "diary", options, session).logs(Need(WINDOW))
    assert {(record.service, record.body) for record in result.value} == {
        ("engine", "hot"),
        ("bridge", "fog"),
    }
    assert result.status is Status.PARTIAL
    assert [str(problem) for problem in result.problems] == [
        "diary engine: 1 malformed entries were left out"
    ]


def test_a_book_that_is_not_shown_is_told_and_takes_nothing_with_it(
    printed: tuple[ModuleType, ModuleType],
) -> None:
    connector, test = printed
    with test.DiaryImitation({"bridge": [ENTRY]}) as server, Session(20.0) as session:
        options = {"url": server.url, "books": ["galley", "bridge"]}
        diary = open_class(connector.DiaryConnector, "diary", options, session)
        result, told = diary.logs(Need(WINDOW)), diary.check()[0]
    assert (result.status, result.count) == (Status.PARTIAL, 1)
    assert [problem.place for problem in result.problems] == ["diary galley"]
    assert (told.state, told.hint) == ("failed", "GRANT READ ON galley")
