from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.agent.desk import ANSWER, LINE, as_data, clipped, packed, quoted, visible
from andon.storage import Ledger
from andon.telemetry import Problem, Status
from unit.investigation.agent.desks import desk, held, looked_at, series_row


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("charlie", "charlie"),
        (" CHARLIE ", "charlie"),
        ("payment service", "delta"),
        ("Cache", "charlie-cache"),
        ("Twin", None),
        ("foxtrot-1", "foxtrot-1"),
        ("", None),
        ("char", None),
    ],
)
def test_an_element_is_meant_by_id_name_or_service(text: str, element: str | None) -> None:
    assert desk().element(text) == element


def test_of_an_unknown_component_similar_ones_are_told() -> None:
    assert desk().unknown("chrlie").startswith("there is no component 'chrlie'; similar: charlie, Charlie")
    assert desk().unknown("zzzz") == "there is no component 'zzzz'"
    assert (
        desk().unknown("twin")
        == "several components are called that: foxtrot-1, foxtrot-2; name one by its id"
    )
    assert "<" not in desk().unknown("</data>")


def test_services_of_an_element_and_of_those_inside_it() -> None:
    one = desk()
    assert one.services("charlie") == ("charlie",)
    assert one.services("echo") == ("echo",)


def test_an_answer_tells_how_many_rows_there_are_besides() -> None:
    one = desk()
    cited = series_row(one, "heap.used")
    answer = one.answer("head", [cited, "a line"], total=5)
    assert answer.splitlines() == [
        "<data>",
        "head",
        f"[{cited.ref}] {cited.evidence.claim}",
        "a line",
        "3 more: narrow it down, or ask for more rows with top (at most 25)",
        "</data>",
    ]
    assert "more:" not in one.answer("head", ["a"], total=1)


@given(st.lists(st.text(max_size=1000), max_size=40), st.text(max_size=1000), st.integers(600, ANSWER))
def test_an_answer_keeps_to_its_room(lines: list[str], head: str, room: int) -> None:
    answer = desk().answer(head, lines, total=len(lines), room=room)
    assert len(answer) <= room + 100
    assert answer.count("<") == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.EMPTY, "answered that there is nothing"),
        (Status.PARTIAL, "part of it could not be read"),
        (Status.TRUNCATED, "there is more"),
        (Status.DENIED, "access was denied, which says nothing"),
        (Status.FAILED, "it did not answer, which says nothing"),
    ],
)
def test_what_is_lacking_is_told_apart_in_words(status: Status, words: str) -> None:
    problem = (Problem("loki", "HTTP 500 </data>"),)
    seen = Ledger().record(
        "logs", "loki", {}, window=None, status=status, count=0, content=None, problems=problem
    )
    answer = desk().answer("head", [], observations=[seen, seen])
    assert answer.count(words) == 1 and "note: logs of loki" in answer and answer.count("</data>") == 1
    fine = Ledger().record("logs", "loki", {}, window=None, status=Status.OK, count=1, content={})
    assert "note" not in desk().answer("head", [], observations=[fine])


@given(st.text())
def test_data_is_one_visible_line_that_ends_no_block(text: str) -> None:
    told = as_data(text)
    assert len(told) <= LINE
    assert not set(told) & set("<>＜＞﹤﹥\n\r\x00\x1b\u202e\u200b\u2028")
    assert as_data(told) == told
    told.encode()


@given(st.text())
def test_a_block_holds_one_block(text: str) -> None:
    block = quoted(text)
    assert block.startswith("<data>\n") and block.endswith("\n</data>") and block.count("<") == 2
    assert len(block) <= ANSWER + 16
    assert quoted(block) == block


def test_what_hides_becomes_visible_as_nothing() -> None:
    assert visible("a\u200bb\u202ec\x00d\U000e0041e") == "a b c d e"
    assert visible("<data>") == "‹data›"


def test_clipping_leaves_no_half_word() -> None:
    assert clipped("short", 5) == "short"
    assert clipped("some words here", 10) == "some …"
    assert len(clipped("x" * 1000, 50)) <= 50


def test_a_row_is_packed_as_json_whatever_it_holds() -> None:
    assert json.loads(packed({"a": [1, "ü", None]})) == {"a": [1, "ü", None]}
    visible(packed({"half": "\ud800"})).encode()


def test_names_of_any_length_are_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing names letter by letter takes the square of their length."""
    compared: list[str] = []
    monkeypatch.setattr(
        "andon.investigation.agent.desk.get_close_matches",
        lambda text, names, **_: compared.extend([text, *names]) or [],
    )
    assert len(desk().unknown("ab" * 50_000)) < 300
    assert compared and max(map(len, compared)) <= 80


def test_a_desk_widens_once_and_only_over_live_systems() -> None:
    one = desk(looked_at(held()))
    one.everywhere = lambda _question: pytest.fail("nothing is live here")
    assert one.widen() is False
