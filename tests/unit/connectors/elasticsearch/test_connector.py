from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session, open_class
from andon.connectors.elasticsearch import ElasticsearchConnector
from andon.connectors.wire import Reply
from andon.errors import ConfigError
from andon.telemetry import ERROR, WARN, Status, Window
from andon.testing.imitations.elasticsearch import (
    LOG_MAPPING,
    Document,
    ElasticsearchImitation,
    Health,
    Index,
    OpenSearchImitation,
)

START = 1_781_864_400
WINDOW = Window(START, START + 100)
SERVERS = [ElasticsearchImitation, OpenSearchImitation]


def document(i, seconds, level="INFO", service="doors", message="door opened"):
    return Document(
        f"d{i}",
        {
            "@timestamp": int((START + seconds) * 1000),
            "message": message,
            "log": {"level": level},
            "service": {"name": service},
        },
    )


def app(*documents, name="logs-app", **options):
    return Index(name, documents, **options)


@pytest.mark.parametrize("kind", SERVERS)
def test_records_of_the_window_arrive_in_order(kind, opened):
    times = [-1, 99.999, 0, 50, 100]
    with kind([app(*(document(i, t) for i, t in enumerate(times)))]) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.status is Status.OK
        assert [t - START for t in result.value.times] == pytest.approx([0, 50, 99.999], abs=1e-6)
        assert {fetch.place for fetch in result.fetches} == {"logs-*"}


