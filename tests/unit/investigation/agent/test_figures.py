from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.agent.figures import borne, figures, moments, tokens


def only(text: str) -> tuple[float, str, str, bool]:
    (found,), strange = figures(text)
    assert strange == []
    return found.value, found.unit, found.link, found.earlier


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,234.5", (1234.5, "", "", False)),
        ("-3", (-3.0, "", "", False)),
        ("it took 1.5 seconds", (1.5, "s", "", False)),
        ("it took 1.5s", (1.5, "s", "", False)),
        ("20 ms", (20.0, "ms", "", False)),
        ("80 %", (80.0, "%", "", False)),
        ("80%", (80.0, "%", "", False)),
        ("4 kB", (4.0, "kb", "", False)),
        ("rose to about 7", (7.0, "", "to", False)),
        ("rose from the 7", (7.0, "", "from", False)),
        ("3 before", (3.0, "", "", True)),
        ("(5),", (5.0, "", "", False)),
        ("2e3", (2000.0, "", "", False)),
    ],
)
def test_a_number_and_the_part_that_it_plays(text: str, told: tuple[float, str, str, bool]) -> None:
    assert only(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "p99",
        "HTTP/2",
        "5xx",
        "10-20",
        "v1.2.3",
        "2026-06-19",
        "2nd",
        "１２",
        "١٢",
        "Ⅻ",
        "½",
        "37²",
        "①",
        "1,23",
        "0x1f",
        "1.2.3",
        "25:61",
    ],
)
def test_what_holds_digits_and_is_no_number_is_strange(text: str) -> None:
    assert figures(text) == ([], tokens(text))


def test_a_time_is_no_number() -> None:
    assert figures("at 10:15 and 9:05:30Z") == ([], [])
    assert [(one.clock, one.link) for one in moments("at 10:15 until about 9:05:30Z")] == [
        ("10:15", ""),
        ("09:05:30", "until"),
    ]


def said(text: str, row: str) -> bool:
    (one,), _ = figures(text)
    return borne(one, figures(row)[0], tokens(row))


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("to 370", "rose from 120 to 370 MBy", True),
        ("to 120", "rose from 120 to 370 MBy", False),
        ("370 ms", "rose to 370 MBy", False),
        ("0.5 s", "0.52 s on average", True),
        ("0.6 s", "0.52 s on average", False),
        ("1 s", "0.52 s on average", False),
        ("12", "12 before", False),
        ("12 before", "12 before", True),
        ("300 calls", "Calls from a to b: 240 of 300 failed", False),
        ("of 300 calls", "Calls from a to b: 240 of 300 failed", True),
        ("of 300 times", "Calls from a to b: 240 of 300 failed", False),
        ("of 300 calls", "a: 240 of 300 failed", False),
    ],
)
def test_a_row_bears_a_number_in_the_same_part_only(text: str, row: str, holds: bool) -> None:
    assert said(text, row) is holds


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    found, strange = figures(text)
    assert all(figure.text for figure in found) and all(strange)
    moments(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_numbers_bear_each_other_only_as_far_as_rounding_goes(one: float, other: float) -> None:
    text, row = f"{one:.2f}", f"{other:.4f}"
    if said(text, row):
        assert abs(float(text) - float(row)) <= 0.005 + 1e-9
