"""VictoriaLogs: log records, fetched by LogsQL.

Knows its HTTP API and which part of LogsQL it sends. How many records there are, of which level, is asked first;
then warnings and errors are read whole and the rest in an even sample.
"""

from andon.connectors.victorialogs.config import VictoriaLogsConfig, VictoriaLogsScope
from andon.connectors.victorialogs.connector import VictoriaLogsConnector

__all__ = ["VictoriaLogsConfig", "VictoriaLogsConnector", "VictoriaLogsScope"]
