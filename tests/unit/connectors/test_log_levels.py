"""How many records of which level are read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.log_levels import SEVERE_WORDS, LevelCounts, thinned, wanted

COUNTS = st.floats(0, 1e9)


def test_the_field_that_tells_most_levels_is_taken() -> None:
    found = LevelCounts.of(
        [
            ({"detected_level": "error", "level": ""}, 3.0),
            ({"detected_level": "info", "level": "info"}, 5.0),
            ({"detected_level": "unknown"}, 2.0),
        ]
    )
    assert found.field == "detected_level"
    assert dict(found.severe) == {"error": 3.0} and dict(found.mild) == {"info": 5.0}
    assert (found.unknown, found.total) == (2.0, 10.0)


def test_without_levels_no_field_is_taken() -> None:
    found = LevelCounts.of([({}, 4.0)])
    assert (found.field, found.unknown) == ("", 4.0)


@settings(deadline=None)
@given(COUNTS, COUNTS, st.integers(2, 10**6))
def test_no_more_is_wanted_than_may_be(severe: float, mild: float, items: int) -> None:
    of_severe, of_mild = wanted(severe, mild, items)
    assert of_severe <= severe and of_mild <= mild
    assert of_severe + of_mild <= items or severe + mild <= items


def test_severe_records_may_take_what_the_others_leave() -> None:
    assert wanted(100, 10, 1000) == (100, 10)
    assert wanted(40, 1000, 100) == (40, pytest.approx(54))
    assert wanted(1000, 20, 100) == (pytest.approx(72), 20)


@pytest.mark.parametrize(
    "line", ["WARN x", "an error occurred", "java.lang.NullPointerException: x", "E0619 10:00 x", "level=err"]
)
def test_words_of_trouble_are_found(line: str) -> None:
    assert re.search(SEVERE_WORDS, line)


@pytest.mark.parametrize("line", ["all is well", "terrors", "E06 x", "warned"])
def test_other_words_are_not(line: str) -> None:
    assert not re.search(SEVERE_WORDS, line)


@settings(deadline=None)
@given(st.lists(st.integers(), max_size=50), st.integers(1, 60))
def test_thinning_keeps_the_order_and_the_limit(found: list[int], most: int) -> None:
    kept = thinned(list(enumerate(found)), most)
    assert len(kept) == min(most, len(found))
    assert list(kept) == sorted(kept)
