from __future__ import annotations

import pytest

from andon.demo import clock
from andon.demo.services.freshness import TOLERANCE_SECONDS, dated, staleness


@pytest.fixture
def right_again():
    yield
    clock.set_offset(lambda: 0.0)


def test_a_request_of_now_is_fresh_and_so_is_one_without_a_date():
    assert staleness(dated()) == ""
    assert staleness({}) == ""


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_request_of_another_time_is_refused(right_again, sign):
    headers = dated()
    clock.set_offset(lambda: sign * (TOLERANCE_SECONDS + 1))
    assert staleness(headers).startswith("RequestTimeTooSkewed")
    clock.set_offset(lambda: sign * (TOLERANCE_SECONDS - 1))
    assert staleness(headers) == ""
