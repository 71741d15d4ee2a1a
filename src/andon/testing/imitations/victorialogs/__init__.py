"""A VictoriaLogs that holds its records in memory and answers LogsQL.

Knows of LogsQL what its parser says. No ingestion, tail, facets or streams.
"""

from andon.testing.imitations.victorialogs.logsql import LogsQlError, LogsQuery, parsed, parsed_filter
from andon.testing.imitations.victorialogs.server import VictoriaLogsImitation, VictoriaLogsRecord

__all__ = [
    "LogsQlError",
    "LogsQuery",
    "VictoriaLogsImitation",
    "VictoriaLogsRecord",
    "parsed",
    "parsed_filter",
]
