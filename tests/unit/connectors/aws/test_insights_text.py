"""The texts of queries, as the imitation of the language reads them."""

from __future__ import annotations

from typing import Any

import pytest

from andon.connectors.aws.insights_text import (
    LEVELS,
    count_by_level,
    count_of,
    mild_filter,
    records_of,
    severe_filter,
)
from andon.connectors.log_levels import LevelCounts
from andon.telemetry import Window
from andon.testing.imitations.aws.insights_query import BadQuery, Query

ROWS: list[dict[str, Any]] = [
    {"@timestamp": 1_000_000 + i * 500, "@message": message, "@ptr": str(i)} | fields
    for i, (message, fields) in enumerate(
        [
            ('{"level":"error"}', {"level": "error"}),
            ('{"level":"info"}', {"level": "info"}),
            ('{"level":50}', {"level": 50}),
            ("Traceback: it broke", {}),
            ("all is well", {}),
            ("an ERROR occurred | really", {"level": "odd"}),
        ]
    )
]
COUNTS = LevelCounts.of(
    [({"level": "error"}, 1), ({"level": "info"}, 1), ({"level": "50"}, 1), ({}, 2), ({"level": "odd"}, 1)],
    LEVELS,
)


def kept(text: str) -> list[str]:
    return [row["@ptr"] for row in Query(text).run(ROWS, 10_000)]


@pytest.mark.parametrize("counts", [COUNTS, LevelCounts.of([({}, 6)], LEVELS)], ids=["by level", "by words"])
def test_severe_and_mild_are_everything_and_nothing_twice(counts: LevelCounts):
    severe, mild = kept(f"filter {severe_filter(counts)}"), kept(f"filter {mild_filter(counts)}")
    assert sorted(severe + mild) == ["0", "1", "2", "3", "4", "5"]


def test_levels_decide_and_words_where_there_are_none():
    assert kept(f"filter {severe_filter(COUNTS)}") == ["0", "2", "3", "5"]
    assert Query(count_of(severe_filter(COUNTS))).run(ROWS, 1) == [{"n": "4"}]


def test_counts_by_level():
    found = Query(count_by_level()).run(ROWS, 10_000)
    assert sum(int(row["n"]) for row in found) == 6
    assert {"level": "error", "n": "1"} in found and {"n": "2"} in found


def test_records_of_several_windows_are_cut_to_the_millisecond():
    windows = [Window(1000.0, 1000.5), Window(1001.5, 1002.001)]
    found = Query(records_of("", windows, 10_000)).run(ROWS, 10_000)
    assert [row["@ptr"] for row in found] == ["0", "3", "4"]
    assert found[0]["@timestamp"] == "1970-01-01 00:16:40.000"


def test_levels_that_are_no_levels_do_not_get_into_a_query():
    hostile = LevelCounts("level", {'error"] or 1=1 | limit 1': 1}, {"info": 1}, 0)
    assert kept(f"filter {severe_filter(hostile)}") == ["0", "3", "5"], "by words alone"


def test_what_is_not_imitated_is_refused():
    for text in (
        "parse @message /x/",
        "stats avg(x)",
        "filter level ~ 3",
        "filter (level in [1]",
        "sort level",
    ):
        with pytest.raises(BadQuery):
            Query(text)
