from __future__ import annotations

import random

import pytest

from andon.demo.faults import FAULTS, Change, Culprit

NAMES = sorted(FAULTS)


def test_without_other_answers_the_changed_component_is_the_answer():
    change = Change(1.0, "rvmApi")
    assert Culprit(change, ("bad-deploy",), ("rvmApi",)).answers == ("rvmApi",)
    assert (
        Culprit(change, ("bad-deploy",), ("rvmApi",), ("authService", "rvmApi")).answers[0] == "authService"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_control_has_no_culprit_and_everything_else_has_one_that_acts(name):
    for seed in range(20):
        scenario = FAULTS[name].draw(random.Random(seed), 40.0)
        assert bool(scenario.culprits) != FAULTS[name].control
        assert scenario.symptom
        for culprit in scenario.culprits:
            assert culprit.mechanisms and culprit.path
            assert culprit.change.calls or culprit.change.happenings
            assert culprit.path[0] in culprit.answers


@pytest.mark.parametrize("name", NAMES)
def test_the_symptom_gives_nothing_away(name):
    scenario = FAULTS[name].draw(random.Random(3), 40.0)
    for culprit in scenario.culprits:
        for component in culprit.answers:
            assert component.casefold() not in scenario.symptom.casefold()
        for mechanism in culprit.mechanisms:
            assert mechanism.replace("-", " ") not in scenario.symptom.casefold()
