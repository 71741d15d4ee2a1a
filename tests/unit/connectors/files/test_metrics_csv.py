import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files.metrics_csv import parse_long, parse_wide
from andon.errors import ParseError

PETS = """microservice,PetSite,PetSite,Pet Search/é
metric,latency,latency,requests
statistic,Average,p90,Sum
unix_timestamp,,,
1681855320.0,,0.5,3
1681855620.0,0.1,0.6,4
"""


def test_long_with_labels_and_units(parse):
    parsed = parse(
        parse_long,
        "timestamp,service,metric,value,unit,region\n"
        "2026-06-19T10:00:00Z,pay,latency,1.5,ms,eu\n2026-06-19T10:01:00Z,pay,latency,2.5,ms,eu\n"
        "2026-06-19T10:00:00Z,pay,errors_ratio,0,,\n",
    )
    latency, errors = parsed.collected.metrics
    assert (latency.service, latency.name, latency.unit, latency.labels) == (
        "pay",
        "latency",
        "ms",
        {"region": "eu"},
    )
    assert latency.values.tolist() == [1.5, 2.5]
    assert latency.times[1] - latency.times[0] == 60
    assert (errors.unit, errors.labels) == ("1", {})
    assert not parsed.problems


def test_points_are_sorted_and_the_last_of_equal_times_wins(parse):
    parsed = parse(parse_long, "time,metric,value\n120,m,1\n60,m,2\n120,m,3\n")
    (series,) = parsed.collected.metrics
    assert (series.times.tolist(), series.values.tolist()) == ([60, 120], [2, 3])
    assert parsed.problems == ["file.txt: points with the same time: the last one was kept"]


def test_values_that_are_no_numbers(parse):
    parsed = parse(
        parse_long, "time;metric;value\n1;m;nan\n2;m;+Inf\n3;m;n/a\n4;m;much\n5;m;1,5\nx;m;1\n7;m\n"
    )
    (series,) = parsed.collected.metrics
    assert series.times.tolist() == [1, 2, 3, 4, 5]
    assert series.values[4] == 1.5
    assert np.isnan(series.values[:4]).all()
    assert sorted(parsed.problems) == [
        "file.txt: infinite values were set to NaN",
        "file.txt:5: cell is not a number: set to NaN",
        "file.txt:7: unreadable time: row left out",
        "file.txt:8: row has 2 cells where the header has 3",
    ]


def test_missing_columns_name_those_found_and_expected(parse):
    with pytest.raises(ParseError) as caught:
        parse(parse_long, "when,what\n1,2\n")
    assert "time, metric, value" in caught.value.message
    assert "when, what" in caught.value.message
    assert caught.value.hint


def test_columns_named_by_the_user(parse):
    columns = {"time": "when", "metric": "what", "value": "how much"}
    parsed = parse(parse_long, "when,what,how much,value\n1,m,2,9\n", columns=columns)
    assert parsed.metrics[" m{value=9}"].values.tolist() == [2]
    with pytest.raises(ParseError, match="no column 'absent'"):
        parse(parse_long, "time,metric,value\n", columns={"time": "absent"})


def test_many_labels(parse):
    rows = "".join(f"{i % 2},m,{i},{i // 2}\n" for i in range(20_000))
    parsed = parse(parse_long, "time,metric,value,user\n" + rows)
    assert len(parsed.collected.metrics) == 10_000


def test_wide_with_one_header(parse):
    parsed = parse(parse_wide, 'host time,cpu,"up{job=""api"",zone=""a""}"\n10,1,2\n20,,3\n', service="web")
    cpu, up = parsed.collected.metrics
    assert (cpu.service, cpu.name, cpu.values[0]) == ("web", "cpu", 1)
    assert math.isnan(cpu.values[1])
    assert (up.service, up.name, up.labels) == ("api", "up", {"zone": "a"})


def test_wide_with_several_header_rows(parse):
    parsed = parse(parse_wide, PETS)
    assert list(parsed.metrics) == [
        "PetSite latency{statistic=Average}",
        "PetSite latency{statistic=p90}",
        "Pet Search/é requests{statistic=Sum}",
    ]
    assert parsed.metrics["PetSite latency{statistic=p90}"].values.tolist() == [0.5, 0.6]
    assert not parsed.problems


def test_wide_with_key_columns(parse):
    parsed = parse(parse_wide, "time,host,region,cpu,mem\n1,a,eu,1,2\n1,b,eu,3,4\n2,a,eu,5,6\n")
    assert {key: s.values.tolist() for key, s in parsed.metrics.items()} == {
        "a cpu{region=eu}": [1, 5],
        "a mem{region=eu}": [2, 6],
        "b cpu{region=eu}": [3],
        "b mem{region=eu}": [4],
    }


def test_wide_with_a_stated_separator(parse):
    parsed = parse(parse_wide, "time,a_cpu,b_cpu_max\n1,1,2\n", columns={"service_separator": "_"})
    assert list(parsed.metrics) == ["a cpu", "b cpu_max"]


def test_ragged_rows_are_counted(parse):
    parsed = parse(parse_wide, "time,a,b\n1,1\n2,1,2,3\n")
    assert len(parsed.problems) == 2
    assert [s.values[1] for s in parsed.collected.metrics] == [1, 2]


@pytest.mark.parametrize("content", ["", "\n\n", "time,a\n", "a,b\nx,y\n", "time\n1\n2\n"])
def test_wide_without_rows_or_columns(parse, content):
    with pytest.raises(ParseError):
        parse(parse_wide, content)


@given(st.binary() | st.text(alphabet=',\n"1a;').map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_bytes_give_series_or_a_parse_error(parse, content):
    for parser in (parse_long, parse_wide):
        try:
            parsed = parse(parser, b"time,metric,value\n" + content)
        except ParseError:
            continue
        for series in parsed.collected.metrics:
            assert (np.diff(series.times) > 0).all()
            assert not np.isinf(series.values).any()
