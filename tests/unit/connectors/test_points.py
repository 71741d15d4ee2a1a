from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors import Reading
from andon.connectors.points import Points, SeriesKey
from andon.telemetry import Status, Window

KEY = SeriesKey.of("temp", "press", "Cel", {"b": "2", "a": "1"})


@given(st.lists(st.tuples(st.floats(0, 100), st.floats()), max_size=30))
def test_series_ascend_and_hold_nothing_infinite(arrived: list[tuple[float, float]]) -> None:
    points = Points()
    for time, value in arrived:
        points.add(KEY, time, value)
    for series in points.series(Window(0, 50)):
        assert bool(np.all(np.diff(series.times) > 0)) and series.times[-1] < 50
        assert not np.isinf(series.values).any()


def test_the_last_of_equal_times_stays_and_it_is_told() -> None:
    points, reading = Points(), Reading("plant")
    for time, value in [(2, 1.0), (1, 5.0), (2, 3.0), (3, math.inf)]:
        points.add(KEY, time, value)
    (series,) = points.series(Window(0, 10), reading, "here")
    assert series.values.tolist()[:2] == [5.0, 3.0] and math.isnan(series.values[2])
    assert series.labels == {"a": "1", "b": "2"} and series.unit == "Cel"
    assert reading.result((), 0).problems[0].place == "plant here"
    assert reading.result(series, 3).status is not Status.OK


def test_nothing_in_the_window_is_no_series() -> None:
    points = Points()
    points.add(KEY, 5, 1.0)
    assert points.series(Window(6, 7)) == ()
