"""The imitation answers as VictoriaLogs' documentation says."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson

from andon.testing.imitations.victorialogs import VictoriaLogsImitation, VictoriaLogsRecord

RECORDS = [
    VictoriaLogsRecord(i * 10**9 + 7, f"line {i}", {"level": "info", "ns": f"n{i % 2}"}) for i in range(10)
]


def got(
    server: VictoriaLogsImitation, what: str = "query", headers: Any = None, **form: Any
) -> httpx2.Response:
    return httpx2.post(f"{server.url}/select/logsql/{what}", data={"query": "*"} | form, headers=headers)


def messages(reply: httpx2.Response) -> list[str]:
    return [orjson.loads(line)["_msg"] for line in reply.content.splitlines()]


def test_all_comes_in_no_order_unless_the_newest_are_asked_for() -> None:
    with VictoriaLogsImitation(RECORDS) as server:
        everything = messages(got(server))
        assert len(everything) == 10 and everything != sorted(everything)
        assert messages(got(server, limit=2)) == ["line 8", "line 9"]
        assert orjson.loads(got(server, limit=1).content)["_time"] == "1970-01-01T00:00:09.000000007Z"


def test_extra_filters_hold_whatever_the_query_says() -> None:
    with VictoriaLogsImitation(RECORDS) as server:
        assert len(messages(got(server, extra_filters='"ns":in("n1")'))) == 5
        assert got(server, extra_filters="* | stats count() as n").status_code == 400


def test_tenants_are_kept_apart() -> None:
    with VictoriaLogsImitation(tenants={(1, 2): RECORDS}) as server:
        assert not messages(got(server))
        assert len(messages(got(server, headers={"AccountID": "1", "ProjectID": "2"}))) == 10


def test_stats_are_a_vector() -> None:
    query = "* | stats by (ns) count() as n, sum_len(_msg) as size"
    with VictoriaLogsImitation(RECORDS) as server:
        result = got(server, "stats_query", query=query, time=9).json()["data"]["result"]
        assert got(server, "stats_query").status_code == 400
    assert {"metric": {"__name__": "n", "ns": "n0"}, "value": [9.0, "5"]} in result
    assert {"metric": {"__name__": "size", "ns": "n1"}, "value": [9.0, "30"]} in result


def test_windows_that_are_too_long_are_refused() -> None:
    with VictoriaLogsImitation(RECORDS, max_query_time_range=5.0) as server:
        reply = got(server)
    assert reply.status_code == 400 and "-search.maxQueryTimeRange=5s" in reply.text
