from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mcp.types import (
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from andon.connectors.lent.answers import LONGEST, LentAnswer, answer_of, plain
from andon.telemetry import Status


def answered(*content: object, most: int = 100_000, **more: object) -> LentAnswer:
    result = CallToolResult.model_validate({"content": list(content)} | more)
    return answer_of(result, "books.search", most, lambda text: text.replace("hunter2", "***"))


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def test_text_becomes_lines_without_blank_ones():
    answer = answered(text("first\n\n  second \r\nthird"))
    assert answer == LentAnswer(Status.OK, ("first", "second", "third"), 19)


def test_what_steers_a_terminal_or_hides_is_removed():
    answer = answered(text("\x1b[31mred\x1b[0m a\u202eb \u200bc\U000e0041d"))
    assert answer.lines == ("[31mred [0m a b c d",)


def test_long_lines_are_clipped_and_counted():
    answer = answered(text("x" * 1000 + "\nshort\n" + "y" * 401))
    assert [len(line) for line in answer.lines] == [LONGEST, 5, LONGEST]
    assert answer.status is Status.OK
    assert answer.problems[0].count == 2


def test_more_than_may_be_kept_is_truncated():
    answer = answered(text("\n".join(f"line {n}" for n in range(1000))), most=1000)
    assert answer.status is Status.TRUNCATED
    assert 0 < answer.bytes <= 1000
    assert answer.lines[0] == "line 0"
    assert "1000 bytes" in answer.problems[0].message


def test_a_single_endless_line_is_truncated():
    answer = answered(text("x" * 100_000), most=1000)
    assert answer.status is Status.TRUNCATED
    assert [len(line) for line in answer.lines] == [LONGEST]


def test_nothing_is_empty():
    assert answered().status is Status.EMPTY
    assert answered(text(" \n\t")).status is Status.EMPTY


def test_an_error_fails_with_its_words():
    answer = answered(text("no such\x1b index"), isError=True)
    assert answer.status is Status.FAILED
    assert answer.lines == ()
    assert str(answer.problems[0]) == "books.search: no such index"


def test_an_error_without_words():
    assert "not why" in str(answered(isError=True).problems[0])


def test_structured_content_is_read_where_no_text_says_it():
    assert answered(structuredContent={"rows": [1]}).lines == ("{", '"rows": [', "1", "]", "}")
    assert answered(text("one row"), structuredContent={"rows": [1]}).lines == ("one row",)


def test_pictures_and_blobs_are_named_and_texts_of_resources_read():
    answer = answered(
        ImageContent(type="image", data="A" * 400, mime_type="image/png"),
        EmbeddedResource(
            type="resource", resource=TextResourceContents(uri="book://1", text="restart it\nthen wait")
        ),
        EmbeddedResource(type="resource", resource=BlobResourceContents(uri="book://2", blob="AAAA")),
        ResourceLink(type="resource_link", uri="book://3", name="third"),
    )
    assert answer.lines == (
        "(image image/png, 300 bytes, not shown)",
        "resource book://1:",
        "restart it",
        "then wait",
        "(resource book://2, 3 bytes, not shown)",
        "(resource book://3: third, not read)",
    )


def test_secrets_are_hidden_before_lines_are_shortened():
    answer = answered(text("x" * (LONGEST - 4) + " hunter2"))
    assert "hunt" not in answer.lines[0]


@given(st.lists(st.text(max_size=600), max_size=5), st.integers(1000, 3000))
def test_whatever_is_said_the_bounds_hold(texts: list[str], most: int):
    answer = answered(*(text(one.encode("utf-8", "replace").decode()) for one in texts), most=most)
    assert sum(len(line.encode()) + 1 for line in answer.lines) == answer.bytes <= most
    assert all(line and len(line) <= LONGEST and line.isprintable() for line in answer.lines)
    assert (answer.status is Status.EMPTY) == (not answer.lines)


def test_plain_survives_lone_surrogates():
    assert plain("a\ud800b") == "a b"
