from __future__ import annotations

import random

import pytest

from andon.demo.faults.hosts import FAULTS
from andon.demo.hosts import HOSTED


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_host_is_struck_and_nothing_in_the_trail_tells_of_it(fault):
    struck = set()
    for seed in range(60):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        (happening,) = culprit.change.happenings
        assert not culprit.change.calls
        assert happening.service in HOSTED
        assert scenario.spared == {happening.service}
        assert culprit.path[0] == culprit.change.component
        struck.add(happening.service)
    assert len(struck) >= 5


def test_a_skewed_clock_is_wrong_enough_to_be_noticed_and_in_both_directions():
    fault = next(fault for fault in FAULTS if fault.name == "clock-skew")
    offsets = [
        fault.draw(random.Random(seed), 40.0).culprits[0].change.happenings[0].value for seed in range(40)
    ]
    assert min(offsets) < 0 < max(offsets)
    assert all(10 <= abs(offset) <= 30 for offset in offsets)
