from __future__ import annotations

from andon.connectors.documents.plain import paragraphs


def test_paragraphs_end_at_empty_lines():
    found = list(paragraphs(["", "one", "two", "  ", "three"]))
    assert [(block.first, block.last, block.lines) for block in found] == [
        (2, 3, ("one", "two")),
        (5, 5, ("three",)),
    ]


def test_nothing_has_no_paragraphs():
    assert list(paragraphs([])) == list(paragraphs(["", " "])) == []
