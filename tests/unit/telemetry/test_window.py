from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.telemetry import Window, clock, isoformat

moments = st.floats(0, 4e9)


def test_the_end_does_not_belong_to_it() -> None:
    window = Window(10, 20)
    assert 10 in window
    assert 19.999 in window
    assert 20 not in window
    assert 9.999 not in window
    assert window.seconds == 10


def test_an_empty_window_holds_nothing() -> None:
    assert 10 not in Window(10, 10)


@pytest.mark.parametrize(("start", "end"), [(2, 1), (math.nan, 1), (1, math.nan)])
def test_an_end_before_the_start_is_refused(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="ends"):
        Window(start, end)


@given(moments, moments, moments)
def test_neighbours_share_no_moment(a: float, b: float, c: float) -> None:
    start, middle, end = sorted((a, b, c))
    inside = [moment in Window(start, middle) or moment in Window(middle, end) for moment in (a, b, c)]
    assert inside == [moment in Window(start, end) for moment in (a, b, c)]
    assert not any(m in Window(start, middle) and m in Window(middle, end) for m in (a, b, c))


def test_times_are_written_in_utc() -> None:
    assert isoformat(1_781_864_700.9) == "2026-06-19T10:25:00Z"
    assert clock(1_781_864_700.9) == "10:25:00"
    assert str(Window(1_781_864_700, 1_781_864_760)) == "2026-06-19T10:25:00Z to 2026-06-19T10:26:00Z"
