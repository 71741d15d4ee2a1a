from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from andon.connectors.received import MOST_UNPACKED, Form, Kind, ReceivedStore
from andon.intake import recorder as module
from andon.intake.recorder import Recorder
from andon.intake.refusals import Reason, Refusal
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import logs

ALL = Window(0.0, 4e9)


def body(moment: float) -> bytes:
    request: bytes = logs([moment]).SerializeToString()
    return request


def texts(folder: Path) -> list[str]:
    return list(ReceivedStore.open(folder / "received").logs(ALL).value.bodies)


def test_what_is_answered_is_in_the_file(recorder: Recorder, tmp_path: Path) -> None:
    for moment in range(5):
        assert recorder.submit(Kind.LOGS, Form.PROTOBUF, body(moment)).result(5).items == 1
        assert len(texts(tmp_path)) == moment + 1


def test_what_waits_goes_in_one_group_and_nothing_is_answered_before(
    recorder: Recorder, writer: Any, tmp_path: Path
) -> None:
    writer.going.clear()
    answers = [recorder.submit(Kind.LOGS, Form.PROTOBUF, body(moment)) for moment in range(100)]
    assert not any(answer.done() for answer in answers)
    writer.going.set()
    assert sum(answer.result(5).items for answer in answers) == 100
    assert len(writer.groups) <= 4 and sorted(texts(tmp_path)) == sorted(
        f"at {moment}" for moment in range(100)
    )


@pytest.mark.parametrize(
    ("request_body", "packed", "reason"),
    [
        (b"\xff\xff", False, Reason.MALFORMED),
        (b"no gzip", True, Reason.MALFORMED),
        (gzip.compress(b"\0" * (MOST_UNPACKED + 1)), True, Reason.TOO_LARGE),
    ],
)
def test_a_refusal_touches_nobody_else(
    recorder: Recorder, writer: Any, tmp_path: Path, request_body: bytes, packed: bool, reason: Reason
) -> None:
    writer.going.clear()
    before = recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1))
    bad = recorder.submit(Kind.LOGS, Form.PROTOBUF, request_body, gzip=packed)
    after = recorder.submit(Kind.LOGS, Form.PROTOBUF, body(2))
    writer.going.set()
    with pytest.raises(Refusal) as caught:
        bad.result(5)
    assert caught.value.reason is reason
    assert before.result(5).items == after.result(5).items == 1
    assert texts(tmp_path) == ["at 1", "at 2"]


def test_a_full_disk_is_unavailable_until_it_is_not(recorder: Recorder, writer: Any, tmp_path: Path) -> None:
    writer.full = True
    with pytest.raises(Refusal) as caught:
        recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1)).result(5)
    assert caught.value.reason is Reason.UNAVAILABLE and "full" in recorder.trouble
    writer.full = False
    recorder.submit(Kind.LOGS, Form.PROTOBUF, body(2)).result(5)
    assert recorder.trouble == "" and texts(tmp_path) == ["at 2"]


def test_the_unforeseen_does_not_end_the_thread(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RecursionError("deep")

    monkeypatch.setattr(module, "check", broken)
    with pytest.raises(Refusal, match="RecursionError"):
        recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1)).result(5)
    monkeypatch.undo()
    assert recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1)).result(5).items == 1


def test_closing_writes_what_waits_and_takes_no_more(writer: Any, tmp_path: Path) -> None:
    recorder = Recorder(writer)
    answers = [recorder.submit(Kind.LOGS, Form.PROTOBUF, body(moment)) for moment in range(200)]
    recorder.close()
    assert all(answer.result(0).items == 1 for answer in answers)
    assert len(texts(tmp_path)) == 200
    with pytest.raises(Refusal, match="stopping"):
        recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1))


def test_who_gave_up_waiting_is_left_out(recorder: Recorder, writer: Any, tmp_path: Path) -> None:
    writer.going.clear()
    recorder.submit(Kind.LOGS, Form.PROTOBUF, body(1))
    gone = recorder.submit(Kind.LOGS, Form.PROTOBUF, body(2))
    kept = recorder.submit(Kind.LOGS, Form.PROTOBUF, body(3))
    cancelled = gone.cancel()
    writer.going.set()
    assert kept.result(5).items == 1
    assert texts(tmp_path) == (["at 1", "at 3"] if cancelled else ["at 1", "at 2", "at 3"])
