from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from andon.llm.providers.retries import pause, stated

LONG = 1000.0


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status: int):
    assert pause(0, LONG, status) is not None


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 413, 422, 501])
def test_what_will_not_pass_is_not(status: int):
    assert pause(0, LONG, status) is None


def test_waits_double_with_jitter_up_to_a_limit():
    waits = [[pause(attempt, LONG, 503) or 0.0 for _ in range(50)] for attempt in range(5)]
    for attempt, seen in enumerate(waits):
        assert 0.25 * 2**attempt <= min(seen) < max(seen) <= 0.5 * 2**attempt


def test_attempts_end():
    assert pause(5, LONG, 503) is None
    assert pause(2, LONG) is None


def test_a_server_that_asks_to_wait_is_heard():
    assert pause(0, LONG, 429, {"retry-after": "7"}) == 7.0
    assert pause(0, LONG, 503, {"retry-after-ms": "250"}) == 0.25


def test_no_wait_goes_beyond_the_time():
    assert pause(0, 6.0, 429, {"retry-after": "7"}) is None
    assert pause(4, 3.0, 503) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": "insufficient_quota"}',
        b'{"error_code":"enforced_spend_limit_reached"}',
        b'"RequestsPerDayPerProject"',
    ],
)
def test_a_quota_that_is_used_up_is_not_waited_for(body: bytes):
    assert pause(0, LONG, 429, {"retry-after": "1"}, body) is None


def test_a_server_that_says_not_to_retry_is_heard():
    assert pause(0, LONG, 500, {"x-should-retry": "false"}) is None


def test_wishes_are_seconds_dates_and_googles_retry_info():
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert stated({"retry-after": at}) == pytest.approx(30, abs=2)
    assert stated({"retry-after": format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)}) == 0.0
    assert stated({}, b'{"details": [{"retryDelay": "34.5s"}]}') == 34.5
    assert stated({"retry-after": "soon"}) is None
    assert stated({}) is None
