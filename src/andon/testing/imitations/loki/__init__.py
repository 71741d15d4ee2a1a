"""A Loki that holds its streams in memory, answers LogQL and refuses what Loki's limits refuse.

Knows of LogQL what its parser says. No ingestion, ruler, tail or patterns.
"""

from andon.testing.imitations.loki.logql import LogQlError, LogQuery, MetricQuery, parsed
from andon.testing.imitations.loki.server import LokiImitation, LokiLimits
from andon.testing.imitations.loki.store import LokiEntry, LokiStream, Store

__all__ = [
    "LogQlError",
    "LogQuery",
    "LokiEntry",
    "LokiImitation",
    "LokiLimits",
    "LokiStream",
    "MetricQuery",
    "Store",
    "parsed",
]
