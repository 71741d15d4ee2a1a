from __future__ import annotations

from andon.connectors.influxdb.api import Table
from andon.connectors.influxdb.config import InfluxDbConfig
from andon.connectors.influxdb.tables import metric_name, series_in

CONFIG = InfluxDbConfig.model_validate(
    {"kind": "influxdb", "url": "http://x", "database": "d", "scope": {"match": {"site": ["north"]}}}
)


def test_columns_become_series_at_the_end_of_their_step() -> None:
    tags = {"host": "line-1", "site": "north", "zone": "2", "empty": ""}
    table = Table(
        "oven", tags, ("time", "value", "used_bytes"), [[0, 180.5, None], [60_000, 181, 5], ["x", 1, 1]]
    )
    first, second = series_in(table, 60.0, False, CONFIG)
    assert first.key == "line-1 oven{zone=2}" and first.times.tolist() == [60.0, 120.0]
    assert second.name == "oven_used_bytes" and second.unit == "By" and second.values.tolist() == [5.0]


def test_a_counter_is_named_plainly() -> None:
    (series,) = series_in(Table("http", {}, ("time", "calls_total"), [[0, 3]]), 60.0, True, CONFIG)
    assert series.name == "http_calls" and series.service == ""


def test_names() -> None:
    assert (
        metric_name("cpu", "usage_idle") == "cpu_usage_idle"
        and metric_name("requests_total", "counter") == "requests_total"
    )


def test_what_is_no_number_is_no_point() -> None:
    table = Table("m", {}, ("time", "v"), [[0, True], [1000, "5"], [2000, 1e200]])
    assert (
        series_in(table, 1.0, False, CONFIG) == []
        and series_in(Table("m", {}, ("v",), [[1]]), 1.0, False, CONFIG) == []
    )
