from __future__ import annotations

import random

from andon.demo.faults.releases import FAULTS


def test_a_bad_deploy_is_of_the_service_that_decoys_spare():
    fault = next(f for f in FAULTS if f.name == "bad-deploy")
    seen = set()
    for seed in range(20):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        seen.add(culprit.change.component)
        assert {culprit.change.calls[-1].parameters["service"]} == scenario.spared
    assert len(seen) == 3
