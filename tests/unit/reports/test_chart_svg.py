import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.report import Chart
from andon.reports.chart_svg import HEIGHT, WIDTH, chart_svg, ticks, time_ticks
from andon.telemetry import Window
from unit.reports.sample import HOSTILE, START, charts

INCIDENT = Window(START, START + 1800)


def chart(values, times=None, **more):
    times = times if times is not None else tuple(START - 300 + 60 * i for i in range(len(values)))
    return Chart("a series", "ms", times, tuple(values), "O1", **more)


def lines(svg):
    return [one.split(" ") for one in re.findall(r'<polyline points="([^"]*)"', svg)]


def test_gaps_are_left_open_and_lonely_points_are_dots():
    svg = chart_svg(chart([1, 2, None, 3, None, 4, 5, 6]), INCIDENT)
    assert [len(one) // 2 for one in lines(svg)] == [2, 3]
    assert svg.count("<circle") == 1


def test_window_onset_unit_and_axis_are_drawn():
    svg = chart_svg(charts()[0], INCIDENT)
    for part in (
        ">incident</text>",
        ">onset 10:25:00</text>",
        ">1/min</text>",
        ">10:30</text>",
        ">40</text>",
    ):
        assert part in svg
    assert 'class="incident"' in svg
    assert len(lines(svg)) == 2


def test_outside_its_range_neither_window_nor_onset_is_drawn():
    svg = chart_svg(chart([1, 2, 3], onset=START + 9e6), Window(START + 9e6, START + 9e6))
    assert 'class="incident"' not in svg
    assert 'class="onset"' not in svg


def test_a_long_series_is_thinned_and_keeps_its_extremes():
    values = [float(i % 7) for i in range(20_000)]
    values[12_345] = 1000.0
    svg = chart_svg(chart(values), INCIDENT)
    points = lines(svg)[0]
    assert len(points) // 2 <= 402
    assert min(float(y) for y in points[1::2]) < 50


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")]])
def test_no_points_no_picture(values):
    assert chart_svg(chart(values), INCIDENT) == ""


NUMBERS = st.one_of(st.none(), st.floats())


@given(st.lists(NUMBERS, max_size=20), st.lists(st.floats(-1e12, 1e12) | st.just(math.nan), max_size=20))
def test_any_numbers_stay_inside_the_picture(values, times):
    svg = chart_svg(chart(values, tuple(times), onset=times[0] if times else None), INCIDENT)
    assert "nan" not in svg
    for one in lines(svg):
        assert all(0 <= float(x) <= WIDTH for x in one[::2])
        assert all(0 <= float(y) <= HEIGHT for y in one[1::2])


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_ticks_are_few_and_inside(low, span):
    found = ticks(low, low + span)
    assert len(found) <= 6
    assert all(low - span * 1e-6 <= one <= low + span * 1.000001 for one in found)


@given(st.floats(0, 4e9), st.floats(1, 1e9))
def test_time_ticks_are_few_and_inside(low, span):
    found = time_ticks(low, low + span)
    assert len(found) <= 7
    assert all(low - 1e-6 <= one <= low + span + 1e-6 for one in found)


def test_hostile_titles_are_escaped():
    svg = chart_svg(Chart(HOSTILE, HOSTILE, (START,), (1.0,), HOSTILE), INCIDENT)
    assert "<script" not in svg
    assert "\x1b" not in svg
