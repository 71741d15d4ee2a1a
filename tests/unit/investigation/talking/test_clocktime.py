from __future__ import annotations

import re

import pytest

from andon.investigation.talking.clocktime import TIME, Unread, when
from andon.telemetry import Window, isoformat

NEAR = Window(1_781_863_200.0, 1_781_866_800.0)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10:40", "2026-06-19T10:40:00Z"),
        ("10:40:05", "2026-06-19T10:40:05Z"),
        ("10:40 UTC", "2026-06-19T10:40:00Z"),
        ("10.40", "2026-06-19T10:40:00Z"),
        ("9:05 am", "2026-06-19T09:05:00Z"),
        ("1 pm", "2026-06-19T13:00:00Z"),
        ("12:30 am", "2026-06-19T00:30:00Z"),
        ("noon", "2026-06-19T12:00:00Z"),
        ("midnight", "2026-06-19T00:00:00Z"),
        ("23:30", "2026-06-18T23:30:00Z"),
        ("2026-06-19T10:40:00Z", "2026-06-19T10:40:00Z"),
        ("2026-06-19T12:40:00+02:00", "2026-06-19T10:40:00Z"),
    ],
)
def test_times_are_read_nearest_to_the_window(text: str, time: str) -> None:
    assert re.fullmatch(TIME, text)
    assert isoformat(when(text, NEAR)) == time


@pytest.mark.parametrize(
    "text", ["25:00", "10:61", "13 pm", "soon", "10:40 CEST", "10:40 local time", "9", ""]
)
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(Unread) as caught:
        when(text, NEAR)
    assert "UTC" in str(caught.value)
