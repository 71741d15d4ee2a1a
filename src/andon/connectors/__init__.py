"""How telemetry is fetched: one file or folder a system, all of the same shape.

A `Source` is what the investigation asks. A `Connector` reads one live system under a `Session`, which carries
deadline, budget and secrets. Connectors only read. They turn a system's formats into the values of
`andon.telemetry`; they know nothing of incidents, and judge nothing.
"""

from andon.connectors.connector import (
    Check,
    CheckState,
    Connector,
    ConnectorConfig,
    Limits,
    LocalPath,
    Need,
)
from andon.connectors.reading import Reading
from andon.connectors.registry import connector_class, connector_kinds, open_class, open_connector
from andon.connectors.secrets import Secret, Vault
from andon.connectors.session import Session
from andon.connectors.source import Signal, Source, SourceInfo
from andon.connectors.unanswered import Unanswered

__all__ = [
    "Check",
    "CheckState",
    "Connector",
    "ConnectorConfig",
    "Limits",
    "LocalPath",
    "Need",
    "Reading",
    "Secret",
    "Session",
    "Signal",
    "Source",
    "SourceInfo",
    "Unanswered",
    "Vault",
    "connector_class",
    "connector_kinds",
    "open_class",
    "open_connector",
]
