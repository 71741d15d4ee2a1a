from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.analysis import templates
from andon.analysis.templates import Miner, Template, TemplateTable, mine

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


STREAM = st.lists(
    st.one_of(LINES, st.from_regex(r"[a-d]{1,2} (said|heard) [a-z]{1,3} (in|of) [a-f]", fullmatch=True)),
    max_size=60,
)


def batches(bodies: list[str], cuts: list[int]) -> list[list[str]]:
    places = sorted({0, len(bodies), *(cut % (len(bodies) + 1) for cut in cuts)})
    return [bodies[a:b] for a, b in pairwise(places)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STREAM, st.lists(st.integers(0, 100), max_size=5))
def test_the_size_of_the_batches_has_no_say(
    monkeypatch: pytest.MonkeyPatch, bodies: list[str], cuts: list[int]
) -> None:
    for name, value in (("FOLD_LOOKS", 5), ("MOST_CACHED", 7), ("MAX_FORMS", 12), ("MAX_CODES", 30)):
        monkeypatch.setattr(templates, name, value)
    whole, parts = Miner(), Miner()
    codes = whole.add(bodies).tolist()
    assert [code for batch in batches(bodies, cuts) for code in parts.add(batch).tolist()] == codes
    assert parts.table().templates == whole.table().templates
    assert parts.table().codes.tolist() == whole.table().codes.tolist()
    assert parts.overflow == whole.overflow


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STREAM, STREAM)
def test_a_miner_goes_on_from_its_stored_state(
    monkeypatch: pytest.MonkeyPatch, before: list[str], after: list[str]
) -> None:
    for name, value in (("FOLD_LOOKS", 5), ("MAX_FORMS", 12)):
        monkeypatch.setattr(templates, name, value)
    miner = Miner()
    miner.add(before)
    again = Miner.of(json.loads(json.dumps(miner.state())))
    assert again.table().templates == miner.table().templates
    assert again.add(after).tolist() == miner.add(after).tolist()
    assert again.state() == miner.state()


def test_a_stream_of_ever_new_prose_stays_bounded_and_says_what_was_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("FOLD_LOOKS", 50), ("MOST_CACHED", 60), ("MAX_FORMS", 100), ("MAX_CODES", 300)):
        monkeypatch.setattr(templates, name, value)
    chance = random.Random(5)
    miner = Miner()
    for _ in range(20):
        miner.add([" ".join("".join(chance.choices("abcdefgh", k=6)) for _ in range(12)) for _ in range(200)])
    state = miner.state()
    assert len(state["statements"]) <= 2 * 100 + 1
    assert len(state["owners"]) <= 300 + 100 + 1
    assert len(miner._cache) <= 60
    assert miner.overflow >= 3500


def test_ever_new_words_of_a_known_statement_cost_no_close_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "FOLD_LOOKS", 20)
    chance = random.Random(5)
    miner = Miner()
    names = ["".join(chance.choices("abcdefgh", k=8)) for _ in range(500)]
    codes = miner.add([f"granted access for {name} today" for name in names])
    assert len(miner.state()["owners"]) < 50
    table = miner.table()
    assert [template.text for template in table.templates] == ["granted access for <*> today"]
    assert set(table.codes[codes].tolist()) == {0}


def test_what_others_mined_can_be_taken_over() -> None:
    first, second = Miner(), Miner()
    one = first.add(["took 5ms for order 7", "stopped"])
    two = second.add(["started", "took 9ms for order 1"])
    two = first.absorb(second)[two]
    table = first.table()
    assert [table.templates[i].text for i in table.codes[[*one, *two]].tolist()] == [
        "took <duration> for order <number>",
        "stopped",
        "started",
        "took <duration> for order <number>",
    ]
