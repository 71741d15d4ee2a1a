from __future__ import annotations

import pytest

from andon.connectors import Need
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Window
from andon.testing.imitations.elasticsearch import Document, ElasticsearchImitation, Index

START = 1_781_864_400
INDEX = Index(
    "logs-a", [Document(str(i), {"@timestamp": (START + i) * 1000, "message": "m"}) for i in range(9)]
)


def test_counts_are_exact_beyond_ten_thousand(opened):
    many = Index("logs-a", [Document(str(i), {"@timestamp": 1}) for i in range(10_001)])
    with ElasticsearchImitation([many]) as server:
        answer, size = opened(server).client.count({"match_all": {}})
        assert answer["hits"]["total"] == {"value": 10_001, "relation": "eq"} and size


def test_the_fields_are_asked_for_once(opened):
    with ElasticsearchImitation([INDEX]) as server:
        client = opened(server).client
        assert client.fields() == client.fields()
        assert len(server.asked) == 1


def test_what_broke_off_is_read_again(opened):
    with ElasticsearchImitation([INDEX]) as server:
        connector = opened(server, page=2, limits={"retries": 0})
        taken = server.answer

        def busy_late(asked):
            server.busy = int(len(server.asked) == 6)
            return taken(asked)

        server.answer = busy_late
        need = Need(Window(START, START + 9))
        first, second = connector.logs(need), connector.logs(need)
        assert (first.status, second.status) == ("partial", "ok")
        assert first.count < second.count == 9


def test_an_unknown_clause_is_refused_and_not_ignored(opened):
    with ElasticsearchImitation([INDEX]) as server, pytest.raises(Unanswered, match="unknown query"):
        opened(server).client.count({"fuzzy_guess": {"message": "m"}})
