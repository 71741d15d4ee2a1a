"""Files that a historian or another exporter drops into a folder, as a source: metrics and work orders.

Opens only those files whose name or age says that they can hold something of the window; reads them as files of an
incident are read. Files that are still being written are read up to their last whole line. Only local folders (or
mounted ones).
"""

from andon.connectors.historian.config import HistorianConfig, WorkOrderFiles
from andon.connectors.historian.connector import HistorianConnector

__all__ = ["HistorianConfig", "HistorianConnector", "WorkOrderFiles"]
