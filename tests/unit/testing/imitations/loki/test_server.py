"""The imitation refuses what Loki refuses."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from andon.telemetry import LogRecord, Logs, Window
from andon.testing.imitations.loki import LokiEntry, LokiImitation, LokiLimits, LokiStream

STREAM = LokiStream({"app": "a"}, tuple(LokiEntry(i, f"line {i}") for i in range(1, 301)))
PATH = "/loki/api/v1/query_range"


def got(server: LokiImitation, path: str = PATH, headers: Any = None, **params: Any) -> httpx2.Response:
    query = {"query": '{app="a"}', "start": 0, "end": 1000} | params
    return httpx2.get(server.url + path, params=query, headers=headers)


def lines(reply: httpx2.Response) -> list[str]:
    return [value[1] for stream in reply.json()["data"]["result"] for value in stream["values"]]


def test_a_hundred_of_the_newest_come_unless_asked_otherwise() -> None:
    with LokiImitation([STREAM]) as server:
        assert lines(got(server))[0] == "line 300" and len(lines(got(server))) == 100
        assert lines(got(server, direction="forward", limit=2)) == ["line 1", "line 2"]


def test_ranges_are_half_open() -> None:
    with LokiImitation([STREAM]) as server:
        assert lines(got(server, start=5, end=7, direction="forward")) == ["line 5", "line 6"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"limit": 5001}, "limit > max_entries_limit_per_query (5001 > 5000)"),
        ({"query": "{}"}, "at least one regexp or equality matcher"),
        (
            {"end": 722 * 3600 * 10**9},
            "the query time range exceeds the limit (query length: 722h0m0s, limit: 30d1h)",
        ),
    ],
)
def test_limits_are_refused_in_lokis_words(params: dict[str, Any], words: str) -> None:
    with LokiImitation([STREAM]) as server:
        reply = got(server, **params)
    assert reply.status_code == 400 and words in reply.text


def test_bytes_and_series_are_limited() -> None:
    with LokiImitation([STREAM], limits=LokiLimits(max_query_bytes_read=10)) as server:
        assert "too many bytes" in got(server).text
    many = [LokiStream({"app": "a", "n": str(i)}, (LokiEntry(1, "x"),)) for i in range(3)]
    with LokiImitation(many, limits=LokiLimits(max_query_series=2)) as server:
        reply = got(server, "/loki/api/v1/query", query='sum by (n) (count_over_time({app="a"}[1s]))', time=9)
        assert reply.status_code == 400 and "maximum number of series (2)" in reply.text


def test_tenants_are_required_and_kept_apart() -> None:
    with LokiImitation(tenants={"red": [STREAM], "blue": []}) as server:
        refused = got(server)
        assert (refused.status_code, refused.text) == (401, "no org id\n")
        assert len(lines(got(server, headers={"X-Scope-OrgID": "red"}))) == 100
        assert not lines(got(server, headers={"X-Scope-OrgID": "blue"}))
        both = got(server, headers={"X-Scope-OrgID": "red|blue"}).json()["data"]["result"]
        assert both[0]["stream"]["__tenant_id__"] == "red"


def test_a_busy_one_says_so() -> None:
    with LokiImitation([STREAM], busy=1) as server:
        assert got(server).status_code == 429 and got(server).status_code == 200


def test_metadata_is_a_third_element_only_on_request() -> None:
    stream = LokiStream({"app": "a"}, (LokiEntry(1, "x", {"level": "warn"}),))
    with LokiImitation([stream]) as server:
        mixed = got(server).json()["data"]["result"][0]
        apart = got(server, headers={"X-Loki-Response-Encoding-Flags": "categorize-labels"}).json()
    assert mixed == {"stream": {"app": "a", "level": "warn"}, "values": [["1", "x"]]}
    assert apart["data"]["result"][0]["values"][0][2] == {"structuredMetadata": {"level": "warn"}}


def test_recorded_logs_are_held_whole() -> None:
    logs = Logs.of([LogRecord(10.0 + i, 17, "pay", f"line {i}") for i in range(50)])
    server = LokiImitation.of_logs(logs)
    whole, half = server.held_bytes(Window(0, 100)), server.held_bytes(Window(10, 35))
    assert 0 < half < whole
    with server:
        reply = got(
            server,
            query='{service_name="pay"} | detected_level="error"',
            end=100 * 10**9,
            headers={"X-Loki-Response-Encoding-Flags": "categorize-labels"},
        )
        assert len(lines(reply)) == 50 and whole <= len(reply.content)
