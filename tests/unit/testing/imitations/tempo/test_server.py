"""The limits that the imitation enforces, as Tempo's documentation and source state them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from andon.telemetry import Span, SpanKind, Spans, Window
from andon.testing.imitation import Asked, Told
from andon.testing.imitations.tempo import TempoImitation

T = 1_781_863_000
SPANS = Spans.of(
    [
        Span(f"{n // 5 + 1:032x}", f"{n + 1:016x}", "", "a", "x", SpanKind.SERVER, T + n // 5, 3.0, False)
        for n in range(150)
    ]
)


def get(server: TempoImitation, path: str, **params: Any) -> Told:
    pairs = tuple((name, str(value)) for name, value in params.items())
    return server.answer(Asked("GET", path, pairs, {}, b""))


def search(server: TempoImitation, **params: Any) -> list[dict[str, Any]]:
    told = get(server, "/api/search", **{"q": "{ }", "start": T, "end": T + 60} | params)
    assert told.status == 200, told.body
    return orjson.loads(told.body)["traces"]


def test_defaults_and_overlap() -> None:
    server = TempoImitation.of_spans(SPANS)
    assert len(search(server)) == 20
    assert [len(one["spanSets"][0]["spans"]) for one in search(server, limit=1)] == [3]
    assert search(server)[0]["spanSets"][0]["matched"] == 5
    starts = sorted(
        int(one["startTimeUnixNano"]) // 10**9 for one in search(server, start=T + 10, end=T + 11)
    )
    assert starts == [T + 7, T + 8, T + 9, T + 10, T + 11]
    assert search(server)[0]["traceID"][0] != "0"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"spss": 101}, "spans per span set exceeds 100. received 101"),
        ({"limit": 0}, "invalid limit: must be a positive number"),
        ({"limit": 300_000}, "limit 300000 exceeds max limit 262144"),
        ({"start": "1.5"}, 'invalid start: strconv.ParseInt: parsing "1.5": invalid syntax'),
        ({"start": T + 60}, f"http parameter start must be before end. received start={T + 60} end={T + 60}"),
        ({"end": T + 700_000}, "range specified by start and end exceeds 168h0m0s"),
        ({"q": "{ nonsense }"}, "invalid TraceQL query: parse error"),
    ],
)
def test_refusals(params: dict[str, Any], words: str) -> None:
    server = TempoImitation.of_spans(SPANS)
    told = get(server, "/api/search", **{"q": "{ }", "start": T, "end": T + 60} | params)
    assert told.status == 400 and words in told.body.decode()


def test_metrics_can_be_off() -> None:
    asked = {"q": "{ } | count_over_time()", "start": T, "end": T + 60, "step": "10s"}
    told = get(TempoImitation.of_spans(SPANS), "/api/metrics/query_range", **asked)
    counts = [sample["value"] for sample in orjson.loads(told.body)["series"][0]["samples"]]
    assert sum(counts) == 150 and counts[0] == 50
    assert (
        get(TempoImitation.of_spans(SPANS, metrics=False), "/api/metrics/query_range", **asked).status == 404
    )


def test_held_bytes_are_those_of_the_whole_traces() -> None:
    server = TempoImitation.of_spans(SPANS)
    told = sum(len(get(server, f"/api/v2/traces/{n + 1:x}").body) for n in range(10))
    assert server.held_bytes(Window(T, T + 10)) == told
