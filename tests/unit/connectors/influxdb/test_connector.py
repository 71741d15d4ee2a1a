from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session, open_class
from andon.connectors.influxdb import InfluxDbConnector
from andon.connectors.wire import Reply
from andon.telemetry import MetricSeries, Result, Status, Window
from andon.testing.imitations.influxdb import InfluxDbImitation
from andon.testing.imitations.influxql import Point

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600), step=60.0)


def points() -> list[Point]:
    found = []
    for i in range(40):
        for instance in "ab":
            tags = {"service": "checkout", "instance": instance, "zone": "1"}
            fields = {"requests_total": 30.0 * (i if i < 20 else i - 20), "latency_ms": 20.0 + i % 2}
            found.append(Point("http", tags, fields, START + 4 + 15 * i))
        found.append(Point('odd "m\\', {"host": "h'1"}, {"value": 5.0}, START + 4 + 15 * i))
    return found


def read(need: Need = NEED, rows: int = 0, **options: Any) -> Result[tuple[MetricSeries, ...]]:
    with InfluxDbImitation(points(), max_rows=rows) as server, Session(10.0) as session:
        stated = {"url": server.url, "database": "shop", **options}
        return open_class(InfluxDbConnector, "influx", stated, session).metrics(need)


def test_levels_and_increases() -> None:
    result = read()
    assert result.status is Status.OK, result.problems
    found = {series.key: series for series in result.value}
    gained = found["checkout http_requests{instance=a,zone=1}"]
    assert set(gained.values) == {120.0} and START + 360 not in gained.times
    assert set(found["checkout http_latency_ms{instance=a,zone=1}"].values) == {20.5}
    assert set(found["h'1 odd \"m\\"].values) == {5.0}


def test_many_series_are_summed_up_and_too_many_left_out() -> None:
    coarse = {series.key: series for series in read(series_per_measurement=1).value}
    assert set(coarse["checkout http_requests"].values) == {240.0}
    cut = read(max_series=1)
    assert cut.status is Status.TRUNCATED and "not asked for" in cut.problems[0].message


def test_scope_and_services() -> None:
    assert {s.service for s in read(scope={"match": {"service": ["checkout"]}}).value} == {"checkout"}
    assert {s.service for s in read(Need(NEED.window, services=("h'1",), step=60.0)).value} == {"h'1"}
    denied = read(Need(NEED.window, services=("x",)), scope={"match": {"service": ["checkout"]}})
    assert denied.status is Status.DENIED and not denied.fetches


def test_a_row_limit_is_told() -> None:
    assert read(rows=3).status is Status.TRUNCATED


def test_a_statement_that_fails_is_told_in_its_words() -> None:
    result = read(database="nothing")
    assert result.status is Status.FAILED and result.problems[0].message == "database not found: nothing"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.sampled_from(["", "time", "float"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["results", "series", "name", "tags", "columns", "values", "error", "partial"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(JSON, max_size=3), st.booleans())
def test_anything_may_come(results: list[Any], keys: bool) -> None:
    first = [
        {
            "series": [
                {
                    "name": "m",
                    "columns": ["fieldKey", "fieldType"],
                    "values": [["v", "float"], ["n_total", "integer"]],
                }
            ]
        },
        {"series": [{"name": "m", "columns": ["tagKey"], "values": [["host"], 4]}]},
    ]
    with Session(10.0) as session:
        stated = {"url": "http://127.0.0.1:9", "database": "shop"}
        connector = open_class(InfluxDbConnector, "influx", stated, session)

        def told(path: str, params: Any = (), **options: Any) -> Reply:
            begins = keys and "FIELD" in str(params) + str(options)
            return Reply(200, {}, orjson.dumps({"results": first if begins else results}))

        connector.wire.get = connector.wire.post = told  # type: ignore[attr-defined]
        assert isinstance(connector.metrics(NEED).status, Status)
        connector.check()
