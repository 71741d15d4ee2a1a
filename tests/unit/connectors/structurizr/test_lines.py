import pytest

from andon.connectors.structurizr.lines import (
    MAX_LINE,
    Line,
    braces,
    logical_lines,
    opens_block,
    statement,
)
from andon.errors import ParseError


def said(text: str) -> tuple[str, ...]:
    return statement(Line("f.dsl", 1, text)).words


def test_words_are_split_at_whitespace_and_kept_in_quotes() -> None:
    assert said('a = person\t"A  B" "" plain') == ("a", "=", "person", "A  B", "", "plain")


def test_a_quote_and_a_backslash_can_be_escaped() -> None:
    assert said(r'name "say \"hi\" \\ \n"') == ("name", r'say "hi" \ \n')


def test_a_quote_inside_a_bare_word_is_part_of_it() -> None:
    assert said('include element.tag=="Tag 1"') == ("include", 'element.tag=="Tag', '1"')


def test_a_comment_may_follow_a_statement_but_a_colour_is_no_comment() -> None:
    assert said('a "x" // because') == ("a", "x")
    assert said("background #ffffff") == ("background", "#ffffff")
    assert said("theme https://example.com/a") == ("theme", "https://example.com/a")


def test_braces() -> None:
    assert statement(Line("f", 1, 'person "A"{')).opens
    assert statement(Line("f", 1, " } ")).closes
    assert statement(Line("f", 1, 'person "{"')).words == ("person", "{")
    assert not statement(Line("f", 1, 'person "{"')).opens


@pytest.mark.parametrize("text", ['person "A', "} more", 'a { b "c"', "a { }"])
def test_misplaced_braces_and_open_quotes_are_refused(text: str) -> None:
    with pytest.raises(ParseError) as error:
        said(text)
    assert error.value.line == 1
    assert error.value.expected


def test_logical_lines_join_and_number_from_their_first_line() -> None:
    text = "\ufeff# one\n\na \\\n  b \\\n  c\r\n// x\nd"
    assert [(line.number, line.text) for line in logical_lines(text, "f")] == [(3, "a b c"), (7, "d")]


def test_block_comments_start_a_line_and_may_span_lines() -> None:
    text = "/* one */\na\n  /*\n b }\n c */\nd /* e\n/*/\n*/\nf"
    assert [line.text for line in logical_lines(text, "f")] == ["a", "d /* e", "f"]


def test_a_text_block_is_one_word_without_its_margin() -> None:
    lines = list(logical_lines('!const A """\n   one "1"\n\n     two\n"""\nb', "f"))
    assert statement(lines[0]).words == ("!const", "A", 'one "1"\n\n  two')
    assert (lines[1].number, lines[1].text) == (6, "b")


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n/* b\nc", 2), ('a\n\nb """\nc', 3), ("a\nb\0c", 2), ("a\n" + "x" * (MAX_LINE + 1), 2)],
)
def test_text_without_an_end_and_binary_text_are_refused_with_their_line(text: str, line: int) -> None:
    with pytest.raises(ParseError) as error:
        list(logical_lines(text, "f.dsl"))
    assert (error.value.file, error.value.line) == ("f.dsl", line)


def test_continued_lines_count_together() -> None:
    with pytest.raises(ParseError, match="characters"):
        list(logical_lines(("x" * 1000 + "\\\n") * 1100, "f"))


def test_skipped_lines_are_read_leniently() -> None:
    assert opens_block(Line("f", 1, 'element "Tag {')) is False
    assert opens_block(Line("f", 1, 'element "Tag" {'))
    assert opens_block(Line("f", 1, "{"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("each {", 1),
        ("} else {", 0),
        ('println("{{{")', 0),
        ("x = '}' // }", 0),
        ("/* { */ {", 1),
        ("a { b { c } }", 0),
    ],
)
def test_braces_of_script_ignore_strings_and_comments(text: str, count: int) -> None:
    assert braces(Line("f", 1, text)) == count
