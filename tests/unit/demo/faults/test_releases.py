from __future__ import annotations

import random

import pytest

from andon.demo.faults.releases import FAULTS
from andon.demo.releases import BREAKING, LEAKING, WARMING, has


def test_a_bad_deploy_is_of_the_service_that_decoys_spare():
    fault = next(f for f in FAULTS if f.name == "bad-deploy")
    seen = set()
    for seed in range(20):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        seen.add(culprit.change.component)
        assert {culprit.change.calls[-1].parameters["service"]} == scenario.spared
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("name", "trait", "services"), [("breaking-api-change", BREAKING, 3), ("memory-leak", LEAKING, 2)]
)
def test_the_release_of_the_culprit_has_the_trait_and_that_of_the_decoy_has_not(name, trait, services):
    fault = next(f for f in FAULTS if f.name == name)
    seen = set()
    for seed in range(20):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,), (decoy,) = scenario.culprits, scenario.decoys
        deployed = [_deployed(change) for change in (culprit.change, decoy)]
        assert [has(*release, trait) for release in deployed] == [True, False]
        assert {service for service, _ in deployed} == scenario.spared
        assert has(*deployed[1], WARMING) == (trait == LEAKING)
        seen.add(deployed[0][0])
    assert len(seen) == services


def _deployed(change):
    definition = change.calls[0].parameters["containerDefinitions"][0]
    return definition["name"], definition["image"].rpartition(":")[2]
