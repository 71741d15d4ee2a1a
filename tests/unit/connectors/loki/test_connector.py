"""Loki's connector asks for no more than is wanted, and says what it could not get."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session, open_class
from andon.connectors.loki import LokiConnector
from andon.errors import ConfigError
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Result, Status, Window
from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.loki import LokiEntry, LokiImitation, LokiLimits, LokiStream, parsed

START = 1_781_863_000.0
WINDOW = Window(START, START + 3000)
WHOLE = Need(WINDOW)


def stream(lines: int, labels: dict[str, str], level: str = "info", step: float = 0.0) -> LokiStream:
    gap = step or 3000 / lines
    return LokiStream(
        labels,
        tuple(
            LokiEntry(
                int((START + i * gap) * 1e9), f"{level} {i}", {"detected_level": level} if level else {}
            )
            for i in range(lines)
        ),
    )


def asked(server: LokiImitation, need: Need | None = None, **options: Any) -> Result[Logs]:
    with server, Session(30.0) as session:
        return open_class(LokiConnector, "loki", {"url": server.url} | options, session).logs(need or WHOLE)


def ranges(server: LokiImitation) -> list[Any]:
    return [one for one in server.asked if one.path.endswith("query_range")]


def test_everything_comes_whole_when_it_is_wanted() -> None:
    server = LokiImitation(
        [stream(12_000, {"service_name": "a"}), stream(700, {"service_name": "b"}, "error")]
    )
    result = asked(server)
    assert result.status is Status.OK and result.count == 12_700
    assert len({(r.service, r.body) for r in result.value}) == 12_700
    assert all(fetch.share == 1.0 for fetch in result.fetches)


def test_errors_are_whole_and_the_rest_is_sampled() -> None:
    server = LokiImitation(
        [stream(20_000, {"service_name": "a"}), stream(300, {"service_name": "b"}, "error")]
    )
    result = asked(server, Need(WINDOW, items=2000))
    severities = Counter(record.severity for record in result.value)
    assert severities[ERROR] == 300
    assert 1000 < severities[INFO] <= 1700
    shares = {fetch.share for fetch in result.fetches if "info" in fetch.query}
    assert len(shares) == 1
    assert severities[INFO] / shares.pop() == pytest.approx(20_000, rel=0.1)
    assert server.sent < 400_000


def test_without_levels_words_tell_what_is_severe() -> None:
    quiet, loud = stream(5000, {"app": "a"}, ""), stream(50, {"app": "b"}, "")
    loud = LokiStream(
        loud.labels, tuple(LokiEntry(e.ns, f"request {i} failed") for i, e in enumerate(loud.entries))
    )
    result = asked(LokiImitation([quiet, loud]), Need(WINDOW, items=500))
    assert sum(record.service == "b" for record in result.value) == 50
    assert result.count <= 500


def test_a_lower_cap_of_the_server_is_understood() -> None:
    server = LokiImitation([stream(500, {"app": "a"})], limits=LokiLimits(max_entries_limit_per_query=60))
    result = asked(server)
    assert result.status is Status.OK and result.count == 500


def test_more_records_in_a_nanosecond_than_the_cap_are_told() -> None:
    same = LokiStream({"app": "a"}, tuple(LokiEntry(int(START * 1e9), f"x {i}") for i in range(50)))
    result = asked(LokiImitation([same], limits=LokiLimits(max_entries_limit_per_query=20)))
    assert result.status is Status.PARTIAL
    assert any("nanosecond" in problem.message for problem in result.problems)


def test_bytes_that_the_server_does_not_read_at_once_are_asked_for_in_parts() -> None:
    one = stream(400, {"app": "a"})
    size = sum(len(entry.line) for entry in one.entries)
    server = LokiImitation([one], limits=LokiLimits(max_query_bytes_read=size // 2))
    result = asked(server)
    assert result.status is Status.OK and result.count == 400
    assert len(ranges(server)) > 2


def test_months_are_asked_for_in_queries_that_are_short_enough() -> None:
    server = LokiImitation([stream(100, {"app": "a"}, step=86_400.0)])
    result = asked(server, Need(Window(START, START + 100 * 86_400)))
    assert result.status is Status.OK and result.count == 100


def test_no_more_is_scanned_than_the_budget_allows() -> None:
    server = LokiImitation([stream(50_000, {"app": "a"}, "warn")])
    result = asked(server, limits={"bytes": 60_000})
    assert 0 < result.count < 5000
    assert all(
        fetch.share < 0.2 for fetch in result.fetches if "query_range" not in fetch.query and fetch.items > 9
    )


def test_tenants_see_their_own() -> None:
    tenants = {"red": [stream(5, {"app": "a"})], "blue": [stream(7, {"app": "b"})]}
    assert asked(LokiImitation(tenants=tenants)).status is Status.DENIED
    assert asked(LokiImitation(tenants=tenants), tenants=["red"]).count == 5
    both = asked(LokiImitation(tenants=tenants), tenants=["red", "blue"])
    assert both.count == 12 and both.fetches[0].place == "tenant red|blue"
    with pytest.raises(ConfigError):
        asked(LokiImitation(), tenants=["red|blue"])


def test_the_scope_is_in_every_query_and_checked_on_what_comes_back() -> None:
    streams = [stream(5, {"app": "a", "ns": "shop"}), stream(7, {"app": "b", "ns": "bank"})]
    server = LokiImitation(streams)
    result = asked(server, scope={"match": {"ns": ["shop"]}})
    assert result.count == 5
    assert all('ns="shop"' in one.param("query") for one in server.asked)


def test_what_a_gateway_lets_through_beyond_the_scope_is_left_out() -> None:
    class Leaking(LokiImitation):
        def _query(self, asked: Any) -> Any:
            return parsed(asked.param("query").replace('ns="shop"', 'ns=~".+"'))

    server = Leaking([stream(5, {"app": "a", "ns": "shop"}), stream(7, {"app": "b", "ns": "bank"})])
    result = asked(server, scope={"match": {"ns": ["shop"]}})
    assert result.count == 5 and result.status is Status.PARTIAL
    assert result.problems[0].count == 7 and "scope" in result.problems[0].message


def test_services_narrow_the_query_by_the_label_that_names_them() -> None:
    streams = [
        stream(5, {"service_name": "unknown_service", "job": "shop/bff"}),
        stream(7, {"service_name": "pay", "job": "shop/pay"}),
    ]
    result = asked(LokiImitation(streams), Need(WINDOW, ("bff",)))
    assert result.count == 5 and {record.service for record in result.value} == {"bff"}
    assert asked(LokiImitation(streams), Need(WINDOW, ("nobody",))).status is Status.EMPTY


def test_services_outside_of_the_scope_are_refused() -> None:
    streams = [stream(5, {"app": "a"}), stream(7, {"app": "b"})]
    options = {"scope": {"match": {"app": ["a"]}}}
    refused = asked(LokiImitation(streams), Need(WINDOW, ("b",)), **options)
    assert (
        refused.status is Status.DENIED and "outside the scope of source loki" in refused.problems[0].message
    )
    partly = asked(LokiImitation(streams), Need(WINDOW, ("a", "b")), **options)
    assert partly.status is Status.PARTIAL and partly.count == 5


def test_a_busy_server_is_asked_again() -> None:
    assert asked(LokiImitation([stream(5, {"app": "a"})], busy=2)).count == 5


def test_without_index_stats_counts_do() -> None:
    server = LokiImitation([stream(50, {"app": "a"})], without=("/loki/api/v1/index/stats",))
    assert asked(server).count == 50


def test_windows_are_half_open() -> None:
    server = LokiImitation([stream(11, {"app": "a"}, step=10.0)])
    result = asked(server, Need(Window(START + 10, START + 30)))
    assert [record.time - START for record in result.value] == [10.0, 20.0]


def test_records_carry_what_was_recorded() -> None:
    record = LogRecord(START + 1, ERROR, "pay", "no money", "4bf92f3577b34da6a3ce929d0e0e4736")
    (found,) = asked(LokiImitation.of_logs(Logs.of([record]))).value
    assert (found.time, found.severity, found.service, found.body, found.trace_id) == (
        record.time,
        record.severity,
        record.service,
        record.body,
        record.trace_id,
    )


def test_check_tells_of_stale_logs_and_labels() -> None:
    with LokiImitation([stream(5, {"color": "red"})]) as server, Session(20.0) as session:
        checks = open_class(LokiConnector, "loki", {"url": server.url}, session).check()
    found = {check.what: check for check in checks}
    assert found["labels"].found == "no stream in the last day"


JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None, max_examples=10)
@given(JSON, st.sampled_from(["labels", "index/stats", "query", "query_range"]))
def test_arbitrary_answers_never_crash(content: Any, endpoint: str) -> None:
    class Odd(LokiImitation):
        def answer(self, asked: Asked) -> Told:
            return json_told(content) if asked.path.endswith(f"v1/{endpoint}") else super().answer(asked)

    assert asked(Odd([stream(5, {"app": "a"})])).status in Status


def test_services_are_listed_without_reading_a_line() -> None:
    streams = [stream(10, {"service_name": name, "job": f"x/{name}"}) for name in ("shop", "pay")]
    server = LokiImitation(streams)
    with server, Session(30.0) as session:
        connector = open_class(LokiConnector, "loki", {"url": server.url}, session)
        assert connector.services(WHOLE).value == ("pay", "shop")
        inside = open_class(
            LokiConnector,
            "loki",
            {"url": server.url, "scope": {"match": {"service_name": ["shop"]}}},
            session,
        )
        assert inside.services(WHOLE).value == ("shop",)
    assert not ranges(server)
