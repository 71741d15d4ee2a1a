from __future__ import annotations

from andon.telemetry import Passage


def test_a_passage_says_where_it_stands():
    passage = Passage("db/pool.md", 41, 44, "text", ("Database", "Pool exhausted"))
    assert passage.place == "db/pool.md:41"
    assert passage.heading == "Database > Pool exhausted"
    assert passage.titled == "Database > Pool exhausted\ntext"


def test_a_passage_of_a_pdf_says_on_which_page():
    assert Passage("manual.pdf", 12, 14, "text", page=3).place == "manual.pdf, page 3, line 12"
