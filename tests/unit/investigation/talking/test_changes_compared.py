from __future__ import annotations

from dataclasses import replace

import pytest

from andon.investigation.agent.desk import Desk
from andon.investigation.talking.changes_compared import changes_compared, is_of_changes
from unit.investigation.shop import desk


def told(phrase: str, at: Desk | None = None) -> str:
    return "\n".join(said.text for said in changes_compared(phrase, at or desk()))


@pytest.mark.parametrize(
    "phrase", ["the deploy", "deploy-7 deploy", "bad deploy", "certificate expired", "the flag"]
)
def test_changes_and_ways_to_fail_are_known(phrase: str) -> None:
    assert is_of_changes(phrase)


@pytest.mark.parametrize("phrase", ["", "the database", "it", "search"])
def test_what_is_no_change_is_left_to_others(phrase: str) -> None:
    assert not is_of_changes(phrase)


def test_a_lesser_suspect_is_held_against_the_leader() -> None:
    text = told("the flag")
    assert text.startswith("Configuration change at new-basket: not named in the report.")
    assert "The first of the report is bad deploy at Orders database" in text
    assert "new-basket: place 0.15" in text and "Orders database is ahead" in text


def test_a_change_that_nobody_suspects_is_told_with_its_time() -> None:
    text = told("deploy-6 deploy")
    assert text.startswith("No suspect: deploy on alpha at 10:01:40")
    assert "799 s before the onset" in text


def test_what_was_cleared_is_told_so() -> None:
    at = desk()
    at.case = replace(at.case, suspects=(), question=replace(at.case.question, cleared=("deploy-7",)))
    at.report = replace(at.report, hypotheses=())
    text = told("the deploy of the orders database", at)
    assert text.startswith("No suspect: deploy on charlie") and "you called it harmless" in text


def test_what_a_hypothesis_names_alone_is_no_unsuspected_change() -> None:
    at = desk()
    at.case = replace(at.case, suspects=())
    assert "No suspect" not in told("the deploy of the orders database", at)


def test_what_was_not_seen_is_told_so() -> None:
    assert "nothing that was seen is “certificate expired”" in told("certificate expired")


def test_every_reference_can_be_read() -> None:
    at = desk()
    refs = [ref for said in changes_compared("the flag", at) for ref in said.refs]
    assert refs and all(at.citations.read(ref) for ref in refs)
