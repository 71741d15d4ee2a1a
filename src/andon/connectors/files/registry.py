"""Every format of a file that can be read: its name, what it holds, its columns, and its parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from andon.connectors.files.call_graph import parse_architecture, parse_edges, parse_matrix
from andon.connectors.files.changes import parse_cloudtrail
from andon.connectors.files.columns import Collected
from andon.connectors.files.commits import parse_commits, parse_deploys, parse_flags
from andon.connectors.files.kubernetes import parse_kubernetes_events
from andon.connectors.files.logs_json import parse_csv_logs, parse_json_logs, parse_otlp_logs
from andon.connectors.files.logs_text import parse_text_logs
from andon.connectors.files.metrics_csv import parse_long, parse_wide
from andon.connectors.files.metrics_json import parse_otlp_metrics, parse_prometheus
from andon.connectors.files.parquet import parse_parquet
from andon.connectors.files.reader import FileReader
from andon.connectors.files.spans_csv import parse_csv_spans
from andon.connectors.files.spans_json import parse_jaeger, parse_otlp_spans, parse_simple_spans
from andon.connectors.files.work_orders import parse_work_orders
from andon.connectors.source import Signal

__all__ = ["FORMATS", "Format", "format_named", "format_table", "formats_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """`columns` are the roles that a file's `columns` in incident.yaml may name.

    `parse` appends to the part of its argument that belongs to the signal, and raises ParseError
    when the file as a whole cannot be read. `cut` says where a large file may be cut into parts:
    before any line (`lines`), before a line that opens a record (`records`), or nowhere.
    """

    name: str
    signal: Signal
    description: str
    parse: Callable[[FileReader, Collected], None]
    columns: tuple[str, ...] = ()
    cut: Literal["lines", "records", ""] = ""


_LOG_COLUMNS = ("time", "level", "message", "service", "trace_id")
_SPAN_COLUMNS = ("trace_id", "span_id", "parent_id", "service", "operation", "start", "end", "duration", "status", "error", "kind", "peer")  # fmt: skip
_LONG_COLUMNS = ("time", "metric", "value", "service", "unit")

FORMATS: tuple[Format, ...] = (
    Format("csv-long", Signal.METRICS, "CSV, one row a point; other columns become labels", parse_long, _LONG_COLUMNS),
    Format("csv-wide", Signal.METRICS, "CSV, one column a series; one or several header rows", parse_wide, ("time", "service", "labels", "service_separator")),
    Format("parquet", Signal.METRICS, "Parquet, long or wide", parse_parquet, _LONG_COLUMNS),
    Format("prometheus", Signal.METRICS, "the JSON answer of a Prometheus range query", parse_prometheus),
    Format("otlp-jsonl", Signal.METRICS, "OTLP JSON lines (resourceMetrics)", parse_otlp_metrics),
    Format("jsonl", Signal.LOGS, "JSON lines, or an array of records", parse_json_logs, _LOG_COLUMNS, "lines"),
    Format("csv", Signal.LOGS, "CSV with named columns", parse_csv_logs, _LOG_COLUMNS),
    Format("text", Signal.LOGS, "plain text with a time at the start of each record", parse_text_logs, cut="records"),
    Format("otlp-jsonl", Signal.LOGS, "OTLP JSON lines (resourceLogs)", parse_otlp_logs, cut="lines"),
    Format("otlp-jsonl", Signal.TRACES, "OTLP JSON lines (resourceSpans)", parse_otlp_spans, cut="lines"),
    Format("jaeger", Signal.TRACES, "Jaeger JSON (data[].spans)", parse_jaeger),
    Format("json", Signal.TRACES, "a JSON array (or lines) of flat spans", parse_simple_spans, _SPAN_COLUMNS),
    Format("csv", Signal.TRACES, "CSV with named columns", parse_csv_spans, _SPAN_COLUMNS),
    Format("cloudtrail", Signal.CHANGES, "AWS CloudTrail records", parse_cloudtrail),
    Format("kubernetes-events", Signal.CHANGES, "Kubernetes events, a list or one a line", parse_kubernetes_events),
    Format("commits", Signal.CHANGES, "commits in JSON", parse_commits, ("time",)),
    Format("deploys", Signal.CHANGES, "deploys in JSON", parse_deploys, ("time",)),
    Format("flags", Signal.CHANGES, "feature flag changes in JSON", parse_flags, ("time",)),
    Format("work-orders", Signal.CHANGES, "maintenance work orders in JSON", parse_work_orders, ("time",)),
    Format("csv-edges", Signal.TOPOLOGY, "CSV, one row a call: source, target, count", parse_edges, ("source", "target", "count")),
    Format("csv-matrix", Signal.TOPOLOGY, "CSV adjacency matrix; the row calls the column", parse_matrix),
    Format("structurizr", Signal.TOPOLOGY, "a Structurizr workspace, DSL or JSON", parse_architecture),
)  # fmt: skip

_BY_KEY = {(f.signal, f.name): f for f in FORMATS}


def format_named(signal: Signal, name: str) -> Format:
    """The format of a signal; KeyError when there is none."""
    return _BY_KEY[signal, name]


def formats_of(signal: Signal) -> tuple[str, ...]:
    """The names of a signal's formats."""
    return tuple(f.name for f in FORMATS if f.signal is signal)


def format_table() -> str:
    """All formats as a Markdown table, for the documentation."""
    lines = ["| signal | format | what it is | columns that may be named |", "|---|---|---|---|"]
    lines += [
        f"| {f.signal.value} | `{f.name}` | {f.description} | {', '.join(f.columns)} |" for f in FORMATS
    ]
    return "\n".join(lines) + "\n"
