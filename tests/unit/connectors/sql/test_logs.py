from __future__ import annotations

from typing import Any

from andon.connectors import Need
from andon.telemetry import ERROR, Status, Window

START = 1_781_863_200.0
EVENTS = {"table": "events", "signal": "logs", "time": "at", "message": "text", "level": "level", "service": "machine", "attributes": ["code"]}  # fmt: skip


def events(loud: int, quiet: int) -> str:
    recursive = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {} - 1) "
    into = f"INSERT INTO events SELECT ({START:.0f} + i * 0.5) * 1000, {{}}, 'press', 'event ' || i, i % 3 FROM n;"
    made = "CREATE TABLE events (at REAL, level TEXT, machine TEXT, text TEXT, code INTEGER);"
    made += recursive.format(loud) + into.format("'ERROR'") if loud else ""
    return made + (recursive.format(quiet) + into.format("NULL") if quiet else "")


def test_errors_are_whole_and_the_rest_is_an_even_sample(connect: Any) -> None:
    need = Need(Window(START, START + 2000), items=1000)
    result = connect(events(100, 4000), EVENTS).logs(need)
    assert result.status is Status.OK, result.problems
    assert int((result.value.severities == ERROR).sum()) == 100
    assert 700 < result.count < 1300
    share = min(fetch.share for fetch in result.fetches)
    assert abs(share - 900 / 4000) < 0.03
    quarters = [len(result.value.within(Window(START + 500 * i, START + 500 * (i + 1)))) for i in range(4)]
    assert max(quarters) < 2 * min(quarters)


def test_few_records_come_whole(connect: Any) -> None:
    result = connect(events(2, 3), EVENTS).logs(Need(Window(START, START + 1.0)))
    assert [record.body for record in result.value] == ["event 0", "event 0", "event 1", "event 1"]
    record = result.value[0]
    assert (record.service, record.time, record.attributes) == ("press", START, {"code": "0"})
    assert all(fetch.share == 1.0 for fetch in result.fetches)


def test_without_a_column_of_levels(connect: Any) -> None:
    table = {"table": "events", "signal": "logs", "time": "at", "message": "text", "service_is": "press"}
    result = connect(events(0, 3), table).logs(Need(Window(START, START + 60)))
    assert result.status is Status.OK and result.count == 3


def test_more_levels_than_anyone_uses(connect: Any) -> None:
    table = {**EVENTS, "level": "text"}
    result = connect(events(0, 300), table).logs(Need(Window(START, START + 600)))
    assert result.status is Status.FAILED and "different levels" in result.problems[0].message
