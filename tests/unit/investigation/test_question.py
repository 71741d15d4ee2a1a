from __future__ import annotations

from pydantic import TypeAdapter

from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.telemetry import Window


def test_lists_grow_and_single_values_are_replaced() -> None:
    first = Question(
        "a fails", components=("a",), kind=SymptomKind.SLOW, pins=("p",), facts=("f",), undone=(("c", 1.0),)
    )
    more = Question(
        "", incident=Window(1, 2), pins=("q", "p"), facts=("g",), cleared=("c",), undone=(("c", 2.0),)
    )
    both = first.with_(more)
    assert (both.text, both.components, both.kind, both.incident) == (
        "a fails",
        ("a",),
        SymptomKind.SLOW,
        Window(1, 2),
    )
    assert (both.pins, both.facts, both.cleared) == (("p", "q"), ("f", "g"), ("c",))
    assert both.undone == (("c", 2.0),)


def test_the_later_word_holds() -> None:
    first = Question("x", pins=("a",), also=("b",), exclude=("c", "d"))
    assert first.with_(Question("", exclude=("a", "b"))) == Question("x", exclude=("c", "d", "a", "b"))
    assert first.with_(Question("", pins=("c",))).exclude == ("d",)
    assert first.with_(Question("", components=("d",))).exclude == ("c",)


def test_nothing_more_changes_nothing_and_it_is_kept_as_json() -> None:
    first = Question("x", pins=("a",), undone=(("c", 1.5),), incident=Window(1, 2))
    assert first.with_(Question("")) == first.with_(first) == first
    adapter = TypeAdapter(Question)
    assert adapter.validate_json(adapter.dump_json(first)) == first


def test_what_is_doubted_is_cleared_no_more_and_the_later_word_holds() -> None:
    cleared = Question("", cleared=("deploy-7", "flag-1"))
    doubted = cleared.with_(Question("", doubted=("deploy-7",)))
    assert (doubted.cleared, doubted.doubted) == (("flag-1",), ("deploy-7",))
    again = doubted.with_(cleared)
    assert (set(again.cleared), again.doubted) == ({"deploy-7", "flag-1"}, ())
