"""What is observed: windows, metric series, log records, spans, change events, alerts, topology.

Frozen values without I/O. Times are Unix seconds in UTC as float, durations are seconds. Large
signals are columns (numpy arrays), small ones are dataclasses. This room knows nothing of where
values come from and nothing of incidents.
"""

from andon.telemetry.alerts import Alert
from andon.telemetry.changes import ChangeEvent, ChangeKind
from andon.telemetry.logs import ERROR, FATAL, INFO, WARN, LogRecord, Logs
from andon.telemetry.metrics import MetricSeries
from andon.telemetry.passages import Passage
from andon.telemetry.results import Fetch, Problem, Result, Status
from andon.telemetry.texts import Buffer, Bytes, TextBlock, Texts
from andon.telemetry.topology import Element, ElementKind, Relationship, Topology
from andon.telemetry.traces import Span, SpanKind, Spans
from andon.telemetry.window import Window, clock, isoformat

__all__ = [
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "Alert",
    "Buffer",
    "Bytes",
    "ChangeEvent",
    "ChangeKind",
    "Element",
    "ElementKind",
    "Fetch",
    "LogRecord",
    "Logs",
    "MetricSeries",
    "Passage",
    "Problem",
    "Relationship",
    "Result",
    "Span",
    "SpanKind",
    "Spans",
    "Status",
    "TextBlock",
    "Texts",
    "Topology",
    "Window",
    "clock",
    "isoformat",
]
