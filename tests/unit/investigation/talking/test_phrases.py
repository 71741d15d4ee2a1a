from __future__ import annotations

import pytest

from andon.investigation.talking.phrases import (
    PHRASES,
    clauses,
    is_question,
    is_supposed,
    sentences,
    stated_fact,
    stripped,
    unfilled,
)


def test_sentences_end_at_full_stops_and_not_in_names() -> None:
    assert sentences("It is not a.b.c. Look at x; it began at 10:20!") == [
        "It is not a.b.c",
        "Look at x",
        "it began at 10:20",
    ]
    assert sentences(" . ") == []


@pytest.mark.parametrize(
    "text", ["is it x?", "why not x", "what changed", "do you know", "have you looked", "well, is it x"]
)
def test_a_question_is_none_of_ours(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["can you look at x?", "would you please look at x", "do not look at x", "it is x", "look"]
)
def test_a_request_is_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    "text", ["if it is x", "maybe x", "I don't think it is x", "it might be x", "I wonder"]
)
def test_a_supposition_is_told_apart(text: str) -> None:
    assert is_supposed(text) and not is_supposed("it is x")


def test_politeness_and_hesitation_are_left_out() -> None:
    assert stripped("Please look at x as well, thanks.") == "look at x"
    assert unfilled("no, I think that it is x") == "it is x"


def test_clauses_are_split_at_commas_then_at_conjunctions() -> None:
    rough, fine = clauses("look at x and y, it is not z but w")
    assert rough == ["look at x and y", "it is not z but w"]
    assert fine == ["look at x", "y", "it is not z", "but w"]


def test_facts_are_deeds_of_people_or_said_to_be_facts() -> None:
    assert stated_fact("we scaled the cache down") == "we scaled the cache down"
    assert stated_fact("for the record: the vendor had an outage") == "the vendor had an outage"
    assert stated_fact("the cache is nice") == ""
    assert stated_fact("we looked at it") == ""


def test_no_pattern_matches_nothing() -> None:
    assert not any(phrase.pattern.fullmatch("") for phrase in PHRASES)
    assert {phrase.kind for phrase in PHRASES} >= {"window", "innocent", "pin", "symptom", "also", "undone"}
