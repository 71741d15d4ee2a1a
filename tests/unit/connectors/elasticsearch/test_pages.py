from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Session
from andon.connectors.elasticsearch import SearchConfig, pages
from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.pages import Broken, read
from andon.connectors.elasticsearch.queries import every, page
from andon.connectors.elasticsearch.views import ELASTICSEARCH, OPENSEARCH, View
from andon.connectors.wire import Wire
from andon.telemetry import Status, Window
from andon.testing.imitations.elasticsearch import (
    LOG_MAPPING,
    Document,
    ElasticsearchImitation,
    Health,
    Index,
    OpenSearchImitation,
)

START = 1_781_864_400
WINDOW = Window(START, START + 1)
FIELDS = Fields("@timestamp", False, ("message",), ("message",), (), (), (), ())
NANOS = Fields("@timestamp", True, ("message",), ("message",), (), (), (), ())
SERVERS = {
    "elasticsearch": (ElasticsearchImitation, ELASTICSEARCH),
    "opensearch": (OpenSearchImitation, OPENSEARCH),
}
OFFSETS = st.lists(st.integers(0, 3), max_size=10)


def at(offsets: list[int], name: str = "logs-a", **options: Any) -> Index:
    """One document at each of these milliseconds."""
    times = [START * 1000 + offset for offset in offsets]
    return Index(
        name, [Document(f"{name}-{i}", {"@timestamp": time}) for i, time in enumerate(times)], **options
    )


def view_of(server: Any, session: Session, keep_alive: int = 60) -> View:
    return over(wire_to(server, session), server, keep_alive)


def wire_to(server: Any, session: Session) -> Wire:
    config = SearchConfig(kind="x", url=server.url, scope={"indices": ("logs-*",)}, limits={"retries": 0})
    return Wire(session, "logs", config)


def over(wire: Wire, server: Any, keep_alive: int = 60) -> View:
    dialect = OPENSEARCH if isinstance(server, OpenSearchImitation) else ELASTICSEARCH
    return View(wire, dialect, "logs-*", keep_alive)


def names(found: pages.Pages) -> list[str]:
    return [hit["_id"] for hit in found.hits]


@pytest.fixture(scope="module", params=["elasticsearch", "opensearch"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Wire]]:
    with SERVERS[request.param][0]() as server, Session(120.0) as session:
        yield server, wire_to(server, session)


@settings(max_examples=50, deadline=None)
@given(OFFSETS, OFFSETS, st.integers(1, 5), st.booleans(), st.integers(0, 6), st.booleans())
def test_every_document_is_read_exactly_once(served, first, second, size, pits, lost_after, nanos):
    """Whatever the page size, however many share an instant, with and without points in time, also when one is lost."""
    server, wire = served
    kind = {"mapping": {**LOG_MAPPING, "@timestamp": "date_nanos"}} if nanos else {}
    server.indices = [at(first, shards=3), at(second, "logs-b", **kind)]
    server.pits = pits
    server.views.lost_after, server.views._searches = lost_after, 0
    fields = NANOS if nanos else FIELDS
    body = page(fields, every(fields, [WINDOW], ()), size, 5.0)
    found = read(over(wire, server), body, 10_000)
    expected = [document.id for index in server.indices for document in index.documents]
    assert Counter(names(found)) == Counter(expected)
    assert [hit["sort"][0] for hit in found.hits] == sorted(hit["sort"][0] for hit in found.hits)
    assert not found.gaps
    assert not len(server.views)


@pytest.mark.parametrize("kind", SERVERS)
def test_documents_that_arrive_while_pages_are_read_are_not_in_the_view(kind, session):
    with SERVERS[kind][0]([at([1, 1, 2, 3])]) as server:
        taken = server.answer

        def arriving(asked: Any) -> Any:
            told = taken(asked)
            if asked.path == "/_search":
                server.indices = [at([0, 1, 1, 2, 3, 3])]
            return told

        server.answer = arriving
        found = read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 2, 5.0), 100)
        assert names(found) == ["logs-a-0", "logs-a-1", "logs-a-2", "logs-a-3"]


