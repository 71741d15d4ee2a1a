"""A stand-in for Grafana Tempo, for tests: its query API over traces in memory, with its limits.

Executes the TraceQL that andon sends, and nothing more of that language. No ingest, no blocks on disk, no gRPC.
"""

from andon.testing.imitations.held_traces import HeldSpan, HeldTrace
from andon.testing.imitations.tempo.server import TempoImitation

__all__ = ["HeldSpan", "HeldTrace", "TempoImitation"]
