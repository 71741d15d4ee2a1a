from __future__ import annotations

import random

from andon.demo.faults.quotas import FAULTS


def test_one_limit_is_lowered_and_the_other_raised():
    (fault,) = FAULTS
    for seed in range(20):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,), (decoy,) = scenario.culprits, scenario.decoys
        assert _limit(culprit.change) < 1 < _limit(decoy)
        assert decoy.component not in culprit.answers


def _limit(change):
    return float(change.calls[0].parameters["updateUsagePlanInput"]["patchOperations"][0]["value"])
