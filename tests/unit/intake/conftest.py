"""Recorders whose writer can be held up, and requests to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.connectors.received import Frame, Retention, SegmentWriter
from andon.errors import StorageError
from andon.intake.recorder import Recorder


class SlowWriter(SegmentWriter):
    """Writes only while `going` is set, and fails while `full` is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Retention(seconds=1e12))
        self.going, self.full = threading.Event(), False
        self.going.set()
        self.groups: list[int] = []

    def append(self, frames: list[Frame]) -> None:  # type: ignore[override]
        self.going.wait(10)
        if self.full:
            raise StorageError("the disk is full")
        self.groups.append(len(frames))
        super().append(frames)


@pytest.fixture
def writer(tmp_path: Path) -> SlowWriter:
    return SlowWriter(tmp_path / "received")


@pytest.fixture
def recorder(writer: SlowWriter) -> Iterator[Recorder]:
    made = Recorder(writer)
    yield made
    writer.going.set()
    made.close()
