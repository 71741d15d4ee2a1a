from hypothesis import given
from hypothesis import strategies as st

from andon.reports.text_safety import block, line

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)


def test_terminal_escapes_and_overrides_become_visible():
    assert (
        line("\x1b[31mred \x9b2J \u202egnp.exe \u200b \x07")
        == r"\x1b[31mred \x9b2J \u202egnp.exe \u200b \x07"
    )
    assert line("\ud800 \U000e0041") == r"\ud800 \U000e0041"


def test_a_line_is_one_line_without_odd_blanks():
    assert line("  one\ttwo\r\nthree\u00a0four\u3000five ") == "one two three four five"


def test_ordinary_text_of_any_language_stays():
    assert line("Türschloss 車両ドア двери 🚗 <b> [red]") == "Türschloss 車両ドア двери 🚗 <b> [red]"


def test_long_text_ends_in_an_ellipsis():
    assert line("abcdef", 4) == "abc…"
    assert len(line("x" * 10_000)) == 600


def test_a_block_keeps_lines_and_indentation_and_counts_what_it_cuts():
    assert block("a\r\n\tb\x1b\nc\n", lines=2) == "a\n    b\\x1b\n… 1 more lines"


@given(ANYTHING)
def test_whatever_comes_in_what_goes_out_is_printable_utf8(text):
    assert line(text).isprintable()
    assert all(one.isprintable() for one in block(text).split("\n"))
    block(text).encode("utf-8")


@given(ANYTHING, st.integers(2, 50))
def test_limits_hold(text, limit):
    assert len(line(text, limit)) <= limit
    assert all(len(one) <= limit for one in block(text, lines=300, limit=limit).split("\n"))
