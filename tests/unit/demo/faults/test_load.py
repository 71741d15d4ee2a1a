from __future__ import annotations

import random

from andon.demo.faults.load import FAULTS


def test_a_surge_enters_by_one_app_and_saturates_what_both_need():
    (fault,) = FAULTS
    entries = set()
    for seed in range(20):
        (culprit,) = fault.draw(random.Random(seed), 40.0).culprits
        entries.add(culprit.change.component)
        assert culprit.answers[0] == "rvmApi"
        assert culprit.change.component in culprit.answers
        assert culprit.change.happenings[0].value * 0.85 > 1 / 0.055
    assert entries == {"iosApp", "androidApp"}
