from __future__ import annotations

import random

from andon.demo.faults.settings import FAULTS


def test_the_flag_that_harms_is_of_the_culprit_and_others_are_flipped_around_it():
    (fault,) = FAULTS
    flags, symptoms = set(), set()
    for seed in range(40):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        (call,) = culprit.change.calls
        flags.add(call.parameters["configurationProfileId"])
        symptoms.add(scenario.symptom)
        assert {call.parameters["applicationId"]} == scenario.spared
        before, after = sorted(scenario.decoys, key=lambda change: change.at)
        assert before.at < culprit.change.at < after.at
        assert culprit.change.component not in {before.component, after.component}
        assert not flags & {
            change.calls[0].parameters["configurationProfileId"] for change in (before, after)
        }
    assert len(flags) == len(symptoms) == 4
    assert not any(flag in symptom for flag in flags for symptom in symptoms)
