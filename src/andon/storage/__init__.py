"""What is kept: runs, their journals, and the ledger of observations.

Knows bytes, hashes and SQLite; knows nothing of what an observation means.
"""

from andon.storage.ledger import Ledger
from andon.storage.observation import Observation, canonical, query_key
from andon.storage.store import Event, RunSummary, Store

__all__ = ["Event", "Ledger", "Observation", "RunSummary", "Store", "canonical", "query_key"]
