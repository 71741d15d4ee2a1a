from pathlib import Path

import duckdb
import numpy as np
import pytest

from andon.connectors.files.parquet import parse_parquet
from andon.connectors.files.times import TimeParser, zone_named
from andon.errors import ParseError

T = 1_781_864_700


@pytest.fixture
def parquet(tmp_path: Path):
    def write(select: str) -> bytes:
        path = tmp_path / "made.parquet"
        with duckdb.connect() as db:
            db.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()

    return write


def test_long(parse, parquet):
    rows = f"VALUES ({T}, 'pay', 'lat', 1.5, 'eu'), ({T + 60}, 'pay', 'lat', NULL, 'eu'), ({T}, NULL, 'up', 1, NULL)"
    content = parquet(f"SELECT * FROM ({rows}) AS t(ts, service, metric, value, region)")
    parsed = parse(parse_parquet, content, name="a.parquet")
    assert list(parsed.metrics) == ["pay lat{region=eu}", " up"]
    assert np.array_equal(parsed.metrics["pay lat{region=eu}"].values, [1.5, np.nan], equal_nan=True)
    assert not parsed.problems


def test_wide_with_a_timestamp_in_a_zone(parse, parquet):
    content = parquet('SELECT TIMESTAMP \'2026-06-19 12:25:00\' AS t, 1 AS cpu, 2.5 AS "mem ""x"""')
    parsed = parse(parse_parquet, content, name="[a]*.parquet", times=TimeParser(zone_named("Europe/Berlin")))
    assert {key: s.values.tolist() for key, s in parsed.metrics.items()} == {" cpu": [1], ' mem "x"': [2.5]}
    assert parsed.collected.metrics[0].times.tolist() == [T]


@pytest.mark.parametrize(
    ("kind", "naive"),
    [
        ("TIMESTAMPTZ '2026-06-19 10:25:00+00'", 0),
        ("TIMESTAMP '2026-06-19 10:25:00'", 1),
        ("'2026-06-19T10:25:00Z'", 0),
    ],
)
def test_kinds_of_time(parse, parquet, kind, naive):
    parsed = parse(parse_parquet, parquet(f"SELECT {kind} AS time, 1 AS v, 'h' AS host"), name="a.parquet")
    assert parsed.collected.metrics[0].times.tolist() == [T]
    assert parsed.collected.metrics[0].service == "h"
    assert parsed.file.times.naive == naive


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"text"])
def test_what_is_no_parquet(parse, content):
    with pytest.raises(ParseError, match="not readable as Parquet"):
        parse(parse_parquet, content, name="a.parquet")


def test_no_time_column(parse, parquet):
    with pytest.raises(ParseError, match="no column for time; the columns are a, b"):
        parse(parse_parquet, parquet("SELECT 1 AS a, 2 AS b"), name="a.parquet")
