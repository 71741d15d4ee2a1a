from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.tempo.slices import Density, halves, pieces, planned, probes, seconds_of
from andon.telemetry import Window

T = 1_781_863_000.0
starts = st.floats(T, T + 10)


@settings(max_examples=60)
@given(
    starts, st.floats(30, 1e5), st.floats(1, 1e7), st.integers(1, 50_000), st.integers(1, 200), st.booleans()
)
def test_slices_are_apart_within_the_window_and_cover_the_share_that_is_told(
    start: float, seconds: float, spans: float, wanted: int, slices: int, singly: bool
) -> None:
    window = Window(start, start + seconds)
    plan = planned(window, Density(spans / 10, spans), wanted, slices, one_by_one=singly)
    assert plan.windows and 0 < plan.share <= 1
    assert all(a.end <= b.start for a, b in pairwise(plan.windows))
    assert plan.windows[0].start >= window.start - 0.001 and plan.windows[-1].end <= window.end + 0.001
    covered = sum(part.seconds for part in plan.windows) / window.seconds
    assert covered == pytest.approx(plan.share, rel=0.05, abs=2e-3 * len(plan.windows) / seconds)
    rounded = spans * 0.001 * slices / seconds  # Slices are whole milliseconds.
    assert plan.share == 1.0 or spans * plan.share <= (wanted * 1.05 + rounded) * 1.1
    assert plan.one_by_one or plan.share == 1.0 or all(part.start == int(part.start) for part in plan.windows)


def test_a_sample_of_less_than_whole_seconds_is_fetched_one_by_one() -> None:
    window = Window(T, T + 600)
    assert not planned(window, Density(1e3, 1e4), 1000, 120, one_by_one=False).one_by_one
    assert planned(window, Density(1e6, 1e7), 1000, 120, one_by_one=False).one_by_one


def test_everything_in_parts_that_one_answer_holds() -> None:
    plan = planned(Window(T, T + 600), Density(1000, 10_000), 20_000, 120, one_by_one=False)
    assert (len(plan.windows), plan.share) == (4, 1.0)


@given(starts, st.floats(0.1, 1000), st.integers(1, 20))
def test_pieces_are_the_window(start: float, seconds: float, count: int) -> None:
    parts = pieces(Window(start, start + seconds), count)
    assert (parts[0].start, parts[-1].end, len(parts)) == (start, start + seconds, count)
    assert all(a.end == b.start for a, b in pairwise(parts))


@given(starts, st.floats(0.1, 5000))
def test_halves_share_one_border_and_end(start: float, seconds: float) -> None:
    window = Window(start, start + seconds)
    parts = halves(window)
    low, high = seconds_of(window)
    if parts is None:
        assert high - low == 1
    else:
        assert parts[0].start == start and parts[0].end == parts[1].start and parts[1].end == window.end
        assert seconds_of(parts[0])[1] == seconds_of(parts[1])[0]
        assert max(end - begin for begin, end in map(seconds_of, parts)) < high - low


def test_an_empty_window() -> None:
    assert seconds_of(Window(T, T)) == (int(T), int(T) + 1)
    assert planned(Window(T, T), Density(5, 50), 1, 10, one_by_one=False).share == 1.0
    assert probes(Window(T, T + 4), 1, 8) == (Window(T, T + 4),)
