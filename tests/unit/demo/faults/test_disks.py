from __future__ import annotations

import random

from andon.demo.faults.disks import FAULTS
from andon.demo.releases import VERBOSE, has


def test_a_log_becomes_verbose_by_its_parameter_or_by_a_release():
    (fault,) = FAULTS
    seen = set()
    for seed in range(40):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        (service,) = scenario.spared
        call = culprit.change.calls[0]
        if call.name == "PutParameter":
            assert (call.parameters["name"], call.parameters["value"]) == (f"/{service}/log-level", "DEBUG")
        else:
            image = call.parameters["containerDefinitions"][0]["image"]
            assert has(service, image.rpartition(":")[2], VERBOSE)
        seen.add((service, call.name, culprit.mechanisms))
        (decoy,) = scenario.decoys
        assert decoy.component != culprit.change.component
    assert len(seen) == 4
    assert {mechanisms[0] for *_, mechanisms in seen} == {"disk-full"}
