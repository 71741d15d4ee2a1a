"""Jaeger, and what serves its query API: traces, and which service calls which.

Knows how an even sample of whole traces is got out of an API that answers for one service at a time and cuts off
without a word. Knows nothing of what traces are read for.
"""

from andon.connectors.jaeger.config import JaegerConfig, JaegerScope
from andon.connectors.jaeger.connector import JaegerConnector

__all__ = ["JaegerConfig", "JaegerConnector", "JaegerScope"]
