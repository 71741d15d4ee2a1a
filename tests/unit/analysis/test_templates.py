from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.analysis import templates
from andon.analysis.templates import Template, TemplateTable, mine

WORDS = st.sampled_from(
    [
        "connect",
        "to",
        "host",
        "db-1",
        "10.0.0.1",
        "user",
        "alice",
        "bob",
        "failed",
        "x=1",
        "(a)",
        "[",
        '"',
        "'",
        "7ms",
        "…",
        "/a/b",
        "=",
        "\x00",
    ]
)
LINES = st.one_of(st.lists(WORDS, max_size=8).map(" ".join), st.text(max_size=80))


def groups(bodies: list[str], table: TemplateTable) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for body, code in zip(bodies, table.codes.tolist(), strict=True):
        found.setdefault(table.templates[code].id, set()).add(body)
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=30), st.randoms(use_true_random=False))
def test_every_line_matches_its_template_whatever_the_order(bodies: list[str], chance: random.Random) -> None:
    table = mine(bodies)
    assert len(table.codes) == len(bodies)
    for body, code in zip(bodies, table.codes.tolist(), strict=True):
        assert table.templates[code].matches(body)
    shuffled = bodies[:]
    chance.shuffle(shuffled)
    assert groups(shuffled, mine(shuffled)) == groups(bodies, table)
    assert groups(bodies * 2, mine(bodies * 2)) == groups(bodies, table)


@settings(deadline=None)
@given(st.lists(LINES, max_size=30))
def test_templates_are_distinct_and_all_used(bodies: list[str]) -> None:
    table = mine(bodies)
    assert len({template.id for template in table.templates}) == len(table)
    assert set(table.codes.tolist()) == set(range(len(table)))


def texts(*bodies: str) -> list[str]:
    return [template.text for template in mine(bodies).templates]


def test_parameters_become_places() -> None:
    assert texts("took 5ms for order 7", "took 1.5s for order 12") == ["took <duration> for order <number>"]


def test_words_with_digits_vary() -> None:
    assert texts("pod cart-7f9c started on north1", "pod shipping-b2 started on south3") == [
        "pod <*> started on <*>"
    ]


def test_different_statements_stay_apart() -> None:
    assert len(texts("cache startup succeeded", "cache shutdown succeeded", "cron startup succeeded")) == 3
    assert len(texts("state changed from NEW to INITED", "state changed from NEW to FAILED")) == 2
    assert (
        len(
            texts(
                "call failed: java.io.IOException: broken", "call failed: java.net.ConnectException: broken"
            )
        )
        == 2
    )
    assert len(texts("ready is true for worker", "ready is false for worker")) == 2


def test_many_words_in_the_same_surroundings_are_one_parameter() -> None:
    names = ["ann", "ben", "cem", "dora", "eve", "fay", "gil", "hal", "ida"]
    assert texts(*(f"greeted {name} today" for name in names)) == ["greeted <*> today"]
    assert texts("session closed for user root", "session closed for user www") == [
        "session closed for user <*>"
    ]
    assert texts("rhost=a.example user=root", "rhost=b.example user=www") == ["rhost=<*> user=<*>"]


def test_a_json_body_is_known_by_its_message_or_by_its_keys() -> None:
    bodies = [
        '{"level":"info","msg":"took 5ms"}',
        "took 7ms",
        '{"b":1,"a":2}',
        '{"a":3,"b":[]}',
        '{"broken": ',
    ]
    table = mine(bodies)
    assert table.codes.tolist() == [0, 0, 1, 1, 2]
    assert table.templates[1].text == "{a, b}"


def test_a_stack_trace_is_known_by_its_first_line_and_a_traceback_by_its_last() -> None:
    java = "request 7 failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:7)"
    python = 'Traceback (most recent call last):\n  File "a.py", line 7, in f\nValueError: bad 7\n'
    assert texts(java, python) == ["request <number> failed", "ValueError: bad <number>"]


def test_hostile_bodies_are_templates_like_any_other() -> None:
    bodies = [
        "",
        "\x00\x01\x02",
        "\x1b[2J\x1b]0;x\x07",
        "x" * 10_000_000,
        "{" * 5000,
        "=" * 5000,
        "\ud800\udfff",
        "サービス 3 停止",
        "a:" * 900,
    ]
    table = mine(bodies)
    assert all(
        table.templates[code].matches(body) for code, body in zip(table.codes.tolist(), bodies, strict=True)
    )
    assert table.templates[int(table.codes[7])].text == "サービス <number> 停止"


def test_no_lines_no_templates() -> None:
    table = mine([])
    assert table.templates == ()
    assert table.codes.shape == (0,)


def test_an_identifier_depends_on_the_content_alone() -> None:
    first, second = mine(["took 5ms", "stopped"]), mine(["stopped", "started", "took 9ms"])
    assert first.templates[0].id == second.templates[2].id
    assert first.templates[1].id == second.templates[0].id
    assert mine(["a <number>"]).templates[0].id != mine(["a 7"]).templates[0].id


def test_beyond_the_cap_lines_are_told_apart_by_their_first_words_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(templates, "MAX_FORMS", 4)
    letters = "abcdefghijklmnop"
    bodies = [f"say {letter} {letter}{letter} end" for letter in letters]
    table = mine(bodies)
    assert table.overflow == len(letters) - 4
    assert len(table) <= 9
    assert all(
        table.templates[code].matches(body) for code, body in zip(table.codes.tolist(), bodies, strict=True)
    )
    assert table.templates[int(table.codes[-1])].text == "<*>"


def test_a_template_does_not_match_another_statement() -> None:
    template = mine(["took 5ms for user ann", "took 6ms for user bob"]).templates[0]
    assert isinstance(template, Template)
    assert template.matches("took 1h for user carol")
    assert not template.matches("took 5 for user ann")
    assert not template.matches("lost 5ms for user ann")
    assert not template.matches("took 5ms for user")