@pytest.mark.parametrize("kind", SERVERS)
def test_warnings_come_whole_and_the_rest_as_an_even_sample(kind, opened):
    quiet = [document(i, i / 20) for i in range(2000)]
    loud = [document(9000 + i, i, level="WARN") for i in range(40)]
    with kind([app(*quiet, *loud)]) as server:
        result = opened(server).logs(Need(WINDOW, items=240))
        assert result.status is Status.OK
        severities = result.value.severities
        assert int((severities >= WARN).sum()) == 40
        assert 150 <= int((severities < WARN).sum()) <= 250
        shares = {fetch.share for fetch in result.fetches if not fetch.query.startswith("count")}
        assert max(shares) == 1.0 and min(shares) == pytest.approx(0.1, rel=0.05)
        seen = {int((t - START) // 10) for t in result.value.times[severities < WARN]}
        assert seen == set(range(10))


def test_a_sample_is_the_same_every_time(opened):
    with ElasticsearchImitation([app(*(document(i, i / 20) for i in range(2000)))]) as server:
        first = opened(server).logs(Need(WINDOW, items=100)).value
        with Session(20.0) as other:
            connector = opened(server)
            again = type(connector)("logs", connector.config, other).logs(Need(WINDOW, items=100)).value
        assert list(first.times) == list(again.times)


def test_where_nothing_states_a_level_words_do(opened):
    mapping = {"@timestamp": "date", "message": "text"}
    texts = [f"all is well {i}" for i in range(200)] + ["ERROR door 7 stays shut"]
    documents = [
        Document(str(i), {"@timestamp": (START + i / 10) * 1000, "message": m}) for i, m in enumerate(texts)
    ]
    with ElasticsearchImitation([Index("logs-app", documents, mapping)]) as server:
        result = opened(server).logs(Need(WINDOW, items=20))
        assert [r.body for r in result.value if r.severity >= ERROR] == ["ERROR door 7 stays shut"]


def test_services_narrow_the_query(opened):
    with ElasticsearchImitation([app(document(0, 1, service="bff"), document(1, 2))]) as server:
        result = opened(server).logs(Need(WINDOW, services=("doors",)))
        assert [record.service for record in result.value] == ["doors"]


def test_only_needed_fields_travel(opened):
    heavy = Document("d0", {"@timestamp": START * 1000, "message": "m", "payload": "x" * 9000})
    with ElasticsearchImitation([app(heavy)]) as server:
        assert opened(server).logs(Need(WINDOW)).count == 1
        assert server.sent < 5000


def test_indices_beside_the_scope_are_not_asked(opened):
    with ElasticsearchImitation([app(document(0, 1)), app(document(1, 1), name="audit-app")]) as server:
        assert opened(server).logs(Need(WINDOW)).count == 1
        paths = {asked.path.partition("/")[2].partition("/")[0] for asked in server.asked}
        assert paths <= {"logs-*", "_search", "_pit"}


def test_what_comes_from_beside_the_scope_is_dropped_and_told(opened):
    with ElasticsearchImitation(
        [app(document(0, 1), name="audit-app", aliases=["logs-all"]), app(document(1, 1))]
    ) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.count == 1 and result.status is Status.PARTIAL
        (problem,) = result.problems
        assert problem.count == 1 and "outside the scope" in problem.message


def test_data_streams_are_in_scope(opened):
    index = app(document(0, 1), name=".ds-logs-app-2026.06.19-000001", stream="logs-app")
    with ElasticsearchImitation([index]) as server:
        assert opened(server).logs(Need(WINDOW)).status is Status.OK


@pytest.mark.parametrize("kind", SERVERS)
def test_milliseconds_and_nanoseconds_side_by_side(kind, opened):
    nanos = [
        Document(f"n{i}", {"@timestamp": f"2026-06-19T10:20:0{i}.000000{i}00Z", "message": "n"})
        for i in range(1, 6)
    ]
    mapping = {**LOG_MAPPING, "@timestamp": "date_nanos"}
    with kind([app(*(document(i, i) for i in range(1, 6))), Index("logs-n", nanos, mapping)]) as server:
        result = opened(server, page=3).logs(Need(WINDOW))
        assert result.count == 10
        assert list(result.value.times) == sorted(result.value.times)
        assert result.value.times[1] - result.value.times[0] == pytest.approx(1e-7, abs=2e-6)


@pytest.mark.parametrize("kind", SERVERS)
def test_shards_that_do_not_answer_make_it_partial(kind, opened):
    health = Health(failed_shards=1)
    with kind([app(*(document(i, i) for i in range(20)))], health=health) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.status is Status.PARTIAL and 0 < result.count < 20
        assert "1 of 2 shards did not answer" in result.problems[0].message
        assert "the disk of this node is full" in result.problems[0].message


@pytest.mark.parametrize("health", [Health(timed_out=True), Health(skipped_clusters=1)])
def test_other_partial_answers_are_told(health, opened):
    with ElasticsearchImitation([app(*(document(i, i) for i in range(20)))], health=health) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.status is Status.PARTIAL and result.count


def test_a_busy_server_is_asked_again(opened):
    with ElasticsearchImitation([app(document(0, 1))], busy=1) as server:
        assert opened(server).logs(Need(WINDOW)).status is Status.OK


def test_a_server_that_stays_busy_failed(opened):
    with ElasticsearchImitation([app(document(0, 1))], busy=99) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.status is Status.FAILED and "429" in result.problems[0].message


def test_a_denied_search_names_the_privilege(opened):
    with ElasticsearchImitation([app(document(0, 1))], denied=["search"]) as server:
        result = opened(server).logs(Need(WINDOW))
        assert result.status is Status.DENIED
        assert "index privilege read" in result.problems[0].hint


def test_a_missing_index_is_told(opened):
    with ElasticsearchImitation() as server:
        result = opened(server, scope={"indices": ["logs-app"]}).logs(Need(WINDOW))
        assert result.status is Status.FAILED and "no such index" in result.problems[0].message


def test_an_empty_window_is_empty(opened):
    with ElasticsearchImitation([app(document(0, 500))]) as server:
        assert opened(server).logs(Need(WINDOW)).status is Status.EMPTY


def test_api_keys(opened, monkeypatch):
    monkeypatch.setenv("ES_KEY", "ApiKey abc123==")
    auth = {"headers": {"authorization": "${env:ES_KEY}"}}
    with ElasticsearchImitation([app(document(0, 1))], api_key="abc123==") as server:
        assert opened(server, auth=auth).logs(Need(WINDOW)).status is Status.OK
        assert opened(server).logs(Need(Window(START, START + 1))).status is Status.DENIED


def test_every_key_of_the_scope_is_checked_when_it_is_opened(opened):
    with ElasticsearchImitation() as server, pytest.raises(ConfigError, match="scope"):
        opened(server, scope={"indices": ["*"]})


NAMES = [
    "hits",
    "total",
    "value",
    "sort",
    "_source",
    "_index",
    "id",
    "_shards",
    "failed",
    "aggregations",
    "indices",
]
LONG = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | LONG | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)
CAPS = {
    "indices": ["logs-a"],
    "fields": {"@timestamp": {"date": {}}, "level": {"long": {"aggregatable": True}}},
}
HITS = st.lists(
    st.fixed_dictionaries({"sort": st.lists(LONG, min_size=1, max_size=2), "_source": JSON}), max_size=3
)
PAGE = st.builds(
    lambda total, hits, more: more | {"hits": {"total": total, "hits": hits}},
    JSON,
    HITS | JSON,
    st.fixed_dictionaries(
        {"id": JSON, "pit_id": JSON, "timed_out": JSON, "_shards": JSON, "aggregations": JSON}
    ),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(JSON | PAGE, max_size=6), st.sampled_from([CAPS, None]))
def test_arbitrary_answers_never_crash(answers, first):
    """Whatever comes back, to each request something else, it ends with a status."""
    left = ([first] if first else []) + answers

    def send(*_: object, **__: object) -> Reply:
        return Reply(200, {}, orjson.dumps(left.pop(0) if left else {}))

    with Session(5.0) as session:
        options = {"url": "http://127.0.0.1:9", "scope": {"indices": ["logs-*"]}}
        connector = open_class(ElasticsearchConnector, "logs", options, session)
        connector.wire.send = send
        result = connector.logs(Need(WINDOW))
        assert result.status in Status and result.count == len(result.value)
        version = {"version": {"number": "8.17.0"}}
        left = [version, *([first] if first else []), *answers]
        assert connector.check()
