"""Names under which programs write the same thing, and careful conversions of what they write."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from andon.telemetry import ERROR, FATAL, INFO, WARN

__all__ = ["SYNONYMS", "number", "pick", "severity_of", "text_of", "unit_of"]

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "time": (
        "timestamp", "time", "@timestamp", "ts", "datetime", "date", "unix_timestamp", "timestamp_utc",
        "eventtime", "event_time", "created_at", "observed_timestamp", "_time", "asctime", "t",
    ),
    "service": (
        "service", "service.name", "service_name", "servicename", "microservice", "app", "application",
        "component", "logger_service", "container_name", "pod", "podname", "cmdb_id", "job", "host", "hostname",
    ),
    "metric": ("metric", "metric_name", "metricname", "kpi", "kpi_name", "measurement", "__name__", "name"),
    "value": ("value", "val", "metric_value", "reading", "v"),
    "unit": ("unit", "units", "uom"),
    "level": ("level", "severity", "severity_text", "severitytext", "loglevel", "log.level", "levelname", "lvl", "log_level"),
    "message": ("message", "msg", "body", "log", "content", "text", "@message", "event", "textpayload", "line"),
    "trace_id": ("trace_id", "traceid", "trace.id", "trace"),
    "span_id": ("span_id", "spanid", "span.id", "id"),
    "parent_id": ("parent_id", "parentid", "parent_span_id", "parentspanid", "parent.id", "parent"),
    "operation": ("name", "operation", "operation_name", "operationname", "span_name", "spanname"),
    "start": (
        "start", "start_time", "starttime", "starttimeunixnano", "start_time_unix_nano", "timestamp", "time", "start_timestamp",
    ),
    "end": ("end", "end_time", "endtime", "endtimeunixnano", "end_time_unix_nano"),
    "duration": ("duration_ms", "duration_us", "duration_ns", "duration_s", "duration", "elapsed", "latency_ms", "elapsed_ms"),
    "status": ("status", "status_code", "statuscode", "status.code", "otel.status_code"),
    "error": ("error", "error_message", "status_message", "exception", "error.message"),
    "kind": ("kind", "span_kind", "spankind", "span.kind"),
    "peer": ("peer", "peer.service", "peer_service", "server.address", "callee"),
    "source": ("source", "src", "from", "caller", "client", "parent"),
    "target": ("target", "destination", "dst", "dest", "to", "callee", "server", "child"),
    "count": ("count", "calls", "call_count", "weight", "n", "connection_count"),
}  # fmt: skip
"""Role to the names it goes by, in lower case, the likeliest first."""

_LEVELS = {
    "trace": 1, "verbose": 1, "finest": 1, "v": 1, "debug": 5, "fine": 5, "finer": 1, "d": 5, "dbg": 5,
    "info": INFO, "information": INFO, "informational": INFO, "i": INFO, "config": INFO, "notice": 10, "n": 10,
    "warn": WARN, "warning": WARN, "w": WARN, "error": ERROR, "err": ERROR, "e": ERROR, "severe": ERROR,
    "failure": ERROR, "critical": FATAL, "crit": FATAL, "fatal": FATAL, "panic": FATAL, "alert": FATAL,
    "emerg": FATAL, "emergency": FATAL, "f": FATAL, "c": FATAL,
}  # fmt: skip
_TENS = {10: 1, 20: 5, 30: INFO, 40: WARN, 50: ERROR, 60: FATAL}
_SYSLOG = (FATAL, FATAL, FATAL, ERROR, WARN, 10, INFO, 5)
_UNIT_SUFFIXES = {
    "_ms": "ms", "_milliseconds": "ms", "_us": "us", "_ns": "ns", "_seconds": "s", "_bytes": "By",
    "_ratio": "1", "_percent": "%", "_pct": "%", "_celsius": "Cel", "_kib": "KiBy", "_mib": "MiBy", "_gib": "GiBy",
}  # fmt: skip


def pick(names: Iterable[str], role: str) -> str:
    """The name, as it is written, that plays a role; empty when none does."""
    lowered: dict[str, str] = {}
    for name in names:
        lowered.setdefault(name.strip().lower(), name)
    return next((lowered[synonym] for synonym in SYNONYMS[role] if synonym in lowered), "")


def severity_of(value: object) -> int:
    """The OpenTelemetry severity number of a level as loggers write it, 0 when unknown.

    Multiples of ten are read as pino and bunyan write them (30 is info), 0 to 7 as syslog does.
    """
    if isinstance(value, str):
        level = _LEVELS.get(value.strip().lower())
        if level is not None:
            return level
        if value.strip().isdecimal() and len(value) < 4:
            return severity_of(int(value))
        return 0
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value in _TENS:
            return _TENS[int(value)]
        if value in range(8):
            return _SYSLOG[int(value)]
    return 0


def number(value: Any) -> float:
    """A float from a number or its text; NaN when it is neither, and for infinities."""
    if isinstance(value, bool) or value is None:
        return math.nan
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def text_of(value: Any) -> str:
    """Text as it is; null as nothing; anything else as its shortest writing."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def unit_of(metric: str) -> str:
    """The UCUM unit that a metric's name ends in by the usual convention (`_ms`, `_bytes`), else empty."""
    name = metric.lower().removesuffix("_total")
    return next((unit for suffix, unit in _UNIT_SUFFIXES.items() if name.endswith(suffix)), "")
