"""Files that a historian or another exporter drops into a folder or a bucket, as a source: metrics and work orders.

Opens only those files whose name or age says that they can hold something of the window; reads them as files of an
incident are read. Files that are still being written are read up to their last whole line. Objects of a store are
brought into a private folder first; the requests for them are those of AWS (`andon.connectors.aws`), for S3's API.
"""

from andon.connectors.historian.config import HistorianConfig, WorkOrderFiles
from andon.connectors.historian.connector import HistorianConnector

__all__ = ["HistorianConfig", "HistorianConnector", "WorkOrderFiles"]
