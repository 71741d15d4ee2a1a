from __future__ import annotations

import dataclasses
import hashlib
import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.storage import Observation, canonical, query_key
from andon.telemetry import Status

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def observed(content: Any) -> Observation:
    hashed = hashlib.sha256(canonical(content)).hexdigest()
    return Observation("logs-1", "logs", "prod", {"what": "all"}, None, Status.OK, 1, content, hashed)


@given(plain)
def test_what_was_recorded_is_intact(content: Any) -> None:
    assert observed(content).intact


@given(plain, plain)
def test_what_was_changed_is_not(content: Any, other: Any) -> None:
    changed = dataclasses.replace(observed(content), content=other)
    assert changed.intact == (canonical(content) == canonical(other))


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical({"b": {"y": 1, "x": 2}, "a": 0}) == canonical({"a": 0, "b": {"x": 2, "y": 1}})
    assert canonical([1, 2]) != canonical([2, 1])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_become_null(value: float) -> None:
    assert canonical({"a": [value]}) == b'{"a":[null]}'


def test_the_key_tells_tools_sources_and_queries_apart() -> None:
    keys = {
        query_key("logs", "prod", {"a": 1}),
        query_key("metrics", "prod", {"a": 1}),
        query_key("logs", "test", {"a": 1}),
        query_key("logs", "prod", {"a": 2}),
        query_key("logs", "prod", {}),
    }
    assert len(keys) == 5
    assert query_key("logs", "prod", {"a": 1, "b": 2}) == query_key("logs", "prod", {"b": 2, "a": 1})
    assert observed(1).key == query_key("logs", "prod", {"what": "all"})


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, [2**70], [-(2**70)], ("x\ud800y", 1)])
def test_what_json_cannot_hold_is_kept_in_another_form(value: Any) -> None:
    packed = canonical({"a": value})
    again = orjson.loads(packed)
    assert canonical(again) == packed
    assert again["a"]


def test_numbers_beyond_json_keep_their_digits() -> None:
    assert (
        canonical([2**70, 2**63, -(2**63)])
        == b'["1180591620717411303424",9223372036854775808,-9223372036854775808]'
    )


def test_what_contains_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "…".encode() in canonical(endless)
