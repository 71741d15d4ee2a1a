from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from andon.connectors.connector import CheckState, Limits, Need
from andon.connectors.received.connector import ReceivedConfig, ReceivedConnector
from andon.connectors.received.frames import Frame, Kind
from andon.connectors.received.retention import Retention
from andon.connectors.received.segments import Removed, removed
from andon.connectors.received.writing import SegmentWriter
from andon.connectors.session import Session
from andon.errors import MissingExtra
from andon.telemetry import Status, Window
from unit.connectors.received.otlp_requests import BEGAN, frame, logs, metrics, traces

WINDOW = Window(BEGAN, BEGAN + 4000.0)


def opened(
    folder: Path, frames: Sequence[Frame] = (), limits: Limits | None = None, seconds: float = 20.0
) -> ReceivedConnector:
    if frames:
        writer = SegmentWriter(folder, Retention(seconds=1e12))
        writer.append(frames)
        writer.close()
    config = ReceivedConfig(kind="received", path=folder, limits=limits or Limits())
    return ReceivedConnector("pushed", config, Session(seconds))


def test_it_answers_for_each_signal(tmp_path: Path) -> None:
    connector = opened(
        tmp_path,
        [
            frame(Kind.LOGS, logs([1, 2])),
            frame(Kind.TRACES, traces([1])),
            frame(Kind.METRICS, metrics([0, 60])),
        ],
    )
    need = Need(WINDOW)
    assert connector.logs(need).count == 2 and connector.spans(need).count == 1
    result = connector.metrics(need)
    assert result.status is Status.OK and result.count > 10
    assert [(fetch.source, fetch.share) for fetch in result.fetches] == [("pushed", 1.0)]
    assert connector.session.spent("pushed") > 0
    assert connector.changes(need).status is Status.EMPTY
    connector.close()


def test_more_than_is_wanted_is_sampled_evenly(tmp_path: Path) -> None:
    frames = [frame(Kind.LOGS, logs([10 * i + j for j in range(10)])) for i in range(400)]
    result = opened(tmp_path, frames).logs(Need(WINDOW, items=500))
    assert result.status is Status.OK
    assert 350 < result.count < 650
    assert result.fetches[0].share == pytest.approx(500 / 4000, rel=0.01)
    quarters = [result.value.within(Window(BEGAN + 1000 * i, BEGAN + 1000 * (i + 1))) for i in range(4)]
    assert min(len(quarter) for quarter in quarters) > 60


def test_a_sample_of_rare_services_is_widened(tmp_path: Path) -> None:
    frames = [
        frame(Kind.LOGS, logs([10 * i + j for j in range(10)], "payments" if i % 40 == 0 else "orders"))
        for i in range(400)
    ]
    result = opened(tmp_path, frames).logs(Need(WINDOW, services=("payments",), items=100))
    assert result.count >= 50 and set(result.value.services) == {"payments"}


def test_limits_of_time_and_bytes_truncate(tmp_path: Path) -> None:
    frames = [frame(Kind.LOGS, logs([float(j) for j in range(i, i + 20)])) for i in range(20)]
    result = opened(tmp_path, frames, Limits(bytes=8000)).logs(Need(WINDOW))
    assert result.status is Status.TRUNCATED and 0 < result.count < 400
    late = opened(tmp_path, seconds=0.0).logs(Need(WINDOW))
    assert late.status is Status.TRUNCATED and late.count == 0 and "time" in late.problems[0].message


def test_what_retention_took_is_said(tmp_path: Path) -> None:
    connector = opened(tmp_path, [frame(Kind.LOGS, logs([5]))])
    removed(tmp_path, Removed(1, 10, BEGAN + 1.0))
    assert connector.logs(Need(WINDOW)).status is Status.TRUNCATED
    assert connector.logs(Need(Window(BEGAN + 2, BEGAN + 9))).status is Status.OK


def test_no_folder_is_a_failure_with_a_hint(tmp_path: Path) -> None:
    connector = opened(tmp_path / "nowhere")
    result = connector.logs(Need(WINDOW))
    assert result.status is Status.FAILED and "andon receive" in result.problems[0].hint
    (check,) = connector.check()
    assert check.state is CheckState.FAILED and "andon receive" in check.hint


def test_a_library_that_is_missing_is_a_failure_that_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = opened(tmp_path, [frame(Kind.LOGS, logs([1]))])

    def missing(*_: object) -> None:
        raise MissingExtra("no library", hint="pip install 'andon[otlp]'")

    monkeypatch.setattr("andon.connectors.received.protobuf.request_class", missing)
    result = connector.logs(Need(WINDOW))
    assert result.status is Status.FAILED and "andon[otlp]" in result.problems[0].hint


def test_check_tells_how_far_back_and_how_fresh(tmp_path: Path) -> None:
    SegmentWriter(tmp_path, Retention(seconds=1e12)).close()
    assert [check.state for check in opened(tmp_path).check()] == [CheckState.OK, CheckState.WARNING]
    stale = opened(tmp_path, [frame(Kind.LOGS, logs([5]), received=time.time() - 3600)]).check()
    assert stale[-1].state is CheckState.WARNING and "since" in stale[-1].found
    fresh = opened(tmp_path, [frame(Kind.LOGS, logs([6]), received=time.time())]).check()
    assert [check.state for check in fresh] == [CheckState.OK] * 3
    assert "2026-06-19T10:20:05Z" in fresh[1].found