@pytest.mark.parametrize("kind", SERVERS)
def test_every_search_takes_the_newest_name_and_the_last_is_given_back(kind, session):
    with SERVERS[kind][0]([at([0, 1, 2, 3, 4])]) as server:
        read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 2, 5.0), 100)
        used = [asked.json()["pit"]["id"] for asked in server.asked if asked.path == "/_search"]
        assert len(set(used)) == len(used) > 2
        assert server.asked[-1].method == "DELETE"
        assert not len(server.views)


def test_a_view_that_ended_is_opened_again_once(session):
    with ElasticsearchImitation([at([0, 0, 0, 1, 1, 1, 1, 2])]) as server:
        _late_once(server, 100.0)
        found = read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 3, 5.0), 100)
        assert sorted(names(found)) == [f"logs-a-{i}" for i in range(8)]
        assert server.views.opened == 2


def test_a_view_that_is_lost_again_and_again_breaks_off(session):
    with ElasticsearchImitation([at([0, 0, 1, 2])]) as server:
        _late_once(server, 100.0, times=9)
        with pytest.raises(Broken) as broken:
            read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 1, 5.0), 100)
        (gap,) = broken.value.pages.gaps
        assert gap.status is Status.FAILED and "search_context_missing_exception" in gap.message


def test_what_came_before_a_failure_is_kept(session):
    with ElasticsearchImitation([at([0, 1, 2, 3])]) as server:
        taken = server.answer

        def busy_from_the_third_on(asked: Any) -> Any:
            server.busy = int(len(server.asked) > 3)
            return taken(asked)

        server.answer = busy_from_the_third_on
        with pytest.raises(Broken) as broken:
            read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 1, 5.0), 100)
        assert names(broken.value.pages) == ["logs-a-0", "logs-a-1"]
        assert "429" in broken.value.pages.gaps[0].message


def test_more_at_one_instant_than_an_answer_may_hold_is_told(session, monkeypatch):
    monkeypatch.setattr(pages, "WIDEST", 5)
    with OpenSearchImitation([at([0, *[1] * 9, 2, 2])]) as server:
        found = read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 2, 5.0), 100)
        assert Counter(hit["sort"][0] - START * 1000 for hit in found.hits) == {0: 1, 1: 5, 2: 2}
        assert [gap.status for gap in found.gaps] == [Status.TRUNCATED]


def test_a_server_that_never_ends_is_left(session):
    with ElasticsearchImitation([at([0] * 50)]) as server:
        found = read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 5, 5.0), 20)
        assert len(found.hits) == 20
        assert found.gaps[0].status is Status.TRUNCATED


@pytest.mark.parametrize("kind", SERVERS)
def test_running_out_of_time_ends_and_is_told(kind, session):
    with SERVERS[kind][0]([at([0, 0, 0, 1, 1, 1])], health=Health(timed_out=True)) as server:
        found = read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 2, 5.0), 100)
        assert found.hits and all(gap.status is Status.PARTIAL for gap in found.gaps)
        assert found.gaps


def test_no_search_goes_beyond_the_result_window(session):
    with OpenSearchImitation([at([0] * 30, max_result_window=10)]) as server:
        with pytest.raises(Broken) as broken:
            read(view_of(server, session), page(FIELDS, every(FIELDS, [WINDOW], ()), 10, 5.0), 100)
        assert "max_result_window" in broken.value.pages.gaps[0].hint
        assert all(body.get("from", 0) + body["size"] <= 10_000 for body in _bodies(server))


def _bodies(server: Any) -> list[dict[str, Any]]:
    return [asked.json() for asked in server.asked if asked.path.endswith("_search")]


def _late_once(server: Any, seconds: float, times: int = 1) -> None:
    """Lets time go by before the second search, and before those that follow it."""
    taken: Callable[[Any], Any] = server.answer
    searches = []

    def late(asked: Any) -> Any:
        if asked.path == "/_search":
            searches.append(asked)
            if 1 < len(searches) <= 1 + times:
                server.elapse(seconds)
        return taken(asked)

    server.answer = late
