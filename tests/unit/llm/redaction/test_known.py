from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from andon.llm.redaction.known import find_known, spellings

SECRET = 'hun"ter 2/ä@\n'


def found(text, *values):
    return [text[span.start : span.end] for span in find_known(text, values)]


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        html.escape(SECRET),
        SECRET.encode().hex(),
    ],
)
def test_spellings(spelling):
    assert spelling in found(f"<{spelling}>", SECRET)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_inside_base64_at_any_place(before, encode):
    written = encode(f"{before}hunter2>?~tail".encode()).decode()
    assert found(f"x {written} y", "hunter2>?~") == [written]


def test_short_values_are_words():
    assert found("abc=xabc abc", "abc") == ["abc", "abc"]
    assert found("xabcd", "abcd") == ["abcd"]


def test_empty_values_have_no_spelling():
    assert spellings("")[0] == ()
