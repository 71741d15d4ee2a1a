from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.elasticsearch import answers
from andon.connectors.elasticsearch.fields import Fields, Term
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

FIELDS = Fields(
    "@timestamp",
    False,
    (),
    (),
    (Term("log.level", "log.level"), Term("severity_number", "severity_number")),
    (),
    (),
    (),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["hits", "total", "value", "buckets", "key", "failures", "reason"]), inner
        )
    ),
    max_leaves=12,
)


def test_levels_that_mean_a_warning_or_worse():
    answer = {
        "aggregations": {
            "log.level": {
                "buckets": [{"key": level} for level in ("INFO", "Warning", "err", "FATAL", "blue", "debug")]
            },
            "severity_number": {"buckets": [{"key": number} for number in (9, 13, 17)]},
        }
    }
    found = answers.alarming_levels(answer, FIELDS)
    assert found == {"log.level": ["Warning", "err", "FATAL"], "severity_number": [13, 17]}


def test_numbers_of_loggers_are_levels_too():
    answer = {"aggregations": {"log.level": {"buckets": [{"key": 30}, {"key": 50}]}}}
    assert answers.alarming_levels(answer, FIELDS)["log.level"] == [50]


def test_a_total_is_an_object_or_a_number():
    assert answers.total({"hits": {"total": {"value": 3, "relation": "eq"}}}) == 3
    assert answers.total({"hits": {"total": 4}}) == 4


@pytest.mark.parametrize("answer", [{}, {"hits": []}, {"hits": {"total": "many"}}, {"hits": {"total": True}}])
def test_a_total_that_is_none(answer):
    with pytest.raises(Unanswered):
        answers.total(answer)


@pytest.mark.parametrize("hit", [{}, {"sort": []}, {"sort": ["x"]}, {"sort": [True]}, 3, {"sort": [None]}])
def test_documents_without_their_place_in_the_order_are_not_paged(hit):
    with pytest.raises(Unanswered):
        answers.hits({"hits": {"hits": [hit]}})


def test_what_a_server_admits_to_lack():
    failure = {"index": "logs-a", "shard": 1, "reason": {"type": "node_gone", "reason": "left"}}
    answer = {
        "timed_out": True,
        "_shards": {"total": 5, "successful": 4, "skipped": 2, "failed": 1, "failures": [failure]},
        "_clusters": {"total": 2, "successful": 1, "skipped": 1},
    }
    found = answers.gaps(answer)
    assert [gap.status for gap in found] == [Status.PARTIAL] * 3
    assert "1 of 5 shards" in found[1].message and "node_gone" in found[1].message
    assert "1 of 2 remote clusters: skipped" in found[2].message


def test_shards_that_cannot_match_are_no_gap():
    assert not answers.gaps(
        {"timed_out": False, "_shards": {"total": 9, "successful": 9, "skipped": 8, "failed": 0}}
    )


def test_a_view_that_some_shard_lost():
    failure = {"reason": {"type": "search_context_missing_exception"}}
    assert answers.view_lost({"_shards": {"failed": 1, "failures": [failure]}})
    assert not answers.view_lost({"_shards": {"failed": 1, "failures": [{"reason": {"type": "other"}}]}})


@given(st.dictionaries(st.sampled_from(["hits", "aggregations", "_shards", "_clusters", "timed_out"]), JSON))
def test_arbitrary_answers_never_crash(answer):
    answers.gaps(answer)
    answers.view_lost(answer)
    answers.measured(answer, "value")
    answers.alarming_levels(answer, FIELDS)
    for read in (answers.hits, answers.total):
        with contextlib.suppress(Unanswered):
            read(answer)
