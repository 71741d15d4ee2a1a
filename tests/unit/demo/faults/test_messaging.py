from __future__ import annotations

import random

from andon.demo.faults.messaging import FAULTS


def test_the_broker_takes_longer_over_a_message_than_messages_take_to_come():
    (fault,) = FAULTS
    for seed in range(20):
        (culprit,) = fault.draw(random.Random(seed), 40.0).culprits
        (happening,) = culprit.change.happenings
        assert 1 / happening.value < 16 / 5 + 2 * 1.8 * 2 * 0.62
