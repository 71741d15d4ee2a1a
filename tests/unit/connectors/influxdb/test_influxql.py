from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.influxdb import influxql
from andon.telemetry import Window
from andon.testing.imitations.influxql import Point, run

WINDOW = Window(0.0, 120.0)


def test_what_is_sent() -> None:
    where = influxql.condition(WINDOW, {"zone": ("a",)}, {"app": ("x", "y")})
    assert where == (
        " WHERE time >= 0ms AND time < 120000ms AND (\"zone\" = 'a') AND (\"app\" = 'x' OR \"app\" = 'y')"
    )
    assert influxql.levels("mem", ["used", "free"], where, 60.0, ["app"]) == (
        f'SELECT max("used") AS "used", min("free") AS "free" FROM "mem"{where} GROUP BY time(60000ms), "app" fill(none)'
    )
    assert influxql.condition(None, {}, {}) == ""


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(min_size=1, max_size=6))
def test_names_and_values_stay_what_they_are(measurement: str, field: str, tag: str, value: str) -> None:
    points = [Point(measurement, {tag: v}, {field: 1.0}, 30.0) for v in (value, value + "'", "\\" + value)]
    where = influxql.condition(WINDOW, {tag: (value,)}, {})
    (table,) = run(influxql.levels(measurement, [field], where, 60.0, [tag]), points)
    assert table["tags"] == {tag: value} and table["columns"] == ["time", field]
    assert table["values"] == [[0, 1.0]]
