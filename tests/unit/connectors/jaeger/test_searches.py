from __future__ import annotations

import pytest

from andon.connectors.jaeger import JaegerScope
from andon.connectors.jaeger.searches import Searches
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Window

T = 1_781_863_000.0


@pytest.mark.parametrize("rows", [0, 3])
def test_a_silent_cut_is_seen_and_asked_again_in_halves(jaeger, spans_of, rows: int) -> None:
    spans = spans_of(450, 60)
    connector, server = jaeger(spans, rows=rows)
    searches = Searches(connector.wire, JaegerScope())
    found, whole = searches.every("gateway", Window(T, T + 61))
    assert whole and len(server.asked) > 2
    assert {trace.id for one in found for trace in one.traces} == set(spans.trace_ids)


def test_too_many_at_one_moment(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(300, 0.0001))
    found, whole = Searches(connector.wire, JaegerScope()).every("gateway", Window(T, T + 1))
    assert not whole and found


def test_the_words_of_a_refusal_are_told(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(1, 1))
    with pytest.raises(Unanswered, match="parameter 'service' is required"):
        Searches(connector.wire, JaegerScope()).search("", Window(T, T + 1), 5)
