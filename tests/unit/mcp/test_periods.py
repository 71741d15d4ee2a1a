from __future__ import annotations

import time

import pytest

from andon.errors import UsageError
from andon.mcp.periods import period, seconds


def test_a_period_in_utc_where_no_zone_is_stated():
    window = period("1970-01-01T00:01:00", "1970-01-01T01:02:00+01:00")
    assert window is not None
    assert (window.start, window.end) == (60, 120)


def test_nothing_stated_and_no_end():
    assert period("", "") is None
    window = period("1970-01-01T00:00:00Z", "")
    assert window is not None and abs(window.end - time.time()) < 60


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", "1970-01-01"),
        ("yesterday", ""),
        ("1970-01-02", "1970-01-01"),
        ("9999-99-99", ""),
    ],
)
def test_no_period(start: str, end: str):
    with pytest.raises(UsageError):
        period(start, end)


def test_lengths_of_time():
    assert [seconds(text) for text in ("90s", "1.5m", " 6h ", "2d")] == [90, 90, 21_600, 172_800]


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1", "1w", "1e9s", "١h", "9999999d"])
def test_no_length_of_time(text: str):
    with pytest.raises(UsageError):
        seconds(text)
