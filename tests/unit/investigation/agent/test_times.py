from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.agent.times import moment
from andon.telemetry import Window

DAY = datetime(2026, 6, 19, tzinfo=UTC).timestamp()
NEAR = Window(DAY + 10 * 3600, DAY + 11 * 3600)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10:21:30", DAY + 10 * 3600 + 21 * 60 + 30),
        ("10:21", DAY + 10 * 3600 + 21 * 60),
        (" 9:05z ", DAY + 9 * 3600 + 5 * 60),
        ("10:21:30 UTC", DAY + 10 * 3600 + 21 * 60 + 30),
        ("2026-06-19T10:21:30Z", DAY + 10 * 3600 + 21 * 60 + 30),
        ("2026-06-19 10:21:30", DAY + 10 * 3600 + 21 * 60 + 30),
        ("2026-06-19T12:21:30+02:00", DAY + 10 * 3600 + 21 * 60 + 30),
        ("2026-06-19", DAY),
    ],
)
def test_times_as_people_write_them(text: str, seconds: float) -> None:
    assert moment(text, NEAR) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "24:00", "10:60", "10:21:61", "10", "10.21", "-1:00", "10:21:30:00", "2026-13-01"]
)
def test_what_is_no_time(text: str) -> None:
    assert moment(text, NEAR) is None


def test_a_time_of_day_is_the_nearest_one() -> None:
    midnight = Window(DAY - 60, DAY + 60)
    assert moment("23:59", midnight) == DAY - 60
    assert moment("00:01", midnight) == DAY + 60


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    found = moment(text, NEAR)
    assert found is None or isinstance(found, float)


@given(st.integers(0, 86_399))
def test_what_is_written_is_read_again(seconds: int) -> None:
    written = datetime.fromtimestamp(DAY + seconds, UTC)
    found = moment(f"{written:%H:%M:%S}", NEAR)
    assert found is not None and (found - DAY - seconds) % 86_400 == 0
    assert abs(found - (NEAR.start + NEAR.end) / 2) <= 43_200
