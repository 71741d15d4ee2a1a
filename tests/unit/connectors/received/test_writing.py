from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from andon.connectors.received.frames import Frame, Kind
from andon.connectors.received.reading import ReceivedStore
from andon.connectors.received.retention import Retention
from andon.connectors.received.segments import listing
from andon.connectors.received.writing import SegmentWriter
from andon.errors import StorageError
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import BEGAN, frame, logs

ALL = Window(0.0, 4e9)
LONG = Retention(seconds=1e12)


class Clock:
    """A clock that is set."""

    now = float(BEGAN)

    def __call__(self) -> float:
        return self.now


def one(moment: float) -> Frame:
    return frame(Kind.LOGS, logs([moment]), received=BEGAN + moment)


def texts(folder: Path) -> list[str]:
    return list(ReceivedStore.open(folder).logs(ALL).value.bodies)


def test_what_was_appended_is_there_before_anything_is_closed(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, LONG)
    writer.append([one(1), one(2)])
    assert texts(tmp_path) == ["at 1", "at 2"]
    writer.append([one(3)])
    assert texts(tmp_path) == ["at 1", "at 2", "at 3"]
    writer.close()
    writer.close()
    assert texts(tmp_path) == ["at 1", "at 2", "at 3"]


def test_many_frames_go_in_one_call(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, LONG, fsync=True)
    writer.append([one(i) for i in range(700)])
    assert len(texts(tmp_path)) == 700
    writer.close()


def test_only_one_writes(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, LONG)
    with pytest.raises(StorageError, match="another receiver"):
        SegmentWriter(tmp_path, LONG)
    writer.close()
    SegmentWriter(tmp_path, LONG).close()


def test_half_a_frame_is_cut_off_and_what_came_before_stays(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, LONG)
    writer.append([one(1), one(2)])
    path = listing(tmp_path)[0].path
    whole = path.read_bytes()
    writer.close()
    path.with_suffix(".json").unlink()
    path.write_bytes(whole[:-5])
    again = SegmentWriter(tmp_path, LONG)
    again.append([one(3)])
    again.close()
    assert path.stat().st_size < len(whole) - 5
    assert texts(tmp_path) == ["at 1", "at 3"]


def test_segments_are_closed_by_size_and_the_oldest_go(tmp_path: Path) -> None:
    size = one(1).header.whole
    writer = SegmentWriter(tmp_path, Retention(1e9, 32 * (size + 8)))
    for moment in range(100):
        writer.append([one(moment)])
    kept = listing(tmp_path)
    assert sum(segment.size for segment in kept) <= 32 * (size + 8)
    assert len(kept) >= 14
    assert texts(tmp_path)[-1] == "at 99" and len(texts(tmp_path)) >= 28
    writer.close()


def test_segments_are_closed_by_age_and_go_when_too_old(tmp_path: Path) -> None:
    clock = Clock()
    writer = SegmentWriter(tmp_path, Retention(1600.0), clock=clock)
    writer.append([one(0)])
    clock.now += 99
    writer.tend()
    assert len(listing(tmp_path)) == 1
    clock.now += 2
    writer.tend()
    assert len(listing(tmp_path)) == 2 and texts(tmp_path) == ["at 0"]
    clock.now += 1500
    writer.tend()
    assert texts(tmp_path) == []
    writer.close()
    result = ReceivedStore.open(tmp_path).logs(ALL)
    assert result.status == "truncated" and "no longer kept" in result.problems[0].message


def test_a_full_disk_takes_all_or_nothing_and_may_recover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, LONG)
    writer.append([one(1)])
    real, calls = os.pwritev, []

    def full(file: int, parts: list[bytes], offset: int) -> int:
        calls.append(offset)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, [parts[0][:10]], offset)

    monkeypatch.setattr(os, "pwritev", full)
    with pytest.raises(StorageError, match="No space left"):
        writer.append([one(2), one(3)])
    monkeypatch.undo()
    writer.append([one(4)])
    writer.close()
    assert texts(tmp_path) == ["at 1", "at 4"]


def test_no_new_segment_today_is_no_new_segment_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, Retention(1e9, 16))
    writer.append([one(1)])

    def refused(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "open", refused)
    for _ in range(2):
        with pytest.raises(StorageError, match="Too many open files"):
            writer.append([one(2)])
    monkeypatch.undo()
    writer.append([one(3)])
    writer.close()
    assert "at 3" in texts(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        SegmentWriter(tmp_path / "file" / "folder", LONG)
