"""Answers of any shape are understood or refused, never fatal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Unanswered
from andon.connectors.loki.streams import entries_of, groups_of, names_of, stats_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def answer(kind: str, result: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def test_entries_come_in_order_with_their_metadata() -> None:
    found, strange = entries_of(
        answer(
            "streams",
            [
                {"stream": {"a": "1"}, "values": [["30", "c", {"structuredMetadata": {"level": "warn"}}]]},
                {"stream": {"a": "2"}, "values": [["10", "a"], ["20", "b", {}]]},
            ],
        )
    )
    assert [entry.line for entry in found] == ["a", "b", "c"] and not strange
    assert found[2].metadata == {"level": "warn"} and found[0].labels == {"a": "2"}


def test_malformed_entries_are_counted() -> None:
    values = [["1", "good"], ["x", "no time"], ["2"], [3, "no text"], None, ["4", None]]
    found, strange = entries_of(answer("streams", [{"stream": {}, "values": values}, {"values": []}, 7]))
    assert len(found) == 1 and strange == 7


def test_a_list_that_loki_leaves_out_is_empty() -> None:
    assert names_of({"status": "success"}) == []


@settings(deadline=None)
@given(JSON)
def test_arbitrary_answers_never_crash(content: Any) -> None:
    for read in (entries_of, groups_of, names_of, stats_of):
        try:
            read(content)
        except Unanswered:
            continue


@settings(deadline=None)
@given(JSON)
def test_arbitrary_results_never_crash(content: Any) -> None:
    for kind, read in (("streams", entries_of), ("vector", groups_of)):
        try:
            read(answer(kind, [content]))
        except Unanswered:
            continue


def test_counts_are_numbers() -> None:
    with pytest.raises(Unanswered):
        groups_of(answer("vector", [{"metric": {}, "value": [1, "NaN"]}]))
    assert stats_of({"streams": 1, "chunks": 2, "entries": 3, "bytes": 4}).entries == 3
