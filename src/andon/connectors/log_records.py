"""From a line of a log store and its labels to a log record.

What a line says of itself is read by the rules that files are read by, so that the same line means the
same wherever it is kept; the time is the store's. Labels and metadata go before the line, for they were set
by who ran the service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from andon.connectors.files.fields import pick, text_of
from andon.connectors.files.logs_json import body_from, field_names, service_from, severity_from
from andon.connectors.files.logs_text import LAYOUTS, Line, severity_in
from andon.connectors.files.times import TimeParser
from andon.connectors.service_labels import SERVICE_LABELS, service_of
from andon.telemetry import LogRecord

__all__ = ["DROPPED", "LEVEL_FIELDS", "LONGEST_TEXT", "bounded", "log_record", "severity_of_fields"]

LEVEL_FIELDS = (
    "severity_number",
    "severity_text",
    "severity",
    "level",
    "log.level",
    "log_level",
    "loglevel",
    "levelname",
    "lvl",
    "detected_level",
)
"""In the order in which they are believed: what the program said, then what the store made of it."""
LONGEST_TEXT = 1 << 20
"""Characters of one record that are kept, as of a record in a file."""
DROPPED = "dropped_attributes_count"
"""The attribute that tells how many others were left out (OpenTelemetry's name for it)."""

_MOST_ATTRIBUTES = 64
_LONGEST_ATTRIBUTE = 1024
_NO_SERVICE = "unknown_service"
"""What OpenTelemetry and Loki write where nobody named the service."""
_SAME_TIME = 86_400.0
"""Seconds between a line's own time and the store's within which it can be the same, in any time zone."""
_TRACE_ID = re.compile(r"\btrace[_.]?id\"?[=:]\s*\"?([0-9a-f]{16,32})\b", re.IGNORECASE)
_TRACE_WITHIN = 4096


def log_record(
    time: float,
    line: str,
    fields: Mapping[str, Any],
    *,
    severity: int = 0,
    service: str = "",
    service_labels: Sequence[str] = SERVICE_LABELS,
) -> LogRecord:
    """The record of one line; `fields` are its labels and structured metadata, flat.

    `severity` and `service` are what the store itself states, which goes before all else. A line that is a JSON object
    gives its message as the text and its other fields as attributes; from any other line, a time at its
    beginning that is the record's is cut off. Attributes are bounded in number and length; `DROPPED` counts
    what was left out.
    """
    body, its_severity, its_service, its_trace, inner = _read(line, time)
    severity = severity or severity_of_fields(fields) or its_severity
    if not service:
        named = service_of(
            {name: _named(fields[name]) for name in service_labels if name in fields}, service_labels
        )
        service = named or its_service
    trace = text_of(fields.get(_trace_name(tuple(fields)))) or its_trace
    return LogRecord(time, severity, service, body[:LONGEST_TEXT], trace, bounded(inner, fields))


def severity_of_fields(fields: Mapping[str, Any]) -> int:
    """The OpenTelemetry severity number that labels or metadata state, 0 when none does."""
    for name in LEVEL_FIELDS:
        if name in fields:
            value = fields[name]
            if name == "severity_number" and isinstance(value, str) and value.isdecimal():
                value = int(value)
            severity = severity_from(name, value)
            if severity:
                return severity
    return 0


def bounded(*mappings: Mapping[str, Any]) -> Mapping[str, Any]:
    """One mapping of all, later ones first, with so many entries of such length as one record may keep."""
    merged = {name: value for mapping in mappings for name, value in mapping.items()}
    kept = dict(list(merged.items())[-_MOST_ATTRIBUTES:])
    for name, value in kept.items():
        if isinstance(value, str) and len(value) > _LONGEST_ATTRIBUTE:
            kept[name] = value[:_LONGEST_ATTRIBUTE] + "…"
    if len(merged) > len(kept):
        kept[DROPPED] = len(merged) - len(kept)
    return MappingProxyType(kept)


def _read(line: str, time: float) -> tuple[str, int, str, str, Mapping[str, Any]]:
    """Text, severity, service, trace id and further fields that a line states."""
    if line.startswith("{"):
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            record = None
        if isinstance(record, dict) and record:
            return _from_object(record)
    opening = _opening(line, time)
    body, severity, service = (
        (opening.body, opening.severity, opening.service) if opening else (line, severity_in(line), "")
    )
    match = _TRACE_ID.search(body, 0, _TRACE_WITHIN)
    return body, severity, service, match[1] if match else "", {}


def _from_object(record: dict[str, Any]) -> tuple[str, int, str, str, Mapping[str, Any]]:
    time_name, level_name, message_name, service_name, trace_name = field_names(record, _NOTHING_STATED)
    record.pop(time_name, None)
    severity = severity_from(level_name, record.pop(level_name, None))
    body = record.pop(message_name, None)
    if not isinstance(body, str):
        body = body_from(body, record)
    service = record.pop(service_name, None)
    if not isinstance(service, str):
        service = service_from(service, record)
    return body, severity, service, text_of(record.pop(trace_name, None)), record


_NOTHING_STATED = dict.fromkeys(("time", "level", "message", "service", "trace_id"), "")


def _opening(line: str, time: float) -> Line | None:
    """What stands behind the time that a line begins with, when that is the time of the record."""
    if not line or line[0] in " \t":
        return None
    read = TimeParser(reference=time).text
    for _, layout in LAYOUTS:
        found = layout(line)
        if found is not None and abs(read(found.time) - time) <= _SAME_TIME:
            return found
    return None


def _named(value: Any) -> str:
    text = text_of(value)
    return "" if text == _NO_SERVICE else text


@lru_cache(maxsize=4096)
def _trace_name(names: tuple[str, ...]) -> str:
    return pick(names, "trace_id")
