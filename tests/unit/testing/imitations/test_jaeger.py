"""The limits that the imitation enforces, as Jaeger's source states them."""

from __future__ import annotations

from typing import Any

import orjson

from andon.telemetry import Span, SpanKind, Spans
from andon.testing.imitation import Asked
from andon.testing.imitations.jaeger import JaegerImitation

T = 1_781_863_000
SPANS = Spans.of(
    [
        Span(f"{n // 5 + 1:032x}", f"{n + 1:016x}", "", "a", "x", SpanKind.SERVER, T + n // 5, 3.0, False)
        for n in range(750)
    ]
)


def get(server: JaegerImitation, path: str, **params: Any) -> tuple[int, Any]:
    pairs = tuple((name, str(value)) for name, value in params.items())
    told = server.answer(Asked("GET", path, pairs, {}, b""))
    return told.status, orjson.loads(told.body) if told.body.startswith(b"{") else told.body


def test_it_cuts_without_a_word_and_keeps_the_latest() -> None:
    server = JaegerImitation.of_spans(SPANS)
    _, answer = get(server, "/api/traces", service="a", start=T * 10**6, end=(T + 999) * 10**6)
    assert (len(answer["data"]), answer["errors"]) == (100, None)
    assert min(one["spans"][0]["startTime"] for one in answer["data"]) == (T + 50) * 10**6


def test_cassandra_cuts_at_spans() -> None:
    server = JaegerImitation.of_spans(SPANS, rows=3)
    _, answer = get(server, "/api/traces", service="a", start=T * 10**6, end=(T + 999) * 10**6, limit=10)
    assert len(answer["data"]) == 6


def test_a_service_is_required_and_times_are_whole() -> None:
    server = JaegerImitation.of_spans(SPANS)
    status, answer = get(server, "/api/traces")
    assert (status, answer["errors"]) == (400, [{"code": 400, "msg": "parameter 'service' is required"}])
    status, answer = get(server, "/api/dependencies", endTs="1.5")
    assert status == 400 and "unable to parse param 'endTs'" in answer["errors"][0]["msg"]


def test_only_under_its_prefix() -> None:
    server = JaegerImitation.of_spans(SPANS, prefix="/select/jaeger")
    assert get(server, "/api/services")[0] == 404
    assert get(server, "/select/jaeger/api/services")[1]["data"] == ["a"]
