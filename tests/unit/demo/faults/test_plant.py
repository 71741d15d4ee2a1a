import random

import pytest

from andon.demo.faults.plant import FAULTS
from andon.demo.inventory import EQUIPMENT
from andon.investigation.mechanisms import mechanism

SLUGS = {
    slug for fault in FAULTS for c in fault.draw(random.Random(1), 40.0).culprits for slug in c.mechanisms
}


def test_every_kind_of_plant_trouble_is_there():
    assert len(FAULTS) == 7
    assert [fault.name for fault in FAULTS if fault.control] == ["plant-quiet"]


@pytest.mark.parametrize("slug", sorted(SLUGS))
def test_mechanisms_are_known(slug):
    assert mechanism(slug).slug == slug


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_harmless_work_is_done_on_other_equipment_or_changes_nothing(fault):
    for seed in range(30):
        scenario = fault.draw(random.Random(seed), 40.0)
        orders = [change for change in scenario.decoys if change.orders]
        assert 2 <= len(orders) <= 3
        assert not any(change.happenings or change.calls for change in orders)
        for culprit in scenario.culprits:
            assert culprit.path[-1] == "testBench"
            assert {h.service for h in culprit.change.happenings} == {"pump-rig"}


def test_a_wrong_set_point_comes_with_a_work_order():
    fault = next(fault for fault in FAULTS if fault.name == "wrong-set-point")
    (culprit,) = fault.draw(random.Random(2), 40.0).culprits
    assert culprit.change.orders[0].equipment in EQUIPMENT
    assert culprit.change.title == "maintenance"


def test_cavitation_has_either_cause():
    fault = next(fault for fault in FAULTS if fault.name == "cavitation")
    causes = {fault.draw(random.Random(seed), 40.0).culprits[0].change.component for seed in range(20)}
    assert causes == {"suctionStrainer", "coolantTank"}
