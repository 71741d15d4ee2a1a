import re
from itertools import combinations

from andon.investigation.report import Moment
from andon.reports.timeline_svg import MARK, timeline_svg
from andon.telemetry import Window
from unit.reports.sample import HOSTILE, START, timeline

INCIDENT = Window(START, START + 1800)
NAMES = {"rvm-api": "Remote Vehicle Management API"}


def test_lanes_marks_and_the_suspect_change():
    svg = timeline_svg(timeline(), INCIDENT, NAMES)
    assert svg.count('class="lane"') == 4
    assert sorted(re.findall(r'class="number"[^>]*>(\d+)<', svg)) == list("1234567")
    assert ">suspect change 10:24:51</text>" in svg
    assert svg.count("moment change suspect") == 1
    assert "Remote Vehicle" in svg


def test_marks_of_one_moment_do_not_cover_each_other():
    crowd = tuple(Moment(START + i % 3, "log", f"m{i}", "a") for i in range(9))
    svg = timeline_svg(crowd, INCIDENT, {})
    marks = [
        (float(x), float(y)) for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="number"', svg)
    ]
    assert len(marks) == 9
    for (x1, y1), (x2, y2) in combinations(marks, 2):
        assert abs(x1 - x2) >= MARK - 0.2 or abs(y1 - y2) >= MARK - 0.2


def test_of_very_many_moments_the_suspect_ones_are_drawn():
    many = [
        *(Moment(START - 9000 + i, "change", "x", "a") for i in range(500)),
        Moment(START, "change", "it", "b", "", True),
    ]
    svg = timeline_svg(many, INCIDENT, {})
    assert "60 of 501 moments" in svg
    assert "moment change suspect" in svg


def test_no_moments_no_picture():
    assert timeline_svg((), INCIDENT, {}) == ""
    assert timeline_svg((Moment(float("nan"), "log", "x"),), INCIDENT, {}) == ""


def test_hostile_text_is_escaped():
    svg = timeline_svg((Moment(START, HOSTILE, HOSTILE, HOSTILE, HOSTILE, True),), INCIDENT, {})
    assert "<script" not in svg
    assert "\x1b" not in svg
