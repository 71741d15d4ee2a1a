"""journalctl is run within a time and a size."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from andon.connectors import Session, Unanswered
from andon.connectors.journald import JournaldConfig
from andon.connectors.journald.program import Journalctl

RECORD = {"__REALTIME_TIMESTAMP": "1781864400000000", "MESSAGE": "x" * 1000}
JSON = ("--output=json",)


def program(session: Session, **limits: Any) -> Journalctl:
    config = JournaldConfig.model_validate({"kind": "journald", "limits": limits})
    return Journalctl("journal", config, session)


def test_the_same_arguments_are_run_once(journal: Any) -> None:
    with Session(20.0) as session:
        runner = program(session)
        journal([RECORD])
        first = runner.run(JSON)
        journal([])
        assert runner.run(JSON) is first
        assert runner.run(JSON, fresh=True).output != first.output


def test_what_it_writes_is_spent_from_the_budget(journal: Any) -> None:
    journal([RECORD])
    with Session(20.0) as session:
        runner = program(session, bytes=1500)
        size = len(runner.run(JSON).output)
        assert session.spent("journal") == size
        with pytest.raises(Unanswered, match="wrote more than"):
            runner.run(JSON, fresh=True)


def test_the_first_line_may_be_enough(journal: Any) -> None:
    journal([RECORD] * 500)
    with Session(20.0) as session:
        assert program(session).run(JSON, first_line=True).output.count(b"\n") == 0


def test_cancelling_ends_it_at_once(journal: Any) -> None:
    journal([RECORD], seconds=60)
    with Session(60.0) as session:
        threading.Timer(0.3, session.cancel).start()
        began = time.monotonic()
        with pytest.raises(Unanswered, match="cancelled"):
            program(session).run(JSON)
        assert time.monotonic() - began < 5
