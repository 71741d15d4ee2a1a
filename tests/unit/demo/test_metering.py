from __future__ import annotations

from andon.demo.metering import BOUNDS, Meter


def named(metrics: list[dict], name: str) -> dict:
    return next(metric for metric in metrics if metric["name"] == name)


def test_sums_are_deltas_and_zero_when_nothing_came():
    meter = Meter()
    meter.count("calls", operation="unlock")
    meter.count("calls", 2, operation="unlock")
    first = named(meter.collect(), "calls")
    second = named(meter.collect(), "calls")
    assert first["sum"]["aggregationTemporality"] == 1
    assert first["sum"]["dataPoints"][0]["asDouble"] == 3
    assert second["sum"]["dataPoints"][0]["asDouble"] == 0


def test_periods_join_without_gap():
    meter = Meter()
    meter.count("calls")
    first, second = (named(meter.collect(), "calls")["sum"]["dataPoints"][0] for _ in range(2))
    assert first["timeUnixNano"] == second["startTimeUnixNano"]


def test_labels_tell_series_apart():
    meter = Meter()
    meter.count("calls", operation="lock")
    meter.count("calls", operation="unlock")
    points = named(meter.collect(), "calls")["sum"]["dataPoints"]
    operations = {point["attributes"][0]["value"]["stringValue"] for point in points}
    assert operations == {"lock", "unlock"}


def test_durations_fall_into_buckets():
    meter = Meter()
    for seconds in (0.005, BOUNDS[0], 0.02, 99.0):
        meter.duration("latency", seconds)
    point = named(meter.collect(), "latency")["histogram"]["dataPoints"][0]
    assert point["count"] == "4"
    assert [int(n) for n in point["bucketCounts"]] == [2, 1, 0, 0, 0, 0, 0, 1]
    assert len(point["bucketCounts"]) == len(point["explicitBounds"]) + 1


def test_gauges_are_read_when_they_are_collected():
    meter = Meter()
    level = [1.0]
    meter.gauge("pool", lambda: level[0], pool="db")
    level[0] = 7.0
    assert named(meter.collect(), "pool")["gauge"]["dataPoints"][0]["asDouble"] == 7
