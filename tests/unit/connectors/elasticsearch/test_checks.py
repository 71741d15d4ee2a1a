from __future__ import annotations

import time

import pytest

from andon.connectors.connector import CheckState
from andon.testing.imitations.elasticsearch import (
    Document,
    ElasticsearchImitation,
    Index,
    OpenSearchImitation,
)

START = 1_781_864_400
SERVERS = {"Elasticsearch 8.17.0": ElasticsearchImitation, "OpenSearch 2.19.1": OpenSearchImitation}


def index(*times, **options):
    documents = [
        Document(
            str(i), {"message": "m", "service": {"name": f"s{i % 2}"}} | ({"@timestamp": t} if t else {})
        )
        for i, t in enumerate(times)
    ]
    return Index("logs-a", documents, **options)


def by_name(connector):
    return {check.what: check for check in connector.check()}


@pytest.mark.parametrize("version", SERVERS)
def test_all_that_works_is_told(version, opened):
    now = time.time() * 1000
    with SERVERS[version]([index(START * 1000, now - 60_000, now - 1000)]) as server:
        found = by_name(opened(server))
        assert found["reach"].found == version
        assert found["fields"].found.startswith("time @timestamp, message message, level log.level")
        assert found["logs"].found == "2 records in the last hour, of 2 services"
        assert found["history"].found == "since 2026-06-19T10:20:00Z"
        assert {check.state for check in found.values()} == {CheckState.OK}
        assert not len(server.views)


def test_documents_without_a_time_are_counted(opened):
    with ElasticsearchImitation([index(START * 1000, None, None)]) as server:
        check = by_name(opened(server))["times"]
        assert check.state is CheckState.WARNING and check.found == "2 documents without @timestamp"


def test_a_server_of_the_other_kind_is_told(opened):
    with ElasticsearchImitation([index(START * 1000)]) as server:
        server._main = lambda: {"version": {"distribution": "opensearch", "number": "2.19.1"}}
        check = by_name(opened(server))["reach"]
        assert check.state is CheckState.WARNING and "kind: opensearch" in check.hint


def test_a_role_that_may_only_read_is_enough(opened):
    with ElasticsearchImitation([index(START * 1000)], denied=["main"]) as server:
        found = by_name(opened(server))
        assert found["reach"].state is CheckState.WARNING
        assert found["logs"].state is CheckState.OK


@pytest.mark.parametrize("kind", SERVERS.values())
def test_what_is_not_allowed_names_the_permission(kind, opened):
    with kind([index(START * 1000)], denied=["search", "pit"]) as server:
        found = by_name(opened(server))
        assert found["logs"].state is CheckState.FAILED
        assert "read" in found["logs"].hint
        assert found["paging"].state is CheckState.WARNING
        assert "read" in found["paging"].hint


def test_fields_that_are_not_found_are_asked_for(opened):
    with ElasticsearchImitation([index(START * 1000, mapping={"@timestamp": "date"})]) as server:
        check = by_name(opened(server))["fields"]
        assert check.state is CheckState.WARNING
        assert check.hint == "name them: fields.message, fields.level, fields.service"


def test_no_index_at_all(opened):
    with ElasticsearchImitation() as server:
        check = by_name(opened(server))["fields"]
        assert check.state is CheckState.FAILED and "no index matches" in check.found


def test_a_secret_that_is_not_there(opened, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    with ElasticsearchImitation([index(START * 1000)]) as server:
        check = by_name(opened(server, auth={"bearer": "${env:NOT_SET}"}))["reach"]
        assert check.state is CheckState.FAILED and "NOT_SET" in check.found
