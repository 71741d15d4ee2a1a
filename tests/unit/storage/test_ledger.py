from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from andon.errors import AndonError
from andon.storage import Ledger, Observation, Store
from andon.telemetry import Problem, Status, Window


def record(ledger: Ledger, tool: str = "logs", content: Any = None, **query: Any) -> Observation:
    return ledger.record(tool, "prod", query, window=None, status=Status.OK, count=1, content=content)


def test_ids_count_by_tool() -> None:
    ledger = Ledger()
    made = [record(ledger, tool, what=i) for i, tool in enumerate(["logs", "logs", "traces", "logs"])]
    assert [observation.id for observation in made] == ["logs-1", "logs-2", "traces-1", "logs-3"]
    assert list(ledger) == made
    assert len(ledger) == 4


def test_a_query_is_known_once_it_was_answered() -> None:
    ledger = Ledger()
    assert ledger.asked("logs", "prod", {"a": 1, "b": 2}) is None
    made = record(ledger, a=1, b=2)
    assert ledger.asked("logs", "prod", {"b": 2, "a": 1}) is made
    assert ledger.asked("logs", "test", {"a": 1, "b": 2}) is None


def test_observations_are_found_by_id() -> None:
    ledger = Ledger()
    made = record(ledger)
    assert made.id in ledger
    assert ledger[made.id] is made
    assert "logs-2" not in ledger
    with pytest.raises(AndonError, match="logs-2"):
        ledger["logs-2"]


@pytest.mark.parametrize("content", [None, {"b": (1, 2), "a": math.nan}, ["ä…☃"], {1: "number as key"}])
def test_what_is_recorded_is_intact(content: Any) -> None:
    assert record(Ledger(), content=content).intact


def test_tampering_is_detected() -> None:
    made = record(Ledger(), content={"count": 3})
    made.content["count"] = 4
    assert not made.intact
    assert not dataclasses.replace(made, content=None).intact


def test_changing_what_was_handed_in_changes_nothing() -> None:
    content = {"rows": [1]}
    made = record(Ledger(), content=content)
    content["rows"].append(2)
    assert made.content == {"rows": [1]}
    assert made.intact


def test_a_ledger_of_a_run_goes_on_where_it_stopped(store: Store) -> None:
    run = store.create_run("why?")
    problems = (Problem("a.log:1", "no text", 2, "look"),)
    first = Ledger(store, run).record(
        "logs",
        "prod",
        {"a": 1},
        window=Window(1, 2),
        status=Status.PARTIAL,
        count=7,
        content={"x": 1},
        problems=problems,
    )
    again = Ledger(store, run)
    assert list(again) == [first]
    assert again.asked("logs", "prod", {"a": 1}) == first
    assert record(again).id == "logs-2"


def test_runs_do_not_see_each_others_observations(store: Store) -> None:
    one, other = store.create_run("why?"), store.create_run("why not?")
    record(Ledger(store, one))
    assert len(Ledger(store, other)) == 0


def recorded(*tools: str) -> list[Observation]:
    ledger = Ledger()
    return [record(ledger, tool, what=n) for n, tool in enumerate(tools)]


def test_a_tape_reveals_what_was_recorded_up_to_the_question_that_is_asked_again() -> None:
    made = recorded("logs", "metrics", "logs", "traces")
    ledger = Ledger(tape=made)
    assert (len(ledger), ledger.foreseen) == (0, tuple(made))
    assert "logs-1" not in ledger
    assert ledger.asked("logs", "prod", {"what": 2}) == made[2]
    assert list(ledger) == made[:3] and ledger.foreseen == (made[3],)
    assert ledger.asked("logs", "prod", {"what": 0}) == made[0], "what was revealed stays"
    assert ledger.asked("traces", "prod", {"what": 3}) == made[3]
    assert ledger.foreseen == ()


def test_what_no_tape_holds_is_asked_anew_and_reveals_nothing() -> None:
    ledger = Ledger(tape=recorded("logs", "logs"))
    assert ledger.asked("logs", "prod", {"what": 7}) is None
    assert len(ledger) == 0
    assert record(ledger, what=7).id == "logs-1"


def test_what_is_known_from_the_start_is_there_before_the_tape() -> None:
    made = recorded("logs", "metrics", "logs")
    ledger = Ledger(known=made[:1], tape=made[1:])
    assert list(ledger) == made[:1] and ledger.foreseen == tuple(made[1:])
    assert ledger.asked("logs", "prod", {"what": 0}) == made[0]
    assert record(ledger, what=9).id == "logs-2"
