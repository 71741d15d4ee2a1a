from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.numerals import IDENTIFIER, collapse, restore

TEXTS = st.text(alphabet="019afgxz0-_.: éX", max_size=60)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("order 12 of 345", "order 0 of 0"),
        ("object 9f4ef63 freed", "object \x02 freed"),
        ("at 0x7ffdeadbeef and 0x1", "at \x02 and \x02"),
        ("0x is no number, nor is 0xg1", "0x is no number, nor is 0xg0"),
        ("kept 100000B for 100000d", "kept 0B for 0d"),
        ("a deadbeef without digits", "a deadbeef without digits"),
        ("id 123e4567-e89b-12d3-a456-426614174000.", "id \x02."),
        ("id 123e4567-e89b-12d3-a456-426614174000a", "id \x02-e0b-0d0-a0-0a"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736x", "trace 0bf0f0b0da0a0ce0d0e0e0x"),
        ("pod-7 é8", "pod-0 é0"),
        ("", ""),
    ],
)
def test_numerals_are_reduced(line: str, expected: str) -> None:
    assert collapse([line]) == [expected]


@given(st.lists(TEXTS, max_size=8))
def test_lines_collapse_the_same_alone_and_together(lines: list[str]) -> None:
    assert collapse(lines) == [collapse([line])[0] for line in lines]


@given(st.lists(TEXTS, max_size=5))
def test_what_was_reduced_can_be_restored(lines: list[str]) -> None:
    for line, collapsed, found in zip(lines, collapse(lines), restore(lines), strict=True):
        numerals = iter(found)
        assert re.sub(f"[0{IDENTIFIER}]", lambda _, rest=numerals: next(rest), collapsed) == line
        assert next(numerals, None) is None


@given(st.uuids())
def test_every_uuid_is_one_identifier(value: object) -> None:
    assert collapse([f"{value}", f"<{value}>"]) == [IDENTIFIER, f"<{IDENTIFIER}>"]


def test_no_lines() -> None:
    assert collapse([]) == []
