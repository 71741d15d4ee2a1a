"""What is kept: runs, their journals, the ledger of observations, and the search index of documents.

Knows bytes, hashes and SQLite; knows nothing of what an observation means.
"""

from andon.storage.embeddings import Embedder
from andon.storage.ledger import Ledger
from andon.storage.observation import Observation, canonical, query_key
from andon.storage.passages import Readable, Refreshed
from andon.storage.search import Hit, Index, index_file
from andon.storage.store import Event, RunSummary, Store

__all__ = [
    "Embedder",
    "Event",
    "Hit",
    "Index",
    "Ledger",
    "Observation",
    "Readable",
    "Refreshed",
    "RunSummary",
    "Store",
    "canonical",
    "index_file",
    "query_key",
]
