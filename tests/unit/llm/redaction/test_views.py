from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.llm.redaction.views import MASK, decoded, views


@pytest.mark.parametrize(
    "text",
    [
        "p%40ss",
        r"p\u0040ss",
        r"p\x40ss",
        "p&#64;ss",
        "p&#x40;ss",
        "p&commat;ss",
        "p\u200b@s\u00ads",
        "p@\x1b[31mss",
        "p%2540ss",
        r"p\\u0040ss",
        "p%5Cu0040ss",
    ],
)
def test_spellings_say_the_same(text):
    assert decoded(text) == "p@ss"
    assert list(views(text, []))[-1].text == "p@ss"


def test_a_view_knows_where_it_was_said():
    text = r"a%20\"p%40ss\" \u00e9"
    view = list(views(text, []))[-1]
    start = view.text.index("p@ss")
    assert view.text == 'a "p@ss" é'
    assert text[slice(*view.original(start, start + 4))] == "p%40ss"
    assert view.original(0, len(view.text)) == (0, len(text))


def test_places_hold_through_several_levels():
    text = "x%2541%2542\u200b y"
    view = list(views(text, []))[-1]
    assert view.text == "xAB y"
    assert text[slice(*view.original(1, 3))] == "%2541%2542"


def test_umlauts_and_astral_characters():
    assert decoded("p%C3%A4ss") == "päss"
    assert decoded(r"\ud83d\ude00") == "😀"


def test_masked_ranges_are_one_character_each():
    (view,) = views("a[[x]]b", [(1, 6)])
    assert view.text == f"a{MASK}b"
    assert view.original(1, 2) == (1, 6)
    assert view.original(2, 3) == (6, 7)


def test_a_nul_of_the_text_is_no_mask():
    (view,) = views("a\x00b", [])
    assert view.text == "ab"


@given(st.text(alphabet='a%4025\\u&#;xn"\u200b\ud800', max_size=40))
def test_places_are_within_the_text_and_in_order(text):
    for view in views(text, []):
        ends = [view.original(index, index + 1) for index in range(len(view.text))]
        assert all(0 <= start < end <= len(text) for start, end in ends)
        assert all(before[1] <= after[0] for before, after in pairwise(ends))
