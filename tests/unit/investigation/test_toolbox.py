from __future__ import annotations

from dataclasses import dataclass

import pytest

from andon.connectors import Signal, Source
from andon.investigation.toolbox import Answer, Toolbox, content, worst
from andon.storage import Ledger, Observation
from andon.telemetry import Problem, Status, Window
from andon.testing import MemorySource
from unit.investigation.incident import source


@dataclass(frozen=True, slots=True)
class Found:
    """What the tool of these tests finds."""

    names: tuple[str, ...]
    ratio: float


class Tool:
    """Counts how often it has to fetch."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def __call__(self, source: Source) -> Answer:
        self.fetched.append(source.name)
        return Answer(Found((source.name,), 0.5), Status.OK, 1)


def test_a_question_is_asked_once() -> None:
    tool, box = Tool(), Toolbox([MemorySource("one"), MemorySource("two")], Ledger())
    first = box.ask("tool", {"what": "x"}, tool, window=Window(0, 9))
    again = box.ask("tool", {"what": "x"}, tool, window=Window(0, 9))
    assert tool.fetched == ["one", "two"]
    assert first == again
    assert [observation.source for observation in first] == ["one", "two"]


def test_another_window_is_another_question() -> None:
    tool, box = Tool(), Toolbox([MemorySource("one")], Ledger())
    for window in (Window(0, 9), Window(0, 10), None):
        box.ask("tool", {"what": "x"}, tool, window=window)
    assert len(tool.fetched) == 3


def test_one_source_may_be_asked_alone() -> None:
    tool, box = Tool(), Toolbox([MemorySource("one"), MemorySource("two")], Ledger())
    (found,) = box.ask("tool", {}, tool, only="two")
    assert (found.source, tool.fetched) == ("two", ["two"])


def test_content_comes_back_as_what_the_tool_made() -> None:
    (found,) = Toolbox([MemorySource("one")], Ledger()).ask("tool", {}, Tool())
    assert found.content == {"names": ["one"], "ratio": 0.5}
    assert content(found, Found) == Found(("one",), 0.5)


def test_new_observations_are_announced_once() -> None:
    announced: list[Observation] = []
    box = Toolbox([MemorySource("one")], Ledger(), announced.append)
    (found,) = box.ask("tool", {}, Tool())
    box.ask("tool", {}, Tool())
    assert announced == [found]


@pytest.mark.parametrize("status", [Status.FAILED, Status.DENIED])
def test_a_source_that_failed_is_an_observation_too(status: Status) -> None:
    problem = Problem("prod", "refused")
    box = Toolbox([MemorySource("one")], Ledger())
    (found,) = box.ask("tool", {}, lambda _: Answer(None, status, 0, (problem,)))
    assert (found.status, found.content, found.problems) == (status, None, (problem,))
    assert found in list(box.ledger)


def test_a_replay_answers_from_the_ledger_without_sources() -> None:
    ledger, tool = Ledger(), Tool()
    Toolbox([MemorySource("one")], ledger).ask("tool", {}, tool)
    replay = Toolbox([], ledger)
    (found,) = replay.ask("tool", {}, tool)
    assert found.status is Status.OK
    assert tool.fetched == ["one"]
    assert replay.source_names == ("one",)


def test_a_replay_that_asks_something_new_says_that_the_source_is_gone() -> None:
    ledger, tool = Ledger(), Tool()
    Toolbox([MemorySource("one")], ledger).ask("tool", {}, tool)
    (found,) = Toolbox([], ledger).ask("tool", {"what": "new"}, tool)
    assert found.status is Status.FAILED
    assert found.problems


def test_calls_are_resolved_once_and_carry_the_status() -> None:
    held = source(statuses={Signal.TRACES: Status.TRUNCATED})
    box, window = Toolbox([held], Ledger()), Window(0, 2e9)
    calls, answer = box.calls(held, window)
    assert box.calls(held, window)[0] is calls
    assert (answer.status, answer.content) == (Status.TRUNCATED, None)
    assert answer.count == len(calls.spans) > 0


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([Status.OK, Status.EMPTY], Status.OK),
        ([Status.OK, Status.PARTIAL], Status.PARTIAL),
        ([Status.PARTIAL, Status.DENIED], Status.DENIED),
        ([Status.DENIED, Status.FAILED], Status.FAILED),
        ([Status.EMPTY, Status.EMPTY], Status.EMPTY),
    ],
)
def test_the_worst_status_is_said(statuses: list[Status], said: Status) -> None:
    answers = [Answer(None, status, 0) for status in statuses]
    assert worst(*answers) is worst(*reversed(answers)) is said
