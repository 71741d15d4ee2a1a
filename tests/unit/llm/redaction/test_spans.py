from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.llm.redaction.spans import CARD, EMAIL, LITERAL, SECRET, Span, merged, without

ranges = st.tuples(st.integers(0, 40), st.integers(1, 8)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


def covered(spans):
    return {index for start, end, *_ in spans for index in range(start, end)}


def test_overlapping_spans_become_one_of_the_stricter_kind():
    assert merged([Span(4, 9, SECRET), Span(0, 5, EMAIL), Span(9, 12, CARD)]) == [
        Span(0, 9, SECRET),
        Span(9, 12, CARD),
    ]


def test_empty_spans_are_nothing():
    assert merged([Span(3, 3, SECRET)]) == []


def test_holes_are_cut_out():
    assert without([Span(0, 10, LITERAL)], [(2, 4), (6, 8)]) == [
        Span(0, 2, LITERAL),
        Span(4, 6, LITERAL),
        Span(8, 10, LITERAL),
    ]


@given(st.lists(ranges), st.lists(ranges))
def test_the_characters_are_those_of_the_spans_less_those_of_the_holes(spans, holes):
    spans = merged(Span(*each, SECRET) for each in spans)
    holes = [(start, end) for start, end, _ in merged(Span(*each, SECRET) for each in holes)]
    left = without(spans, holes)
    assert covered(left) == covered(spans) - covered(holes)
    assert left == sorted(left) and all(start < end for start, end, _ in left)
