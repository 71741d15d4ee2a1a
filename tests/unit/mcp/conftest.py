"""One investigated run for all tests of the face, and a way to ask it as a client does."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from andon.app.investigating import start
from andon.config import Settings
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.llm.redaction import Redactor
from andon.mcp import Face, Scope, build

DOOR = Path(__file__).parents[3] / "examples" / "door-unlock.zip"
ESTATE = Path(__file__).parents[2] / "fixtures" / "estate"

Asking = Callable[[Client], Coroutine[Any, Any, Any]]


@pytest.fixture(scope="session")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """A store with one run, and the report of that run."""
    home = tmp_path_factory.mktemp("home")
    report = start(
        Question("doors do not unlock from the iOS app"), [str(DOOR)], Settings(home, home / "andon.yaml")
    )
    return home, report


@pytest.fixture
def report(investigated: tuple[Path, Report]) -> Report:
    return investigated[1]


@pytest.fixture
def settings(investigated: tuple[Path, Report], tmp_path: Path) -> Settings:
    """A copy of the store, so that tests may add to it."""
    home = tmp_path / "home"
    shutil.copytree(investigated[0], home)
    return Settings(home, tmp_path / "andon.yaml")


@pytest.fixture
def face(settings: Settings) -> Face:
    return build(settings, Scope.of(settings, [str(DOOR)]), Redactor(b"k" * 16))


def ask(face: Face, asking: Asking, **options: Any) -> Any:
    """What a client in memory gets."""

    async def connected() -> Any:
        async with Client(face, **options) as client:
            return await asking(client)

    return asyncio.run(connected())


@pytest.fixture
def asked(face: Face) -> Callable[[Asking], Any]:
    return lambda asking: ask(face, asking)
