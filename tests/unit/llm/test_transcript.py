from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.llm.transcript import Exchange, Transcript, digest


def exchange(lane: str = "a", number: int = 1, **given: Any) -> Exchange:
    message = {"kind": "request", "parts": [{"part_kind": "user-prompt", "content": "why?"}]}
    return Exchange(lane, number, "0" * 64, [message], ["metrics"], None, **given)


def test_what_is_kept_is_plain_and_comes_back_as_it_was() -> None:
    kept: list[Any] = []
    transcript = Transcript(kept.append)
    told = (
        exchange(seconds=1.5, dollars=0.25),
        exchange(number=2, kind="failed", error="gone", hint="later"),
    )
    for one in told:
        transcript.add(one, 3)
    plain = orjson.loads(orjson.dumps(kept))
    read = Transcript.unpacked(plain)
    assert [one.packed() for one in read] == plain
    assert [(one.number, one.kind, one.error, one.hint, one.dollars) for one in read] == [
        (1, "answered", "", "", 0.25),
        (2, "failed", "gone", "later", None),
    ]
    assert transcript.seconds == 1.5


@pytest.mark.parametrize("entry", [{}, {"lane": "a"}, {**exchange().packed(), "number": "many"}])
def test_what_is_no_exchange_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Transcript.unpacked([entry])


def test_lanes_are_numbered_and_counted_apart() -> None:
    transcript = Transcript()
    assert (transcript.next_number("a"), transcript.already_sent("a")) == (1, 0)
    transcript.add(exchange("a"), 1)
    transcript.add(exchange("b"), 5)
    transcript.add(exchange("a", 2), 3)
    assert (transcript.next_number("a"), transcript.next_number("b"), transcript.next_number("c")) == (
        3,
        2,
        1,
    )
    assert (transcript.already_sent("a"), transcript.already_sent("b")) == (3, 5)


def said(**given: Any) -> dict[str, Any]:
    part = {"part_kind": "user-prompt", "content": "why?", "timestamp": "2026-06-19T10:00:00Z"} | given
    return {"kind": "request", "instructions": "be brief", "parts": [part], "timestamp": "x", "run_id": "1"}


def test_when_and_by_which_client_something_was_said_does_not_count() -> None:
    one = digest([said()])
    assert one == digest([said(timestamp="2027-01-01T00:00:00Z")])
    assert one == digest([said() | {"run_id": "2", "timestamp": None}])
    assert one == digest([said(provider_name="x", provider_details={"id": 3})])
    assert one == digest([dict(reversed(said().items()))])


def test_what_was_said_counts() -> None:
    one = digest([said()])
    assert one != digest([said(content="why not?")])
    assert one != digest([said() | {"instructions": "be long"}])
    assert one != digest([said(), said()])
    assert one != digest([])


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
    )
)
def test_the_digest_is_the_same_after_it_was_kept(content: Any) -> None:
    message = said(content=content)
    assert digest([message]) == digest([orjson.loads(orjson.dumps(message))])
