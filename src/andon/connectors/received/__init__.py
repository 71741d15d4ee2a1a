"""What was pushed to us: requests of OTLP and changes, kept in segment files and read back as a source.

One process writes, any number read meanwhile. This room knows how requests lie on the disk, how long they
stay there and what telemetry they are; it knows nothing of HTTP and gRPC, by which they come.
"""

from andon.connectors.received.connector import ReceivedConfig, ReceivedConnector
from andon.connectors.received.frames import Form, Frame, Kind, Overlong
from andon.connectors.received.reading import ReceivedStore
from andon.connectors.received.requests import MOST_UNPACKED, Checked, check
from andon.connectors.received.retention import Retention, bytes_of, seconds_of
from andon.connectors.received.undecodable import Undecodable
from andon.connectors.received.writing import SegmentWriter

__all__ = [
    "MOST_UNPACKED",
    "Checked",
    "Form",
    "Frame",
    "Kind",
    "Overlong",
    "ReceivedConfig",
    "ReceivedConnector",
    "ReceivedStore",
    "Retention",
    "SegmentWriter",
    "Undecodable",
    "bytes_of",
    "check",
    "seconds_of",
]
