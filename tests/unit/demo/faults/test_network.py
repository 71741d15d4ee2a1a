from __future__ import annotations

import random

from andon.demo.faults.network import FAULTS


def test_the_change_is_of_the_component_that_it_breaks():
    fault = next(f for f in FAULTS if f.name == "ingress-rule-removed")
    (culprit,) = fault.draw(random.Random(1), 40.0).culprits
    assert culprit.change.component == "rvmIngressIos"
    assert culprit.change.at == 40.0


def test_a_record_leads_nowhere_and_another_one_is_changed_for_good_reason():
    fault = next(f for f in FAULTS if f.name == "dns-record-changed")
    kinds = set()
    for seed in range(20):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,), (decoy,) = scenario.culprits, scenario.decoys
        changed, other = (_record_set(change) for change in (culprit.change, decoy))
        assert changed["name"] != other["name"]
        assert other["resourceRecords"] == [{"value": "10.0.0.1"}]
        assert culprit.answers[0] == "privateZone"
        kinds.add("aliasTarget" in changed)
    assert kinds == {True, False}


def _record_set(change):
    return change.calls[0].parameters["changeBatch"]["changes"][0]["resourceRecordSet"]
