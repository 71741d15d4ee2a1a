"""An imitation of the search APIs of Elasticsearch 8 and OpenSearch 2, over documents in memory.

Executes the subset of queries, sorts and aggregations that andon sends, and refuses everything else as the
servers refuse what they cannot read. No indexing, scoring, scripts or cluster state.
"""

from andon.testing.imitations.elasticsearch.documents import LOG_MAPPING, Document, Index
from andon.testing.imitations.elasticsearch.searches import Health
from andon.testing.imitations.elasticsearch.server import ElasticsearchImitation, OpenSearchImitation

__all__ = ["LOG_MAPPING", "Document", "ElasticsearchImitation", "Health", "Index", "OpenSearchImitation"]
