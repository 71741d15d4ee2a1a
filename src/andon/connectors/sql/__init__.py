"""Tables of a SQL database as a source: metrics, logs, work orders and other changes.

Knows which columns of which tables hold what, because the configuration says so, and touches no other table. Every
statement is a SELECT that SQLAlchemy builds from reflected names and bound values, in a transaction that may only
read. Knows nothing of what the numbers mean.
"""

from andon.connectors.sql.config import ChangesTable, LogsTable, MetricsTable, SqlConfig, SqlScope
from andon.connectors.sql.connector import SqlConnector

__all__ = ["ChangesTable", "LogsTable", "MetricsTable", "SqlConfig", "SqlConnector", "SqlScope"]
