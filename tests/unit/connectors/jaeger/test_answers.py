from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.jaeger import answers
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply


def everything(process: Any, tags: Any) -> bool:
    return True


def reply(content: Any) -> Reply:
    return Reply(200, {}, orjson.dumps(content))


def test_services() -> None:
    assert answers.services(reply({"data": ["b", "a", "b", "", 3]})) == ("a", "b")
    assert answers.services(reply({"data": None, "total": 0})) == ()


def test_errors_beside_traces_and_instead_of_them() -> None:
    span = {"traceID": "aa", "spanID": "b", "startTime": 1, "duration": 2}
    errors = [{"code": 500, "msg": "shard 3 failed"}]
    found = answers.found(reply({"data": [{"spans": [span]}, 7], "errors": errors}), everything)
    assert (len(found.traces), found.listed, found.gaps) == (1, 2, ("shard 3 failed",))
    with pytest.raises(Unanswered, match="shard 3 failed"):
        answers.found(reply({"data": None, "errors": errors}), everything)


def test_dependencies_in_the_scope() -> None:
    calls = [
        {"parent": "a", "child": "b", "callCount": 3},
        {"parent": "a", "child": "b", "callCount": 4},
        {"parent": "b", "child": "c"},
        {"parent": "a"},
    ]
    found, malformed = answers.dependencies(reply({"data": calls}), ())
    assert [(r.source, r.destination, r.calls, r.declared) for r in found.relationships] == [
        ("a", "b", 7, False),
        ("b", "c", 0, False),
    ]
    assert ([e.id for e in found.elements], malformed) == (["a", "b", "c"], 1)
    assert len(answers.dependencies(reply({"data": calls}), ("a", "b"))[0].relationships) == 1


@pytest.mark.parametrize("content", [[], None, {}, {"data": 3}, {"greeting": ["hello"]}])
def test_no_answer_of_jaeger(content: Any) -> None:
    with pytest.raises(Unanswered, match="not as Jaeger's"):
        answers.services(reply(content))


JSON = st.recursive(
    st.none() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.sampled_from(["a", "", "5"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "data errors msg spans processes parent child callCount startTime duration".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.fixed_dictionaries({"data": JSON}, optional={"errors": JSON}) | JSON)
def test_nothing_that_arrives_breaks_it(content: Any) -> None:
    for read in (
        answers.services,
        lambda one: answers.found(one, everything),
        lambda one: answers.dependencies(one, ()),
    ):
        try:
            read(reply(content))
        except Unanswered:
            continue
