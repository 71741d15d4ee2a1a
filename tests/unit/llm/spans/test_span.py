from __future__ import annotations

import asyncio

import pytest

from andon.llm.spans.span import Trace, annotate, recording, span, with_content


def test_where_nobody_records_a_span_is_nothing() -> None:
    with span("work") as one:
        annotate({"a": 1})
        assert not with_content()
    assert (one.attributes, one.end, one.parent) == ({}, 0, b"")


def test_what_is_under_way_is_the_parent_also_of_what_runs_side_by_side() -> None:
    trace = Trace(content=True)

    async def call(name: str) -> None:
        with span(name):
            await asyncio.sleep(0)
            annotate({"name": name})
            await asyncio.sleep(0)

    async def run() -> None:
        with span("outer"):
            await asyncio.gather(call("a"), call("b"))
        with span("after"):
            assert with_content()

    with recording(trace):
        asyncio.run(run())
    found = {one.name: one for one in trace.spans}
    assert [one.name for one in trace.spans] == ["a", "b", "outer", "after"]
    assert found["a"].parent == found["b"].parent == found["outer"].id
    assert found["outer"].parent == found["after"].parent == b""
    assert [found[name].attributes for name in "ab"] == [{"name": "a"}, {"name": "b"}]
    outer = found["outer"]
    assert all(0 < outer.start <= found[name].start < found[name].end <= outer.end for name in "ab")
    assert outer.end <= found["after"].start
    with span("later"):
        pass
    assert len(trace.spans) == 4


class Answered(Exception):
    status_code = 429


@pytest.mark.parametrize(
    ("error", "cause", "named"),
    [
        (ValueError("secret words"), None, "ValueError"),
        (ValueError("secret words"), Answered(), "429"),
        (ValueError("secret words"), KeyError("x"), "KeyError"),
        (KeyboardInterrupt(), None, "KeyboardInterrupt"),
    ],
)
def test_an_error_is_noted_by_its_class_and_goes_on(
    error: BaseException, cause: BaseException | None, named: str
) -> None:
    trace = Trace()
    with recording(trace), pytest.raises(type(error)), span("work"):
        raise error from cause
    (one,) = trace.spans
    assert one.error == named and one.end
    assert "secret" not in repr(one)
