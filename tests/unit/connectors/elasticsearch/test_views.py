from __future__ import annotations

import time

import pytest

from andon.connectors import Session
from andon.connectors.elasticsearch import SearchConfig
from andon.connectors.elasticsearch.refusals import Refused
from andon.connectors.elasticsearch.views import ELASTICSEARCH, OPENSEARCH, View
from andon.connectors.wire import Wire
from andon.testing.imitations.elasticsearch import ElasticsearchImitation, Index, OpenSearchImitation

SERVERS = {
    "elasticsearch": (ElasticsearchImitation, ELASTICSEARCH),
    "opensearch": (OpenSearchImitation, OPENSEARCH),
}


def view_of(server, session, kind, indices="logs-*"):
    config = SearchConfig(kind="x", url=server.url, scope={"indices": ("logs-*",)}, limits={"retries": 0})
    return View(Wire(session, "logs", config), SERVERS[kind][1], indices, 60)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_view_is_opened_and_closed(kind, session):
    with SERVERS[kind][0]([Index("logs-a", [])]) as server:
        view = view_of(server, session, kind)
        view.open()
        path, body = view.aimed({"size": 1})
        assert path == "/_search" and body["pit"]["keep_alive"] == "60s"
        assert len(server.views) == 1
        view.close()
        view.close()
        assert not len(server.views)


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("options", [{"pits": False}, {"denied": ["pit"]}])
def test_without_points_in_time_the_indices_are_searched(kind, options, session):
    with SERVERS[kind][0]([Index("logs-a", [])], **options) as server:
        view = view_of(server, session, kind)
        view.open()
        assert view.refused
        assert view.aimed({"size": 1}) == ("/logs-*/_search", {"size": 1})


def test_an_index_that_is_not_there_is_no_reason_to_search_without_a_view(session):
    with ElasticsearchImitation() as server, pytest.raises(Refused, match="no such index"):
        view_of(server, session, "elasticsearch", "logs-a").open()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_view_is_given_back_when_the_run_was_cancelled(kind):
    with SERVERS[kind][0]([Index("logs-a", [])]) as server, Session(20.0) as session:
        view = view_of(server, session, kind)
        view.open()
        session.cancel()
        began = time.monotonic()
        view.close()
        assert time.monotonic() - began < 5.0
        assert not len(server.views)
