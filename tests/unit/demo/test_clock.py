from __future__ import annotations

import time

import pytest

from andon.demo import clock


@pytest.fixture
def right_again():
    yield
    clock.set_offset(lambda: 0.0)


def test_a_clock_is_right_until_it_is_set_wrong(right_again):
    assert abs(clock.now() - time.time()) < 1
    clock.set_offset(lambda: -30.0)
    assert abs(clock.now() - (time.time() - 30)) < 1
    assert abs(clock.time_ns() / 1e9 - (time.time() - 30)) < 1
