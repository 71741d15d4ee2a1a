from __future__ import annotations

import pytest

from andon.connectors.tempo.searches import NotUnderstood, Searches
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

T = 1_781_863_000.0
WINDOW = Window(T, T + 60)


def everything(resource, attributes) -> bool:
    return True


def test_limits_are_learned_from_refusals(tempo, spans_of) -> None:
    connector, server = tempo(spans_of(50, 60), most_spans=2, most_traces=20)
    searches = Searches(connector.wire)
    found = searches.search("{ }", WINDOW)
    assert (searches.spans_at_most, searches.traces_at_most) == (2, 20)
    assert len(found.traces) == 20 and found.full
    assert {len(one.items) for one in found.traces} == {2}
    asked = len(server.asked)
    searches.search("{ }", WINDOW, spans=1)
    assert len(server.asked) == asked + 1


def test_full_answers_are_asked_again_in_halves(tempo, spans_of) -> None:
    spans = spans_of(300, 60)
    connector, _ = tempo(spans, most_traces=20)
    found = Searches(connector.wire).every("{ }", WINDOW)
    assert {one.id.rjust(32, "0") for each in found for one in each.traces} == set(spans.trace_ids)
    assert not any(each.full for each in found)


def test_a_second_that_is_too_full_stays_full(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(100, 0.9), most_traces=20)
    found = Searches(connector.wire).every("{ }", Window(T, T + 1))
    assert [(len(each.traces), each.full) for each in found] == [(20, True)]


def test_answers_that_are_too_large_are_asked_in_halves(tempo, spans_of) -> None:
    spans = spans_of(300, 60)
    connector, _ = tempo(spans, limits={"answer_bytes": 40_000})
    found = Searches(connector.wire).every("{ }", WINDOW)
    assert len(found) > 2
    assert {one.id.rjust(32, "0") for each in found for one in each.traces} == set(spans.trace_ids)


def test_a_window_longer_than_a_search_may_be(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(30, 60), longest=20)
    searches = Searches(connector.wire)
    with pytest.raises(Unanswered, match="168h") as refused:
        searches.search("{ }", WINDOW)
    assert refused.value.status is Status.TRUNCATED
    assert len({one.id for each in searches.every("{ }", WINDOW) for one in each.traces}) == 30


def test_a_query_that_is_not_understood(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(1, 1), version="2.7.1")
    with pytest.raises(NotUnderstood, match=r"unexpected span:parentID"):
        Searches(connector.wire).search("{ } | select(span:parentID)", WINDOW)


@pytest.mark.parametrize("version", ["2.6.0", "2.8.0"])
def test_a_trace_by_its_id(tempo, spans_of, version: str) -> None:
    spans = spans_of(3, 60)
    connector, server = tempo(spans, version=version)
    searches = Searches(connector.wire)
    for listed in searches.search("{ }", WINDOW).traces:
        trace = searches.single(listed, everything).trace
        assert trace is not None and (len(trace.spans), trace.start) == (3, pytest.approx(listed.start))
    versions = [asked.path.split("/")[2] for asked in server.asked if "traces/" in asked.path]
    assert versions == (["v2"] * 3 if version == "2.8.0" else ["v2", "traces", "traces", "traces"])


def test_traces_that_are_gone_or_too_large(tempo, spans_of) -> None:
    spans = spans_of(2, 60)
    connector, _ = tempo(spans, lost=[spans.trace_ids[0]], largest=2)
    searches = Searches(connector.wire)
    singles = {
        one.id.rjust(32, "0"): searches.single(one, everything)
        for one in searches.search("{ }", WINDOW).traces
    }
    assert singles.pop(spans.trace_ids[0]).trace is None
    (partial,) = singles.values()
    assert partial.trace is not None and len(partial.trace.spans) == 2
    assert "maximum size" in partial.gap
