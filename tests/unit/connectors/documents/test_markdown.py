from __future__ import annotations

from andon.connectors.documents.markdown import markdown_blocks


def blocks(text: str) -> list[tuple[int, int, str]]:
    """First and last line, and headings, of each block."""
    return [(b.first, b.last, " > ".join(b.headings)) for b in markdown_blocks(text.split("\n"))]


def test_headings_lead_to_what_stands_below_them():
    text = "# Database\n\n## Pool ##\nfull\n\n## Disk\nfull too\n\n# Other\nend"
    assert blocks(text) == [
        (3, 3, "Database > Pool"),
        (4, 4, "Database > Pool"),
        (6, 6, "Database > Disk"),
        (7, 7, "Database > Disk"),
        (9, 9, "Other"),
        (10, 10, "Other"),
    ]


def test_a_heading_without_text_is_kept_when_no_deeper_one_follows():
    assert blocks("# A\n# B") == [(1, 1, "A"), (2, 2, "B")]


def test_underlined_headings():
    assert blocks("Database\n========\n\nPool\n----\ntext") == [
        (4, 5, "Database > Pool"),
        (6, 6, "Database > Pool"),
    ]


def test_a_rule_is_no_heading():
    assert [heading for _, _, heading in blocks("text\n\n---\nmore")] == ["", ""]


def test_marks_and_anchors_are_no_part_of_a_heading():
    assert blocks("# **Pool** {#pool}\ntext")[0][2] == "Pool"
    assert blocks("#hashtag")[0][2] == ""


def test_code_is_one_block_and_holds_no_headings():
    assert blocks("text\n```sh\n# comment\n\nls\n```\nafter") == [(1, 1, ""), (2, 6, ""), (7, 7, "")]


def test_code_that_is_not_closed_runs_to_the_end():
    assert blocks("~~~\n# a\n```\nb") == [(1, 4, "")]


def test_a_list_item_keeps_what_is_indented_below_it():
    text = "1. first\n   more\n\n   ```\n# not a heading\n   ```\n2. second\n- third\n\nparagraph"
    assert [(first, last) for first, last, _ in blocks(text)] == [(1, 6), (7, 7), (8, 8), (10, 10)]


def test_the_title_of_front_matter_is_the_first_heading():
    assert blocks('---\nowner: us\ntitle: "Certificates"\n---\n# Expired\ntext')[-1] == (
        6,
        6,
        "Certificates > Expired",
    )


def test_front_matter_without_an_end_is_text():
    assert blocks("---\ntitle: A")[-1][2] == ""


def test_hostile_lines_cost_no_more_than_others():
    """It would not end in our time if the work grew with the square of the length."""
    lines = ("#" + " " * 200_000 + "x", "# " + " #" * 100_000 + "x", "# " + "{#" * 100_000, "- " * 100_000)
    for line in lines:
        assert list(markdown_blocks([line]))
    assert len(list(markdown_blocks(["- a", ""] * 50_000))) == 50_000
