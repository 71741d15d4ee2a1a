from __future__ import annotations

import random

from andon.demo.faults.network import FAULTS


def test_the_change_is_of_the_component_that_it_breaks():
    fault = next(f for f in FAULTS if f.name == "ingress-rule-removed")
    (culprit,) = fault.draw(random.Random(1), 40.0).culprits
    assert culprit.change.component == "rvmIngressIos"
    assert culprit.change.at == 40.0
