import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from andon.reports.markdown import code, fence, inline, to_markdown
from unit.reports.sample import HOSTILE, door_unlock, hostile, nothing_found

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tokens(markdown):
    for token in PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def structure(markdown):
    return [token.type for token in PARSER.parse(markdown)]


def shown(markdown):
    return "".join(
        token.content for token in tokens(markdown) if token.type in ("text", "code_inline", "text_special")
    )


def test_it_says_what_one_must_know():
    text = to_markdown(door_unlock())
    for part in (
        "# The ingress rule from the iOS backend-for-frontend",
        "| 1 | Remote Vehicle Management API | Network rule removed | 86 % |",
        "|  | Something else, or not seen |  | 7 % |",
        "- **+** for: A log template that never occurred before",
        "- **−** against: The telemetry of rvm-api itself",
        "✗ refuted: A faulty deploy would show at once.",
        "```text\naws ec2 describe-security-group-rules",
        "| denied | metrics | `cloudwatch` |",
        "**suspect change**",
    ):
        assert part in text


def test_nothing_found_names_no_culprit():
    text = to_markdown(nothing_found())
    assert "Nothing abnormal was found in the incident window, so no cause is named." in text
    assert "Remote Vehicle" not in text


def test_hostile_text_makes_no_tag_link_picture_or_mention():
    text = to_markdown(hostile())
    found = {token.type for token in tokens(text)}
    assert not found & {"html_block", "html_inline", "link_open", "image"}
    prose = [token.content for token in tokens(text) if token.type == "text"]
    assert not any("@everyone" in one or "https://" in one or "www.evil" in one for one in prose)


def test_hostile_text_leaves_the_structure_as_it_is():
    assert structure(to_markdown(hostile())) == structure(to_markdown(hostile("plain words")))


@settings(max_examples=60, deadline=None)
@given(st.text("`|\\*_[]()<>#-+=~!&@:/.1w \n\tx", max_size=24))
def test_no_text_changes_the_structure(text):
    expected = structure(to_markdown(hostile("x")))
    assert structure(to_markdown(hostile(f"{text}x"))) == expected


@pytest.mark.parametrize(
    "text", ["1. x", "- x", "+ x", "# x", "> x", "=== x", "--- x", "~~~ x", "| x |", "[a]: b x"]
)
def test_a_sentence_starts_no_block(text):
    assert structure(inline(text)) == ["paragraph_open", "inline", "paragraph_close"]


@given(st.text("`\\*_[]<>&!~$^{} x", min_size=1, max_size=20))
def test_a_sentence_is_shown_as_it_is(text):
    assert shown(f"y{inline(text)}y") == f"y{' '.join(text.split())}y"


@given(st.text("`x \\<", min_size=1, max_size=20).filter(str.strip))
def test_a_code_span_holds_all_of_its_text(text):
    spans = [token.content for token in tokens(f"a {code(text)} b") if token.type == "code_inline"]
    assert spans == [" ".join(text.split())]


@given(st.text("`~x\n ", max_size=30))
def test_a_fence_cannot_be_closed_from_inside(text):
    assert structure(fence(text)) == ["fence"]


def test_the_whole_sample_parses_into_tables_and_fences():
    kinds = structure(to_markdown(door_unlock()))
    assert kinds.count("table_open") == 4
    assert kinds.count("fence") == 4
    assert HOSTILE not in to_markdown(hostile())
