from __future__ import annotations

import pytest

from andon.connectors.elasticsearch import queries
from andon.connectors.elasticsearch.fields import Fields, Term
from andon.telemetry import Window
from andon.testing.imitations.elasticsearch.documents import Document, Index
from andon.testing.imitations.elasticsearch.queries import compiled

LEVEL, SERVICE = Term("log.level", "log.level"), Term("service.name", "service.name")
FIELDS = Fields("@timestamp", False, ("message",), ("message",), (LEVEL,), (SERVICE,), (), ())
BARE = Fields("@timestamp", False, ("message",), (), (), (), (), ())


def matching(query, *sources):
    index = Index("logs-a", [])
    matches = compiled(query)
    return [i for i, source in enumerate(sources) if matches(index, Document(str(i), source))]


def test_windows_are_half_open_and_in_whole_milliseconds():
    query = queries.every(FIELDS, [Window(1.0005, 2.0), Window(3.0, 3.0015)], ())
    times = [1, 1000, 1001, 1999, 2000, 2999, 3000, 3001, 3002]
    assert matching(query, *({"@timestamp": time} for time in times)) == [1, 2, 3, 6, 7]


def test_services_narrow_where_the_indices_can_tell():
    sources = [{"@timestamp": 1, "service.name": name} for name in ("bff", "doors")]
    assert matching(queries.every(FIELDS, [Window(0, 1)], ["doors"]), *sources) == [1]
    assert matching(queries.every(BARE, [Window(0, 1)], ["doors"]), *sources) == [0, 1]


SOURCES = [
    {"log.level": "ERROR", "message": "all is well"},
    {"log.level": "info", "message": "an error was handled"},
    {"message": "ERROR: out of doors"},
    {"message": "door opened"},
]


def test_loud_is_what_states_it_and_what_states_nothing_and_sounds_like_it():
    assert matching(queries.loud(FIELDS, {"log.level": ["ERROR"]}), *SOURCES) == [0, 2]


def test_loud_and_quiet_are_all_and_share_nothing():
    whole, loud = {"match_all": {}}, queries.loud(FIELDS, {"log.level": ["ERROR"]})
    assert matching(queries.both(whole, loud), *SOURCES) == [0, 2]
    assert matching(queries.quiet(whole, loud), *SOURCES) == [1, 3]
    assert queries.quiet(whole, None) == whole


def test_nothing_is_loud_where_neither_level_nor_words_can_be_searched():
    assert queries.loud(BARE, {}) is None


def test_documents_without_a_time_are_found():
    assert matching(queries.timeless(FIELDS), {"@timestamp": 1}, {"message": "x"}) == [1]


@pytest.mark.parametrize("nanos", [True, False])
def test_a_page_states_what_is_fetched_and_in_which_order(nanos):
    fields = Fields("@timestamp", nanos, ("message",), (), (LEVEL,), (), ("trace.id",), ("host.name",))
    body = queries.page(fields, {"match_all": {}}, 7, 11.5)
    assert body["_source"] == ["@timestamp", "message", "log.level", "trace.id", "host.name"]
    assert body["size"] == 7 and body["timeout"] == "12s"
    assert ("numeric_type" in body["sort"][0]["@timestamp"]) is nanos
    assert queries.count({"match_all": {}}, 1.0, queries.leveled(fields))["aggs"] == {
        "log.level": {"terms": {"field": "log.level", "size": 100}}
    }
