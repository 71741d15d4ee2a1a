from __future__ import annotations

from typing import Any

import pytest

from andon.connectors import Need
from andon.telemetry import Status, Window

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600))
READINGS = {"table": "readings", "signal": "metrics", "time": "at", "name": "tag", "value": "v"}
MADE = "CREATE TABLE readings (at TEXT, tag TEXT, v REAL); INSERT INTO readings VALUES ('2026-06-19 10:01:00', 'p', 1);"


def test_a_table_that_is_not_there_does_not_take_the_others_with_it(connect: Any) -> None:
    absent = {**READINGS, "table": "absent", "timezone": "UTC"}
    connector = connect(MADE, absent, {**READINGS, "timezone": "UTC"})
    result = connector.metrics(NEED)
    assert result.status is Status.PARTIAL and result.count == 1
    assert "no table or view absent" in result.problems[0].message


def test_a_column_that_is_not_there_is_named(connect: Any) -> None:
    result = connect(MADE, {**READINGS, "value": "wert"}).metrics(NEED)
    assert result.status is Status.FAILED
    assert "wert" in result.problems[0].message and "at, tag, v" in result.problems[0].hint


def test_signals_without_a_table_are_empty(connect: Any) -> None:
    connector = connect(MADE, READINGS)
    assert connector.logs(NEED).status is connector.changes(NEED).status is Status.EMPTY


def test_check_tells_of_each_table(connect: Any) -> None:
    checks = connect(MADE, READINGS).check()
    assert [(check.what, str(check.state)) for check in checks] == [
        ("reach", "ok"),
        ("read only", "ok"),
        ("readings", "ok"),
        ("readings", "warning"),
    ]
    assert checks[2].found == "from 2026-06-19T10:01:00Z to 2026-06-19T10:01:00Z"
    assert checks[3].hint == "state `timezone` for this table"


def test_the_file_is_opened_read_only(connect: Any) -> None:
    from sqlalchemy import text

    connector = connect(MADE, READINGS)
    with pytest.raises(Exception, match="readonly"):
        connector.database.inspected(lambda db: db.execute(text("DELETE FROM readings")), "delete")


def test_close_may_be_called_twice(connect: Any) -> None:
    connector = connect(MADE, READINGS)
    connector.metrics(NEED)
    connector.close()
    connector.close()
