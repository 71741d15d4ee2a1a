"""Loki: log records, fetched by LogQL.

Knows Loki's HTTP API, what its limits mean, and how to read no more than is needed: how much there is and at
which levels is asked first, then warnings and errors are read whole and the rest in an even sample. Keeps
nothing and writes nothing.
"""

from andon.connectors.loki.config import LokiConfig, LokiScope
from andon.connectors.loki.connector import LokiConnector

__all__ = ["LokiConfig", "LokiConnector", "LokiScope"]
