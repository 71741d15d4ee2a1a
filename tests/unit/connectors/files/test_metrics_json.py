import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files.metrics_json import parse_otlp_metrics, parse_prometheus
from andon.errors import ParseError

T = 1_781_864_700


def point(second, value=None, start=None, **more):
    found = {"timeUnixNano": str((T + second) * 10**9), **more}
    if value is not None:
        found["asInt" if isinstance(value, int) else "asDouble"] = (
            str(value) if isinstance(value, int) else value
        )
    if start is not None:
        found["startTimeUnixNano"] = str((T + start) * 10**9)
    return found


def batch(name, kind, points, **body):
    metric = {"name": name, "unit": "s", kind: {"dataPoints": points, **body}}
    attributes = [
        {"key": "service.name", "value": {"stringValue": "pay"}},
        {"key": "k8s.pod.name", "value": {"stringValue": "pay-1"}},
        {"key": "telemetry.sdk.name", "value": {"stringValue": "x"}},
    ]
    resource = {"attributes": attributes}
    return (
        json.dumps({"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [metric]}]}]})
        + "\n"
    )


def prometheus(*results, **more):
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": list(results)}, **more}
    )


def test_prometheus_matrix(parse):
    metric = {"__name__": "up", "service": "pay", "job": "k8s"}
    values = [[T, "1"], [T + 60.5, "NaN"], [T + 120, "+Inf"], [T + 180, "x"], ["?", "1"]]
    parsed = parse(parse_prometheus, prometheus({"metric": metric, "values": values}, warnings=["slow"]))
    (series,) = parsed.collected.metrics
    assert series.key == "pay up{job=k8s}"
    assert series.times.tolist() == [T, T + 60.5, T + 120, T + 180]
    assert series.values[0] == 1
    assert np.isnan(series.values[1:]).all()
    assert len(parsed.problems) == 4


def test_prometheus_errors_are_told(parse):
    with pytest.raises(ParseError, match="query timed out"):
        parse(parse_prometheus, '{"status":"error","error":"query timed out"}')
    with pytest.raises(ParseError, match="no result list"):
        parse(parse_prometheus, '{"data": 3}')


def test_gauge_keeps_service_and_identity(parse):
    parsed = parse(parse_otlp_metrics, batch("temp", "gauge", [point(0, 1.5), point(60, 2)]))
    series = parsed.metrics["pay temp{k8s.pod.name=pay-1}"]
    assert series.values.tolist() == [1.5, 2]
    assert series.unit == "s"


def test_cumulative_sums_become_increases_with_resets(parse):
    lines = "".join(
        batch("n", "sum", [point(60 * i, v, start)], isMonotonic=True, aggregationTemporality=2)
        for i, (v, start) in enumerate([(10, 0), (15, 0), (2, 0), (9, 170), (10, 170)])
    )
    (series,) = parse(parse_otlp_metrics, lines).collected.metrics
    assert np.array_equal(series.values, [np.nan, 5, 2, 9, 1], equal_nan=True)


@pytest.mark.parametrize(
    "body",
    [{"isMonotonic": False, "aggregationTemporality": 2}, {"isMonotonic": True, "aggregationTemporality": 1}],
)
def test_other_sums_stay_as_they_are(parse, body):
    (series,) = parse(
        parse_otlp_metrics, batch("n", "sum", [point(0, 10), point(60, 15)], **body)
    ).collected.metrics
    assert series.values.tolist() == [10, 15]


@pytest.mark.parametrize(
    ("temporality", "counts", "means"), [(1, [2, 4], [1.5, 2.0]), (2, [np.nan, 2], [np.nan, 2.5])]
)
@pytest.mark.parametrize("kind", ["histogram", "exponentialHistogram"])
def test_histograms_become_count_sum_and_mean(parse, kind, temporality, counts, means):
    points = [point(0, count="2", sum=3.0), point(60, count="4", sum=8.0)]
    metrics = parse(parse_otlp_metrics, batch("d", kind, points, aggregationTemporality=temporality)).metrics
    names = {key.split("{")[0]: series for key, series in metrics.items()}
    assert set(names) == {"pay d.count", "pay d.sum", "pay d.mean"}
    assert np.array_equal(names["pay d.count"].values, counts, equal_nan=True)
    assert np.array_equal(names["pay d.mean"].values, means, equal_nan=True)


def test_summaries_keep_their_quantiles(parse):
    points = [point(0, count=1, sum=1, quantileValues=[{"quantile": 0.99, "value": 7}])]
    metrics = parse(parse_otlp_metrics, batch("d", "summary", points)).metrics
    assert metrics["pay d{k8s.pod.name=pay-1,quantile=0.99}"].values.tolist() == [7]


def test_points_without_a_value_are_nan(parse):
    (series,) = parse(parse_otlp_metrics, batch("g", "gauge", [point(0, 5, flags=1)])).collected.metrics
    assert np.isnan(series.values).all()


def test_lines_of_another_kind(parse):
    with pytest.raises(ParseError, match="no resourceMetrics"):
        parse(parse_otlp_metrics, '{"resourceSpans": []}\n')
    assert parse(parse_otlp_metrics, "").collected.metrics == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "sum", "histogram", "gauge", "dataPoints", "timeUnixNano", "count", "asInt", "attributes", "key", "value", "resource", "metric", "values"]), inner, max_size=4),
)  # fmt: skip


@given(JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_any_json_gives_series_or_a_parse_error(parse, value):
    wrapped = {
        "resourceMetrics": [{"resource": value, "scopeMetrics": [{"metrics": [value]}]}],
        "data": {"result": [value]},
    }
    for parser in (parse_otlp_metrics, parse_prometheus):
        try:
            parse(parser, json.dumps(wrapped))
        except ParseError:
            continue
