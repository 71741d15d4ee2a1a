from __future__ import annotations

import pytest

from andon.investigation.mechanisms import load_mechanisms, mechanism
from andon.investigation.suspects import suspect_for
from unit.investigation.agent.desks import desk


def test_whom_somebody_else_suspects_is_weighed_as_the_engine_weighs() -> None:
    case = desk().case
    own = case.suspects[0]
    again = suspect_for(case.findings, case.location, own.element, own.mechanism, own.change)
    assert again.key == own.key == ("charlie", "bad-deploy", "deploy-7")
    assert again.score == pytest.approx(own.score)


def test_a_component_that_adds_nothing_scores_nothing() -> None:
    case = desk().case
    for element in ("alpha", "delta", "nobody"):
        suspect = suspect_for(case.findings, case.location, element, mechanism("traffic-surge"), None)
        assert suspect.element == element and suspect.score < 0.02


def test_a_change_elsewhere_makes_no_suspect_of_a_component() -> None:
    case = desk().case
    harmless = next(row for row in case.findings.events if row.value.id == "deploy-6")
    early = suspect_for(case.findings, case.location, "charlie", mechanism("bad-deploy"), harmless)
    assert early.change_id == "deploy-6" and "charlie" in early.reach
    assert early.score < case.suspects[0].score


def test_every_mechanism_can_be_weighed_everywhere() -> None:
    case = desk().case
    for one in load_mechanisms():
        for row in (None, *case.findings.events):
            suspect = suspect_for(case.findings, case.location, "charlie", one, row)
            assert 0 <= suspect.score <= 1
