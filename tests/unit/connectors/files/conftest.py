"""Bundles of files written for one test, and readers of a single file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from andon.connectors.files import FilesSource, Limits
from andon.connectors.files.bundle import Bundle
from andon.connectors.files.columns import Collected
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader
from andon.telemetry import Window

ALL = Window(0, 4e9)


class Parsed:
    """What a parser made of one file, with the problems as texts."""

    def __init__(self, file: FileReader) -> None:
        self.file = file
        self.collected = Collected()

    @property
    def metrics(self):
        return {series.key: series for series in self.collected.metrics}

    @property
    def logs(self):
        return list(self.collected.logs.logs())

    @property
    def spans(self):
        columns = self.collected.spans.spans()
        return [columns[i] for i in range(len(columns))]

    @property
    def changes(self):
        return self.collected.changes

    @property
    def problems(self) -> list[str]:
        return [str(problem) for problem in self.file.problems.problems()]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Writes files into a folder of their own and returns it."""

    def write(files: dict[str, str | bytes]) -> Path:
        root = tmp_path / "bundle"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def parse(folder) -> Callable[..., Parsed]:
    """Runs one parser over one file."""

    def run(
        parser: Any,
        content: str | bytes,
        name: str = "file.txt",
        limits: Limits | None = None,
        **options: Any,
    ) -> Parsed:
        bundle = Bundle(folder({name: content}), limits or Limits())
        parsed = Parsed(FileReader(name, bundle, ProblemCounter(), **options))
        parser(parsed.file, parsed.collected)
        return parsed

    return run


@pytest.fixture
def source(folder) -> Callable[[dict[str, str | bytes]], FilesSource]:
    """Opens a folder of these files."""
    return lambda files, **options: FilesSource.open(folder(files), **options)
