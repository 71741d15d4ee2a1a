"""Answers of any shape are understood or refused, never fatal."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Unanswered
from andon.connectors.victorialogs.records import groups_of, rows_of

JSON = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**62), 2**62),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "data", "metric", "value", "_time", "_msg"]), inner, max_size=4
        )
    ),
)


def test_rows_carry_their_fields_and_not_those_of_the_store() -> None:
    body = (
        b'{"_time":"2026-06-19T10:20:00.123456789Z","_msg":"x","_stream":"{}","_stream_id":"1","app":"a"}\n'
    )
    ((time, message, fields),), strange = rows_of(body)
    assert (time, message, dict(fields), strange) == (1_781_864_400.123456, "x", {"app": "a"}, 0)


def test_a_record_without_a_message_is_its_fields() -> None:
    ((_, message, _),), _ = rows_of(b'{"_time":"2026-06-19T10:20:00Z","app":"a"}')
    assert orjson.loads(message) == {"app": "a"}


def test_malformed_lines_are_counted_unless_all_are() -> None:
    good = b'{"_time":"2026-06-19T10:20:00Z","_msg":"x"}'
    rows, strange = rows_of(b"\n".join([good, b"{", b'{"_msg":"no time"}', b'{"_time":"never"}']))
    assert (len(rows), strange) == (1, 3)
    with pytest.raises(Unanswered):
        rows_of(b"<html>")


@settings(deadline=None)
@given(JSON)
def test_arbitrary_answers_never_crash(content: Any) -> None:
    for read in (groups_of, lambda one: rows_of(orjson.dumps(one))):
        try:
            read(content)
        except Unanswered:
            continue


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_bytes_never_crash(body: bytes) -> None:
    try:
        rows_of(body)
    except Unanswered:
        return
