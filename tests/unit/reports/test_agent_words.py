from __future__ import annotations

from dataclasses import replace

import pytest

from andon.investigation.report import Agent
from andon.reports.agent_words import READING, account, dropped, named_by, reading
from unit.investigation.incident import ask, source

AGENT = Agent(
    model="openai:x", samples=1, agreement=1.0, agrees=True, engine_first="Bad deploy at charlie",
    model_first="Bad deploy at charlie", requests=3, calls=5, tokens_in=8000, tokens_out=366, dollars=0.125, seconds=4.4,
)  # fmt: skip


def told(**given: object) -> list[str]:
    return list(account(replace(AGENT, **given)))  # type: ignore[arg-type]


def test_what_it_spent_and_that_it_agrees() -> None:
    assert told() == [
        "openai:x: 3 requests, 5 tool calls, 8,366 tokens, 0.12 dollars, 4 s of waiting for it.",
        "Engine and model name the same first.",
    ]
    assert "dollars" not in told(dollars=None)[0]


def test_where_they_disagree_both_are_told() -> None:
    assert told(agrees=False, model_first="Traffic surge at bravo")[-1] == (
        "They disagree: the engine names first Bad deploy at charlie; the model Traffic surge at bravo."
    )
    assert "names first nothing;" in told(agrees=False, engine_first="")[-1]


def test_who_names_nothing_and_who_was_stopped() -> None:
    assert told(model_first="", agrees=False)[-1] == "The model names no cause that anything bears out."
    stopped = told(model_first="", agrees=False, stopped="connection lost")
    assert stopped[1:] == [
        "It stopped early: connection lost. What it had found until then is in the report."
    ]


def test_votes_are_told_where_there_were_several() -> None:
    assert "3 independent investigations; 67% of them lead with the same cause." in told(
        samples=3, agreement=2 / 3
    )


def test_what_was_dropped_is_told_in_part_and_counted() -> None:
    assert list(dropped(AGENT)) == []
    assert list(dropped(replace(AGENT, dropped=tuple("abcdefg")))) == [
        *(f"Dropped: {one}" for one in "abcde"),
        "2 more were dropped.",
    ]


def test_words_of_others_cannot_write_on_the_terminal() -> None:
    nasty = "a\x1b[2J\nb\u202e"
    lines = [
        *told(stopped=nasty, model=nasty, engine_first=nasty, agrees=False),
        *dropped(replace(AGENT, dropped=(nasty,))),
    ]
    assert not any("\x1b" in one or "\n" in one or "\u202e" in one for one in lines)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (("engine",), "named by the engine"),
        (("model",), "named by the model alone"),
        (("engine", "model"), "named by the engine and the model"),
        (("memory",), "remembered from a past incident: to be tested"),
    ],
)
def test_who_named_it(by: tuple[str, ...], words: str) -> None:
    report, _ = ask(source())
    first = replace(report.hypotheses[0], found_by=by)
    assert named_by(first, replace(report, agent=AGENT)) == words
    assert named_by(first, report) == ("" if by == ("engine",) else words)


def test_the_models_own_words_are_shown_as_such() -> None:
    report, _ = ask(source())
    first = report.hypotheses[0]
    assert reading(first) == ("", "")
    assert reading(replace(first, reading="240 of 300 failed.")) == (READING, "240 of 300 failed.")
