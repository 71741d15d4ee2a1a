from __future__ import annotations

from itertools import count
from pathlib import Path

from andon.connectors.files.problems import ProblemCounter
from andon.connectors.received.frames import Kind
from andon.connectors.received.retention import Retention
from andon.connectors.received.segments import listing, remove
from andon.connectors.received.stored import StoredRequests
from andon.connectors.received.writing import SegmentWriter
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import BEGAN, frame, logs, traces

ALL = Window(0.0, 4e9)


def filled(folder: Path) -> StoredRequests:
    """Ten segments with a request each, of ten seconds with a record a second, and one with spans."""
    ticks = count(step=101.0)
    writer = SegmentWriter(folder, Retention(seconds=1600.0), clock=lambda: next(ticks))
    for ten in range(10):
        writer.tend()
        writer.append([frame(Kind.LOGS, logs([10 * ten + i for i in range(10)]))])
    writer.append([frame(Kind.TRACES, traces([5]))])
    writer.close()
    return StoredRequests(folder)


def found(stored: StoredRequests, kind: Kind, *windows: Window) -> list[float]:
    problems = ProblemCounter()
    read = [request.header.first - BEGAN for request in stored.read(kind, windows, problems)]
    assert problems.problems() == ()
    return read


def test_requests_outside_the_window_are_stepped_over(tmp_path: Path) -> None:
    stored = filled(tmp_path)
    assert found(stored, Kind.LOGS, ALL) == [10 * ten for ten in range(10)]
    assert found(stored, Kind.LOGS, Window(BEGAN + 25, BEGAN + 31)) == [20, 30]
    assert found(stored, Kind.LOGS, Window(BEGAN + 25, BEGAN + 26), Window(BEGAN + 90, BEGAN + 91)) == [
        20,
        90,
    ]
    assert found(stored, Kind.LOGS, Window(BEGAN + 19.5, BEGAN + 20)) == []
    assert found(stored, Kind.TRACES, ALL) == [5]
    assert found(stored, Kind.METRICS, ALL) == []


def test_segments_outside_the_window_are_not_opened(tmp_path: Path) -> None:
    stored = filled(tmp_path)
    for segment in listing(tmp_path)[:9]:
        segment.path.write_bytes(b"\0" * segment.size)
    assert found(stored, Kind.LOGS, Window(BEGAN + 95, BEGAN + 96)) == [90]


def test_items_are_estimated_by_the_headers(tmp_path: Path) -> None:
    stored = filled(tmp_path)
    assert stored.items(Kind.LOGS, ALL) == 100
    assert 40 <= stored.items(Kind.LOGS, Window(BEGAN + 20, BEGAN + 65)) <= 50
    assert stored.items(Kind.TRACES, ALL) == 1


def test_what_goes_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    stored = filled(tmp_path)
    reading = stored.read(Kind.LOGS, (ALL,), ProblemCounter())
    next(reading)
    for segment in listing(tmp_path)[1:]:
        remove(segment)
    assert list(reading) == []


def test_a_request_that_was_sent_again_comes_once(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, Retention(seconds=1e12))
    same = logs([1, 2])
    writer.append([frame(Kind.LOGS, same, received=1.0), frame(Kind.LOGS, logs([1, 3]))])
    writer.append([frame(Kind.LOGS, same, received=2.0)])
    writer.close()
    assert len(found(StoredRequests(tmp_path), Kind.LOGS, ALL)) == 2
