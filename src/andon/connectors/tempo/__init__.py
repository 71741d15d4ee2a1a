"""Grafana Tempo: traces, by TraceQL over HTTP.

Knows how an even sample of whole traces is got out of an API that searches by whole seconds, without pages. Knows
nothing of what traces are read for.
"""

from andon.connectors.tempo.config import TempoConfig, TempoScope
from andon.connectors.tempo.connector import TempoConnector

__all__ = ["TempoConfig", "TempoConnector", "TempoScope"]
