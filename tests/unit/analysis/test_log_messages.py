from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.log_messages import fields_of, message_of, messages


@given(st.lists(st.one_of(st.text(max_size=30), st.text('ab{}":\n 1', max_size=30)), max_size=6))
def test_many_bodies_give_the_messages_of_each(bodies: list[str]) -> None:
    assert list(messages(bodies)) == [message_of(body) for body in bodies]


@pytest.mark.parametrize("body", ["plain", "two\nlines", '{"msg": "said"}', "x" * 2000, "\x1b[31mred", "é"])
def test_an_odd_body_among_plain_ones_is_seen(body: str) -> None:
    assert list(messages(["first", body, "last"])) == ["first", message_of(body), "last"]


def test_fields_are_what_stands_beside_the_message() -> None:
    assert fields_of('{"msg": "said", "took_ms": 7, "message": ""}') == {"took_ms": 7, "message": ""}
    assert fields_of("plain") == {}
    assert fields_of('{"broken": ') == {}
