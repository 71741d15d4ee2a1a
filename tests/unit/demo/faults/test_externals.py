from __future__ import annotations

import random

from andon.demo.faults.externals import FAULTS


def test_the_carrier_fails_or_is_slow_and_nobody_changed_anything():
    (fault,) = FAULTS
    seen = set()
    for seed in range(20):
        (culprit,) = fault.draw(random.Random(seed), 40.0).culprits
        assert not culprit.change.calls
        assert culprit.answers == ("mobileCarrier",)
        seen.add(culprit.change.happenings[0].condition)
    assert seen == {"carrier.delay", "carrier.failing"}
