"""VictoriaLogs' connector asks for no more than is wanted, and says what it could not get."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session, open_class
from andon.connectors.victorialogs import VictoriaLogsConnector
from andon.telemetry import ERROR, INFO, WARN, Logs, Result, Status, Window
from andon.testing.imitation import Asked, Told
from andon.testing.imitations.victorialogs import VictoriaLogsImitation, VictoriaLogsRecord

START = 1_781_863_000.0
WINDOW = Window(START, START + 3000)
WHOLE = Need(WINDOW)


def records(count: int, **fields: str) -> list[VictoriaLogsRecord]:
    gap = 3000 / count
    return [
        VictoriaLogsRecord(
            int((START + i * gap) * 1e9), f"request {i} {fields.get('msg', '')}", {"app": "a"} | fields
        )
        for i in range(count)
    ]


def asked(server: VictoriaLogsImitation, need: Need | None = None, **options: Any) -> Result[Logs]:
    with server, Session(30.0) as session:
        connector = open_class(VictoriaLogsConnector, "vl", {"url": server.url} | options, session)
        return connector.logs(need or WHOLE)


def test_everything_comes_whole_when_it_is_wanted() -> None:
    result = asked(VictoriaLogsImitation(records(900, level="info") + records(80, level="ERROR")))
    assert result.status is Status.OK and result.count == 980
    assert Counter(r.severity for r in result.value) == {INFO: 900, ERROR: 80}
    assert all(fetch.share == 1.0 and fetch.place == "tenant 0:0" for fetch in result.fetches)


def test_errors_are_whole_and_the_rest_is_sampled() -> None:
    server = VictoriaLogsImitation(records(9000, level="info") + records(70, level="warn"))
    result = asked(server, Need(WINDOW, items=800))
    found = Counter(record.severity for record in result.value)
    assert found[WARN] == 70 and 400 < found[INFO] <= 730
    share = {fetch.share for fetch in result.fetches if '"level":in("info")' in fetch.query}.pop()
    assert found[INFO] / share == pytest.approx(9000, rel=0.1)


def test_without_levels_words_tell_what_is_severe() -> None:
    server = VictoriaLogsImitation(records(3000) + records(40, app="b", msg="failed"))
    result = asked(server, Need(WINDOW, items=300))
    assert sum(record.service == "b" for record in result.value) == 40
    assert result.count <= 300


def test_large_windows_come_in_parts_that_neither_overlap_nor_leave_gaps() -> None:
    server = VictoriaLogsImitation(records(2000, level="info"))
    result = asked(server, limits={"answer_bytes": 200_000})
    assert len([one for one in server.asked if one.path.endswith("/query")]) > 10
    assert len({record.body for record in result.value}) == result.count == 2000


def test_tenants_see_their_own() -> None:
    held = {(0, 0): records(3), (7, 2): records(5)}
    assert asked(VictoriaLogsImitation(tenants=held)).count == 3
    result = asked(VictoriaLogsImitation(tenants=held), account=7, project=2)
    assert result.count == 5 and result.fetches[0].place == "tenant 7:2"


def test_the_scope_is_in_every_request_and_checked_on_what_comes_back() -> None:
    class Leaking(VictoriaLogsImitation):
        def answer(self, asked: Asked) -> Told:
            assert asked.form()["extra_filters"] == '"ns":in("shop")'
            form = asked.body.replace(b"extra_filters", b"ignored")
            return super().answer(Asked(asked.method, asked.path, asked.params, asked.headers, form))

    held = records(4, ns="shop") + records(6, ns="bank")
    scope = {"match": {"ns": ["shop"]}}
    assert asked(VictoriaLogsImitation(held), scope=scope).count == 4
    leaked = asked(Leaking(held), scope=scope)
    assert leaked.count == 4 and leaked.status is Status.PARTIAL


def test_services_narrow_the_query() -> None:
    server = VictoriaLogsImitation(records(4, app="pay") + records(6, job="shop/pay", app="") + records(9))
    result = asked(server, Need(WINDOW, ("pay",)))
    assert result.count == 10 and {record.service for record in result.value} == {"pay"}


def test_services_outside_of_the_scope_are_refused() -> None:
    scope = {"match": {"app": ["a"]}}
    assert asked(VictoriaLogsImitation(records(4)), Need(WINDOW, ("b",)), scope=scope).status is Status.DENIED
    partly = asked(VictoriaLogsImitation(records(4)), Need(WINDOW, ("a", "b")), scope=scope)
    assert partly.status is Status.PARTIAL and partly.count == 4


def test_a_window_that_the_server_refuses_is_told_in_its_words() -> None:
    result = asked(VictoriaLogsImitation(records(4), max_query_time_range=60.0))
    assert result.status is Status.FAILED and "maxQueryTimeRange" in result.problems[0].message


def test_fewer_records_than_were_counted_are_told() -> None:
    class Cut(VictoriaLogsImitation):
        def answer(self, asked: Asked) -> Told:
            told = super().answer(asked)
            return (
                Told(200, b"\n".join(told.body.split(b"\n")[:5])) if asked.path.endswith("/query") else told
            )

    result = asked(Cut(records(50, level="info")))
    assert result.status is Status.PARTIAL and "fewer" in result.problems[0].message


@settings(deadline=None, max_examples=10)
@given(
    st.binary()
    | st.lists(st.dictionaries(st.sampled_from(["_time", "_msg", "a"]), st.integers() | st.text())).map(
        lambda rows: "\n".join(map(repr, rows)).replace("'", '"').encode()
    ),
    st.sampled_from(["/query", "/stats_query"]),
)
def test_arbitrary_answers_never_crash(body: bytes, endpoint: str) -> None:
    class Odd(VictoriaLogsImitation):
        def answer(self, asked: Asked) -> Told:
            return Told(200, body) if asked.path.endswith(endpoint) else super().answer(asked)

    assert asked(Odd(records(3, level="info"))).status in Status
