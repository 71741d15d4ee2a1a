from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.received.frames import Kind
from andon.connectors.received.segments import (
    Removed,
    Segment,
    Stretch,
    Summary,
    listing,
    remove,
    removed,
    summary_of,
)
from unit.connectors.received.otlp_requests import BEGAN, frame, logs, traces


def segment(folder: Path, number: int = 1) -> Segment:
    frames = [frame(Kind.LOGS, logs([1, 3])), frame(Kind.TRACES, traces([7])), frame(Kind.LOGS, logs([2, 9]))]
    path = folder / f"{number:012d}.otlp"
    path.write_bytes(b"".join(one.head() + one.packed for one in frames))
    return Segment(number, path, path.stat().st_size)


def test_a_summary_says_what_lies_in_a_segment(tmp_path: Path) -> None:
    one = segment(tmp_path)
    summary = summary_of(one)
    logged = summary.stretches[Kind.LOGS]
    assert (logged.items, logged.first, logged.last) == (4, BEGAN + 1, BEGAN + 9)
    assert summary.stretches[Kind.TRACES].items == 1
    assert summary.received == (BEGAN, BEGAN)
    assert summary.size == one.size


def test_a_summary_that_fits_is_believed_and_another_made_anew(tmp_path: Path) -> None:
    one = segment(tmp_path)
    told = Summary({Kind.METRICS: Stretch(5, 6, 7.0, 8.0)}, (1.0, 2.0), one.size)
    one.summary_path.write_text(told.written())
    assert summary_of(one) == told
    for text in (
        Summary(told.stretches, told.received, one.size - 1).written(),
        "{",
        '{"size": 1}',
        "[]",
        "3",
    ):
        one.summary_path.write_text(text)
        assert set(summary_of(one).stretches) == {Kind.LOGS, Kind.TRACES}


def test_a_known_summary_is_continued(tmp_path: Path) -> None:
    one = segment(tmp_path)
    whole = one.path.read_bytes()
    one.path.write_bytes(whole[: len(whole) // 2])
    part = summary_of(Segment(1, one.path, len(whole) // 2))
    one.path.write_bytes(whole)
    assert summary_of(one, part) == summary_of(one)


@settings(deadline=None)
@given(st.text())
def test_what_is_no_summary_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Summary.read(text)


def test_a_listing_holds_segments_alone_in_order(tmp_path: Path) -> None:
    for number in (11, 2):
        segment(tmp_path, number)
    (tmp_path / "removed.json").write_text("{}")
    (tmp_path / "1.otlp").write_text("")
    assert [one.number for one in listing(tmp_path)] == [2, 11]


def test_what_goes_is_added_up(tmp_path: Path) -> None:
    one = segment(tmp_path)
    one.summary_path.write_text("{}")
    remove(one)
    remove(one)
    assert listing(tmp_path) == () and not one.summary_path.exists()
    assert removed(tmp_path) == Removed()
    removed(tmp_path, Removed(1, 10, 5.0))
    removed(tmp_path, Removed(2, 30, 4.0))
    assert removed(tmp_path) == Removed(3, 40, 5.0)
    (tmp_path / "removed.json").write_text("[1]")
    assert removed(tmp_path) == Removed()
