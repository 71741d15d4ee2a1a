from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from andon.connectors.received import gathering
from andon.connectors.received.frames import Frame, Kind
from andon.connectors.received.reading import ReceivedStore
from andon.connectors.received.retention import Retention
from andon.connectors.received.writing import SegmentWriter
from andon.telemetry import Status, Window
from unit.connectors.received.otlp_requests import frame, logs

ALL = Window(0.0, 4e9)


def filled(folder: Path, frames: Sequence[Frame]) -> ReceivedStore:
    writer = SegmentWriter(folder, Retention(seconds=1e12))
    writer.append(frames)
    writer.close()
    return ReceivedStore.open(folder)


def test_a_request_that_breaks_a_parser_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = gathering._PARSE[Kind.LOGS]

    def breaking(file: Any, into: Any) -> None:
        lines = file.json_lines

        def watched() -> Any:
            for line, batch in lines():
                if "at 2" in str(batch):
                    raise TypeError("unforeseen")
                yield line, batch

        file.json_lines = watched
        parse(file, into)

    monkeypatch.setitem(gathering._PARSE, Kind.LOGS, breaking)
    result = filled(tmp_path, [frame(Kind.LOGS, logs([i])) for i in range(5)]).logs(ALL)
    assert list(result.value.bodies) == ["at 0", "at 1", "at 3", "at 4"]
    assert result.status is Status.PARTIAL and "cannot be read" in result.problems[0].message


def test_a_parser_that_breaks_on_everything_is_said_and_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(file: Any, into: Any) -> None:
        for _ in file.json_lines():
            raise TypeError("unforeseen")

    monkeypatch.setitem(gathering._PARSE, Kind.LOGS, broken)
    result = filled(tmp_path, [frame(Kind.LOGS, logs([i])) for i in range(30)]).logs(ALL)
    assert result.status is Status.PARTIAL and result.count == 0
    assert any("broke off (TypeError)" in problem.message for problem in result.problems)


def test_reading_stops_when_told(tmp_path: Path) -> None:
    store = filled(tmp_path, [frame(Kind.LOGS, logs([i])) for i in range(5)])
    read = store.read(Kind.LOGS, (ALL,), (), lambda size: "enough" if size > 300 else "")
    assert 0 < read.requests < 5 and read.problems.truncated
    assert [problem.message for problem in read.problems.problems()] == ["enough"]


def test_only_moments_in_one_of_the_windows_are_wanted(tmp_path: Path) -> None:
    store = filled(tmp_path, [frame(Kind.LOGS, logs(range(10)))])
    windows = [Window(1_781_864_400 + a, 1_781_864_400 + b) for a, b in ((7, 8), (1, 3), (4, 4.5))]
    read = store.read(Kind.LOGS, windows)
    assert list(read.collected.logs.logs().bodies) == ["at 1", "at 2", "at 4", "at 7"]
