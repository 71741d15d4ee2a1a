"""How telemetry is fetched: one file or folder a system, all of the same shape (`Source`).

Connectors only read. They turn a system's formats into the values of `andon.telemetry`; they know
nothing of incidents, and judge nothing.
"""

from andon.connectors.source import Signal, Source, SourceInfo

__all__ = ["Signal", "Source", "SourceInfo"]
