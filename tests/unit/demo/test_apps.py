from __future__ import annotations

import random

import pytest

from andon.demo.apps import Arrivals


def test_requests_come_at_their_rate_in_the_long_run():
    arrivals = Arrivals(4.0, random.Random(1))
    now, count = 0.0, 0
    while now < 600:
        now += arrivals.pause(now)
        count += 1
    assert count / now == pytest.approx(4.0, rel=0.1)
