import math

import pytest

from andon.connectors.files.fields import number, pick, severity_of, unit_of


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("INFO", 9),
        ("warning", 13),
        ("Err", 17),
        ("CRITICAL", 21),
        ("W", 13),
        ("debug", 5),
        (30, 9),
        (50, 17),
        (3, 17),
        (6, 9),
        ("4", 13),
        ("loud", 0),
        (None, 0),
        (True, 0),
    ],
)
def test_severities(level, severity):
    assert severity_of(level) == severity


def test_names_are_picked_by_likelihood_and_returned_as_written():
    assert pick(["Date", "TimeStamp"], "time") == "TimeStamp"
    assert pick(["x", "y"], "time") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.5", 1.5),
        (2, 2.0),
        ("inf", math.nan),
        (10**400, math.nan),
        (True, math.nan),
        ({}, math.nan),
        ("x", math.nan),
    ],
)
def test_numbers(value, expected):
    assert number(value) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("metric", "unit"), [("http_p99_ms", "ms"), ("bytes_total", ""), ("sent_bytes_total", "By"), ("load", "")]
)
def test_units_by_suffix(metric, unit):
    assert unit_of(metric) == unit
