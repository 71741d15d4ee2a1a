"""Elasticsearch and OpenSearch: log records of the indices in scope.

Knows how fields are found, how records are counted, sampled and paged, and what a partial answer looks
like. One connector for both, but for how a point in time is opened. Reads no traces, settings or cluster state.
"""

from andon.connectors.elasticsearch.config import FieldNames, IndexScope, SearchConfig
from andon.connectors.elasticsearch.connector import ElasticsearchConnector, OpenSearchConnector

__all__ = ["ElasticsearchConnector", "FieldNames", "IndexScope", "OpenSearchConnector", "SearchConfig"]
