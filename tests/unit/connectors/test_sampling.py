from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.sampling import sample
from andon.telemetry import Window

HOUR = Window(1_781_863_000.0, 1_781_866_600.0)


def test_what_is_enough_is_taken_whole():
    assert sample(HOUR, 100, 100).windows == (HOUR,)
    assert sample(HOUR, 100, 100).share == 1.0


@given(st.integers(1, 10**9), st.integers(1, 10**6), st.integers(1, 400), st.floats(0, 0.999))
def test_slices_lie_in_their_parts_and_cover_the_share(there, wanted, slices, offset):
    window = Window(HOUR.start + offset, HOUR.end + 2 * offset)
    found = sample(window, there, wanted, slices)
    assert 0 < found.share <= 1
    assert found.windows[0].start >= window.start and found.windows[-1].end <= window.end
    for before, after in itertools.pairwise(found.windows):
        assert before.end <= after.start
    covered = sum(window.seconds for window in found.windows)
    assert covered == pytest.approx(found.share * window.seconds, rel=1e-3, abs=1e-3)


def test_what_is_taken_is_close_to_what_is_wanted():
    assert sample(HOUR, 1_000_000, 10_000).share == pytest.approx(0.01, rel=0.01)


def test_it_is_the_same_every_time_and_differs_between_windows():
    assert sample(HOUR, 10_000, 100) == sample(HOUR, 10_000, 100)
    moved = Window(HOUR.start + 1, HOUR.end + 1)
    offsets = [w.start - HOUR.start for w in sample(HOUR, 10_000, 100).windows]
    assert offsets != [w.start - moved.start for w in sample(moved, 10_000, 100).windows]


def test_a_periodic_event_is_hit_as_often_as_its_share():
    """Every tenth of a second something happens: neither always nor never inside the slices."""
    found = sample(HOUR, 36_000, 1800)
    times = [HOUR.start + i * 0.1 for i in range(36_000)]
    hits = sum(any(w.start <= t < w.end for w in found.windows) for t in random.Random(1).sample(times, 4000))
    assert hits / 4000 == pytest.approx(found.share, rel=0.25)
