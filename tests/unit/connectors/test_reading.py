from __future__ import annotations

import pytest

from andon.connectors.reading import Reading
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status


def test_what_is_whole_is_ok_or_empty():
    reading = Reading("loki")
    reading.fetched("{}", items=3, size=10, share=0.5, place="tenant a")
    result = reading.result("abc", 3)
    assert (result.status, result.count, result.problems) == (Status.OK, 3, ())
    (fetch,) = result.fetches
    assert (fetch.source, fetch.place, fetch.bytes, fetch.share) == ("loki", "tenant a", 10, 0.5)
    assert reading.result("", 0).status is Status.EMPTY


@pytest.mark.parametrize("status", [Status.FAILED, Status.DENIED, Status.TRUNCATED])
def test_a_single_part_that_is_lacking_decides(status):
    reading = Reading("loki")
    with reading.part("tenant a"):
        raise Unanswered("no", status=status, hint="do this")
    result = reading.result("", 0)
    assert result.status is status
    assert [(p.place, p.message, p.hint) for p in result.problems] == [("loki tenant a", "no", "do this")]


def test_a_part_does_not_take_the_others_with_it():
    reading = Reading("loki")
    for place in "ab":
        with reading.part(place):
            if place == "a":
                raise Unanswered("no", status=Status.DENIED)
            reading.fetched("{}")
    assert reading.result("", 0).status is Status.PARTIAL
    assert reading.result("b", 1).status is Status.PARTIAL


def test_limits_alone_make_it_truncated():
    reading = Reading("loki")
    reading.fetched("{}", items=5)
    reading.lacking(Status.TRUNCATED, "there is more")
    assert reading.result("x", 5).status is Status.TRUNCATED
    reading.lacking(Status.FAILED, "and this broke")
    assert reading.result("x", 5).status is Status.PARTIAL


def test_the_worst_is_told_where_nothing_came():
    reading = Reading("loki")
    reading.lacking(Status.DENIED, "no")
    reading.lacking(Status.FAILED, "broken")
    reading.lacking(Status.FAILED, "broken")
    result = reading.result("", 0)
    assert result.status is Status.FAILED
    assert [p.count for p in result.problems] == [1, 2]


def test_a_programming_error_is_not_hidden():
    reading = Reading("loki")
    with pytest.raises(KeyError), reading.part():
        raise KeyError("ours")


def test_a_hint_is_not_lost_when_the_same_happens_again_without_one():
    reading = Reading("loki")
    reading.lacking(Status.FAILED, "broken", hint="mend it")
    reading.lacking(Status.FAILED, "broken")
    assert [(p.count, p.hint) for p in reading.result("", 0).problems] == [(2, "mend it")]
