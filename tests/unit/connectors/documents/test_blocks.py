from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.documents.blocks import ORPHAN_CHARACTERS, PASSAGE_CHARACTERS, Block, pack
from andon.connectors.documents.markdown import markdown_blocks
from andon.connectors.documents.plain import paragraphs

LONGEST = PASSAGE_CHARACTERS + ORPHAN_CHARACTERS


def test_short_paragraphs_share_a_passage():
    lines = ["one", "two", "", "three"]
    (passage,) = pack("a.txt", lines, paragraphs(lines))
    assert (passage.first_line, passage.last_line, passage.text) == (1, 4, "one\ntwo\n\nthree")


def test_what_does_not_fit_begins_a_new_passage():
    lines = ["a" * 700, "", "b" * 700]
    assert [p.first_line for p in pack("a.txt", lines, paragraphs(lines))] == [1, 3]


def test_other_headings_begin_a_new_passage():
    blocks = [Block(1, ("one",), ("A",)), Block(2, ("two",), ("B",))]
    assert [p.headings for p in pack("a.md", ["one", "two"], blocks)] == [("A",), ("B",)]


def test_a_heading_stays_with_a_long_paragraph():
    lines = ["# Pool", "", "x" * 1190]
    (passage,) = pack("a.md", lines, markdown_blocks(lines))
    assert passage.first_line == 1 and passage.last_line == 3


def test_a_long_block_is_cut_between_lines():
    lines = [f"line {number} " + "x" * 90 for number in range(40)]
    passages = pack("a.txt", lines, paragraphs(lines))
    assert len(passages) == 4
    assert "\n".join(p.text for p in passages) == "\n".join(lines)


def test_a_long_line_is_cut_between_words_and_keeps_its_number():
    lines = ["before", " ".join(["word"] * 1000), "after"]
    passages = pack("a.txt", lines, paragraphs(lines))
    assert sum(p.text.split().count("word") for p in passages) == 1000
    assert {p.first_line for p in passages} == {1, 2, 3}


texts = st.lists(
    st.sampled_from(
        [
            "",
            "# A",
            "## B",
            "- item",
            "  more",
            "```",
            "~~~",
            "text " * 30,
            "x" * 3000,
            "===",
            "---",
            "> q",
            "1. one",
        ]
    )
    | st.text(max_size=40).map(lambda text: text.replace("\n", " ")),
    max_size=40,
)


@given(texts)
def test_nothing_is_lost_and_lines_are_right(lines: list[str]):
    """Each passage is the lines that it says it is, or a piece of one line; only bare headings and front matter are left out."""
    for blocks in (markdown_blocks(lines), paragraphs(lines)):
        passages = pack("a.md", lines, blocks)
        for passage in passages:
            own = "\n".join(lines[passage.first_line - 1 : passage.last_line])
            assert passage.text == own or (passage.first_line == passage.last_line and passage.text in own)
            assert len(passage.text) <= LONGEST
        starts = [passage.first_line for passage in passages]
        assert starts == sorted(starts)
    kept = {n for p in pack("a.txt", lines, paragraphs(lines)) for n in range(p.first_line, p.last_line + 1)}
    assert {n for n, line in enumerate(lines, start=1) if line.strip()} <= kept
