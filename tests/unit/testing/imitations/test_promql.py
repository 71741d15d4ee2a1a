from __future__ import annotations

import math

import pytest

from andon.testing.imitations.promql import BadQuery, StoredSeries, parse

SERIES = [
    StoredSeries({"__name__": "m", "job": "a"}, [0, 15, 30, 45], [10.0, 40.0, 5.0, 35.0]),
    StoredSeries({"__name__": "m", "job": "b"}, [0, 15, 30, 45], [0.0, 0.0, 0.0, 0.0]),
]


def value(query: str, time: float = 45.0) -> float:
    (found,) = parse(query)(SERIES, time).values()
    return found


def test_a_reset_is_taken_out() -> None:
    assert value('rate({__name__="m",job="a"}[59999ms]) * 45') == pytest.approx(65 * 45 / 45, rel=0.3)


def test_aggregation_and_arithmetic() -> None:
    assert value('sum ({__name__="m"})') == 35.0 and value('avg ({__name__="m"})') == 17.5
    assert value('count (count by (job) ({__name__=~"m|n"}))') == 2.0
    assert math.isnan(value('sum ({job="b"}) / sum ({job="b"})')) and math.isinf(
        value('sum ({job="a"}) / sum ({job="b"})')
    )


def test_quantiles_of_buckets_are_linear() -> None:
    buckets = [
        StoredSeries({"__name__": "b", "le": bound}, [0], [count])
        for bound, count in (("0.1", 0.0), ("0.5", 10.0), ("+Inf", 10.0))
    ]
    ((_, found),) = parse('histogram_quantile(0.5, sum by (le) ({__name__="b"}))')(buckets, 0.0).items()
    assert found == pytest.approx(0.3)


@pytest.mark.parametrize(
    "query",
    [
        "sum(",
        "sum by (a) {x}",
        "topk(1, m)",
        '{job=""}',
        "m[5m]",
        'rate({__name__="m"})',
        '{a="b"} junk',
        "€",
    ],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        parse(query)


def test_names_may_not_clash_once_they_are_dropped() -> None:
    clash = [StoredSeries({"__name__": name}, [0, 15], [0.0, 1.0]) for name in ("m", "n")]
    with pytest.raises(BadQuery, match="same labelset"):
        parse('rate({__name__=~"m|n"}[60s])')(clash, 15.0)
