"""Elasticsearch's connector keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from andon.connectors.elasticsearch import ElasticsearchConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.elasticsearch import Document, ElasticsearchImitation, Index

DOCUMENTS = [
    Document(f"d{i}", {"@timestamp": 1_781_864_400_000 + i, "message": f"door {i}", "log": {"level": "INFO"}})
    for i in range(20)
]


class TestElasticsearch(ConnectorContract):
    connector = ElasticsearchConnector
    imitation = partial(ElasticsearchImitation, [Index("logs-app", DOCUMENTS)])
    options: ClassVar = {"scope": {"indices": ["logs-*"]}}
