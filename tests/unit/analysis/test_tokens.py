from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.numerals import collapse, restore
from andon.analysis.tokens import (
    HEAD_CHARACTERS,
    NUMERALS,
    head,
    is_masked,
    mask,
    mask_with_places,
    render,
    split,
)


def masked(line: str) -> str:
    return render(*split(mask(collapse([head(line)])[0])))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("retry 3 of 5", "retry <number> of <number>"),
        ("load -1.5 and 87.5% of 1,234,567", "load <number> and <number> of <number>"),
        ("took 250ms, then 1m30s, then 20 seconds", "took <duration>, then <duration>, then <duration>"),
        ("sent 12 KiB of 3.4MB", "sent <size> of <size>"),
        ("from 10.0.0.7:5432 to 10.0.0.8", "from <ip> to <ip>"),
        ("peer fe80::1ff:fe23:4567:890a gone", "peer <ip> gone"),
        ("open /var/lib/app/data-7.db", "open <path>"),
        ("GET https://shop.example/cart?id=7 failed", "GET <url> failed"),
        ("mail to jo.doe+x@mail.example bounced", "mail to <email> bounced"),
        ("at 2024-05-01T10:00:00.123Z started", "at <time> started"),
        ("at 2024/05/01 10:00:00 started", "at <time> started"),
        ("at Mon, 01 Jan 2024 10:00:00 GMT ended", "at <time> ended"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 kept", "trace <id> kept"),
        ("order 123e4567-e89b-12d3-a456-426614174000 placed", "order <id> placed"),
        ("at address 0x7ffdeadbeef", "at address <id>"),
        ("object 9f4ef63 freed", "object <id> freed"),
        ("block blk_-38865049064139660 done", "block blk_<number> done"),
        ('tag "View Lock" and \'two words\' or "one"', 'tag "<text>" and \'<text>\' or "one"'),
        ('level=warn msg="no route to host" n=3', 'level=warn msg="no route to host" n=<number>'),
        ("delete blk_1 blk_22 blk_333", "delete blk_<number>"),
        ("rect (1, 2, 3)", "rect (<number>)"),
        ("can't   connect", "can't connect"),
        ("lifetime <1 sec", "lifetime <duration>"),
        ("lifetime 00:01", "lifetime <time>"),
        ("took >=3.5 of <7>", "took <number> of <<number>>"),
        ('"GET /orders/7 HTTP/1.1" 200', '"GET <path> HTTP/<number>" <number>'),
        ("loading......done", "loading…done"),
        ("read/write and either/or stay", "read/write and either/or stay"),
        ("the added face cafe", "the added face cafe"),
    ],
)
def test_typed_parameters_are_masked(line: str, expected: str) -> None:
    assert masked(line) == expected


def test_the_head_of_a_body_is_its_first_line_with_text() -> None:
    assert head("\n\n  first\nsecond") == "first"
    assert head("\x1b[31mred\x1b[0m \x00null\ttab") == "red  null tab"
    assert head("\x1b]0;title\x07text") == "text"
    assert head("\ud800") == ""
    assert head("") == ""


def test_a_long_line_is_cut_at_a_word() -> None:
    cut = head("word " * 1000)
    assert len(cut) <= HEAD_CHARACTERS
    assert cut.endswith("word")
    assert len(head("x" * 10_000_000)) == HEAD_CHARACTERS


def test_marks_in_the_input_are_not_taken_for_masked_parameters() -> None:
    assert masked("a \x01 b") == "a b"
    assert masked("a <number> b") == "a <number> b"
    assert not is_masked("<number>")


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("took 250ms, then 1m30s", ["250ms", "1m30s"]),
        ("at Mon, 01 Jan 2024 10:00:00 GMT 7 ended", ["Mon, 01 Jan 2024 10:00:00 GMT 7"]),
        ('tag "View 2" of 9f4ef63 at 0x1f', ["View 2", "9f4ef63", "0x1f"]),
        ("delete blk_1 blk_22 blk_333 of 4", ["1", "4"]),
        ("open /var/7/data-8.db 9", ["/var/7/data-8.db", "9"]),
        ('msg="no 1 of 2" n=3', ["1", "2", "3"]),
    ],
)
def test_the_text_of_each_mark_is_known(line: str, values: list[str]) -> None:
    collapsed = collapse([line])[0]
    masked, places = mask_with_places(collapsed)
    assert masked == mask(collapsed)
    written = []
    for text, before in places:
        numerals = iter(restore([line])[0][before:])
        written.append(NUMERALS.sub(lambda _, rest=numerals: next(rest), text))  # type: ignore[misc]
    assert written == values


PIECES = st.sampled_from(
    [
        "took",
        "7ms",
        "at",
        "10.0.0.1:80",
        '"a b"',
        "'x 1'",
        "/a/1",
        "1",
        "2,",
        "blk_1",
        "=",
        "x=",
        "Jan",
        "3",
        "KB",
        "days",
    ]
)


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_a_line_is_masked_the_same_with_and_without_places(line: str) -> None:
    collapsed = collapse([head(line)])[0]
    masked, places = mask_with_places(collapsed)
    assert masked == mask(collapsed)
    assert len(places) == sum(map(is_masked, masked))


def test_splitting_keeps_everything() -> None:
    delimiters, words = split("a=(b) c")
    assert delimiters == "=() "
    assert words == ("a", "", "b", "", "c")
