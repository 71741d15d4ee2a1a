from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.prometheus.windows import MOST_POINTS, aligned, past, pieces
from andon.telemetry import Window

MOMENTS = st.integers(0, 2 * 10**12).map(lambda milliseconds: milliseconds / 1000)
SPANS = st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000)


@given(MOMENTS, SPANS, st.sampled_from([0.5, 1.0, 15.0, 60.0]))
def test_points_are_the_multiples_of_the_step_inside(start: float, seconds: float, step: float) -> None:
    window = Window(start, start + seconds)
    found = aligned(window, step)
    if found is None:
        assert window.seconds < step
        return
    assert found.start % step == 0 and found.end % step == 0
    assert found.start in window and found.end in window
    assert found.start - step < window.start and found.end + step >= window.end


@given(st.integers(0, 50), st.integers(1, 9))
def test_pieces_hold_each_point_once(points: int, most: int) -> None:
    step = 15.0
    window = Window(300.0, 300.0 + points * step)
    times = [
        piece.start + i * step
        for piece in pieces(window, step, most)
        for i in range(round(piece.seconds / step) + 1)
    ]
    assert times == [300.0 + i * step for i in range(points + 1)]


def test_no_piece_is_more_than_prometheus_gives() -> None:
    found = pieces(Window(0.0, 30_000.0), 1.0)
    assert len(found) == 3 and max(piece.seconds for piece in found) == MOST_POINTS - 1


def test_what_is_yet_to_come_is_not_asked_for() -> None:
    assert past(Window(100.0, 300.0), 200.0) == Window(100.0, 200.0)
    assert past(Window(100.0, 150.0), 200.0) == Window(100.0, 150.0)
    assert past(Window(300.0, 400.0), 200.0).seconds == 0.0
