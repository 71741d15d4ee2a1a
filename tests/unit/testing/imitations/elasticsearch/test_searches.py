from __future__ import annotations

import pytest

from andon.testing.imitations.elasticsearch import Document, Health, Index
from andon.testing.imitations.elasticsearch.failures import Failure
from andon.testing.imitations.elasticsearch.searches import searched

INDEX = Index("logs-a", [Document(str(i), {"@timestamp": i, "log.level": "INFO"}) for i in range(5)])


def run(body, health=None, index=INDEX, *, tiebreak=False):
    return searched([index], body, health or Health(), tiebreak=tiebreak)


@pytest.mark.parametrize(
    "query",
    [
        {"match_some": {}},
        {"bool": {"filters": []}},
        {"range": {"@timestamp": {"since": 3}}},
        {"range": {"@timestamp": {"gte": 3, "format": "yyyy"}}},
        {"range": {"@timestamp": {"gte": "yesterday"}}},
        {"range": {"@timestamp": {"gte": 3, "format": "strict_date_optional_time"}}},
        {"terms": {"log.level": "INFO"}},
        {"terms": {"a": [], "b": []}},
        {"exists": {"name": "x"}},
        {"match": {"message": {"query": "x", "fuzziness": 2}}},
        {"bool": {"should": [{"match_all": {}}] * 1025}},
        {},
        [],
    ],
)
def test_a_clause_that_it_does_not_know_is_an_error(query):
    with pytest.raises(Failure):
        run({"query": query})


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "red"},
        {"size": 10_001},
        {"from": 9_999, "size": 2},
        {"from": 1, "search_after": [3], "sort": [{"@timestamp": {}}]},
        {"search_after": [3, 4], "sort": [{"@timestamp": {}}]},
        {"search_after": [3]},
        {"sort": [{"nowhere": {}}]},
        {"sort": [{"@timestamp": {"direction": "asc"}}]},
        {"aggs": {"a": {"median": {"field": "x"}}}},
        {"aggs": {"a": {"terms": {"field": "log.level", "colour": 1}}}},
    ],
)
def test_a_body_that_a_server_would_refuse(body):
    with pytest.raises(Failure):
        run(body)


def test_a_total_is_counted_up_to_ten_thousand():
    many = Index("logs-a", [Document(str(i), {}) for i in range(10_002)])
    assert run({"size": 0}, index=many)["hits"]["total"] == {"value": 10_000, "relation": "gte"}
    exact = run({"size": 0, "track_total_hits": True}, index=many)
    assert exact["hits"]["total"] == {"value": 10_002, "relation": "eq"}
    assert "total" not in run({"size": 0, "track_total_hits": False})["hits"]


def test_a_tiebreaker_is_a_second_value():
    (hit,) = run({"size": 1, "sort": [{"@timestamp": {"order": "asc"}}]}, tiebreak=True)["hits"]["hits"]
    assert hit["sort"][0] == 0 and len(hit["sort"]) == 2


def test_shards_that_fail_take_their_documents_with_them():
    answer = run({"size": 10}, Health(failed_shards=1))
    assert 0 < len(answer["hits"]["hits"]) < 5
    assert answer["_shards"]["failed"] == 1 and answer["_shards"]["failures"]


def test_aggregations_count_what_the_query_found():
    body = {"size": 0, "query": {"range": {"@timestamp": {"gte": 2}}}}
    body["aggs"] = {"l": {"terms": {"field": "log.level"}}, "m": {"min": {"field": "@timestamp"}}}
    found = run(body)["aggregations"]
    assert found["l"]["buckets"] == [{"key": "INFO", "doc_count": 3}]
    assert found["m"]["value"] == 2.0


def test_only_the_wanted_fields_are_shown():
    (hit,) = run({"size": 1, "_source": ["log.level"]})["hits"]["hits"]
    assert hit["_source"] == {"log.level": "INFO"}
