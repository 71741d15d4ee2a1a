from __future__ import annotations

from dataclasses import replace

from andon.investigation.talking.comparing import compared, told_of
from unit.investigation.shop import desk


def test_what_decides_between_two_is_named_with_the_factors_of_both() -> None:
    told = [said.text for said in compared(desk(), ["charlie", "bravo"])]
    assert told[-1].startswith("Orders database: place ")
    assert "Orders database is ahead, above all by" in told[-1]
    turned = [said.text for said in compared(desk(), ["bravo", "charlie"])]
    assert "Orders database is ahead" in turned[-1]


def test_one_alone_is_compared_with_nothing() -> None:
    told = [said.text for said in compared(desk(), ["search"])]
    assert "Search service is not named in the report." in told
    assert "Nothing of the symptom was traced to Search service." in told
    assert not any("ahead" in text for text in told)


def test_each_sign_is_told_once_with_its_row() -> None:
    at = desk()
    told = list(told_of(at, "charlie"))
    cited = [said for said in told if said.refs]
    assert len({said.text for said in cited}) == len(cited) >= 3
    assert all(at.citations.read(ref) for said in cited for ref in said.refs)


def test_who_was_excluded_is_told_so() -> None:
    at = desk()
    at.case = replace(at.case, question=replace(at.case.question, exclude=("charlie",)))
    assert next(told_of(at, "charlie")).text == "Orders database was excluded by you, so it is not weighed."
