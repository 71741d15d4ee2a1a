from __future__ import annotations

from typing import Any

import numpy as np

from andon.connectors import Need
from andon.telemetry import Status, Window

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600), step=60.0)
LONG = {"table": "readings", "signal": "metrics", "time": "at", "timezone": "UTC", "service": "machine", "name": "tag", "value": "v", "unit": "u"}  # fmt: skip


def rows(*values: str) -> str:
    made = "CREATE TABLE readings (at, machine TEXT, tag TEXT, v, u TEXT);"
    return made + "".join(f"INSERT INTO readings VALUES ({value});" for value in values)


def test_long_rows_become_series(connect: Any) -> None:
    text = rows(
        "'2026-06-19 10:00:00', 'press', 'temp', 1.5, 'Cel'",
        "'2026-06-19T10:01:00Z', 'press', 'temp', 2.5, 'Cel'",
        "'2026-06-19T12:02:00+02:00', 'oven', 'temp', 9, NULL",
        "'2026-06-19 10:10:00', 'press', 'temp', 7, 'Cel'",
    )
    result = connect(text, LONG).metrics(NEED)
    assert result.status is Status.OK
    assert [(one.service, one.unit, one.times.tolist()) for one in result.value] == [
        ("oven", "", [START + 120]),
        ("press", "Cel", [START, START + 60]),
    ]


def test_many_rows_are_averaged_by_step(connect: Any) -> None:
    text = rows() + (
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 599) "
        f"INSERT INTO readings SELECT strftime('%Y-%m-%d %H:%M:%S', {START} + i, 'unixepoch'), 'press', 'p', i, '' FROM n;"
    )
    result = connect(text, LONG).metrics(NEED)
    (series,) = result.value
    assert series.times.tolist() == (START + 60 * np.arange(10)).tolist()
    assert series.values.tolist() == (29.5 + 60 * np.arange(10)).tolist()


def test_wide_columns_are_metrics(connect: Any) -> None:
    text = f"CREATE TABLE w (at INTEGER, a REAL, b REAL, zone TEXT); INSERT INTO w VALUES ({START:.0f}, 1, NULL, 'n'), ({START + 60:.0f}, 2, 5, 'n');"
    table = {"table": "w", "signal": "metrics", "time": "at", "service_is": "oven", "values": ["a", "b"], "units": {"a": "Cel"}, "labels": ["zone"]}  # fmt: skip
    first, second = connect(text, table).metrics(NEED).value
    assert (first.key, first.unit, first.values.tolist()) == ("oven a{zone=n}", "Cel", [1, 2])
    assert (second.key, second.values.tolist()) == ("oven b{zone=n}", [5])


def test_what_is_no_number_and_no_time_is_counted(connect: Any) -> None:
    text = rows(
        "'2026-06-19 10:00:00', 'press', 't', 'broken', ''", "'2026-06-19 10:01:00', 'press', 't', 9e999, ''"
    )
    result = connect(text, LONG).metrics(NEED)
    assert result.status is Status.PARTIAL and result.count == 2 and np.isnan(result.value[0].values).all()
    assert "no numbers" in result.problems[0].message


def test_other_services_are_neither_asked_for_nor_let_in(connect: Any) -> None:
    text = rows("'2026-06-19 10:00:00', 'press', 't', 1, ''", "'2026-06-19 10:00:00', 'oven', 't', 1, ''")
    connector = connect(text, LONG, scope={"services": ["oven"]})
    assert {one.service for one in connector.metrics(NEED).value} == {"oven"}
    refused = connector.metrics(Need(NEED.window, ("press",)))
    assert (
        refused.status is Status.DENIED and "outside the scope of source mes" in refused.problems[0].message
    )
    half = connector.metrics(Need(NEED.window, ("press", "oven")))
    assert half.status is Status.PARTIAL and half.count == 1


def test_a_service_is_a_value_and_never_sql(connect: Any) -> None:
    connector = connect(rows("'2026-06-19 10:00:00', 'it''s; DROP TABLE readings', 't', 1, ''"), LONG)
    hostile = "it's; DROP TABLE readings"
    assert connector.metrics(Need(NEED.window, (hostile,))).value[0].service == hostile
    assert connector.metrics(Need(NEED.window, ("' OR 1=1 --",))).status is Status.EMPTY
