from __future__ import annotations

import random

from andon.demo.faults.combined import FAULTS


def test_two_culprits_of_different_kinds_that_come_one_after_the_other():
    (fault,) = FAULTS
    others, first = set(), set()
    for seed in range(40):
        scenario = fault.draw(random.Random(seed), 40.0)
        early, late = scenario.culprits
        assert 40.0 == early.change.at < late.change.at < 46.0
        mechanisms = {early.mechanisms[0], late.mechanisms[0]}
        assert "network-rule-removed" in mechanisms
        others |= mechanisms - {"network-rule-removed"}
        first.add(early.mechanisms[0])
        assert "iOS" in scenario.symptom and "Android" in scenario.symptom
    assert len(others) == 3
    assert len(first) > 1
