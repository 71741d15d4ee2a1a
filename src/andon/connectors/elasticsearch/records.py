"""From a document to a log record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from andon.connectors.elasticsearch.fields import Fields, value_at
from andon.connectors.files.fields import text_of
from andon.connectors.log_records import log_record, severity_of_fields
from andon.telemetry import LogRecord

__all__ = ["record_of", "time_of"]

_TICK = 0.001
"""Seconds: what an index of milliseconds cuts off from the time that was sent to it."""


def time_of(hit: Mapping[str, Any], fields: Fields) -> float:
    """Unix seconds; as fine as the document itself says, where the index keeps milliseconds only."""
    indexed: float = hit["sort"][0] / (1e9 if fields.nanos else 1e3)
    stated = value_at(hit.get("_source"), fields.time)
    if not isinstance(stated, str):
        return indexed
    try:
        moment = datetime.fromisoformat(stated)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return indexed
    return seconds if 0 <= seconds - indexed < _TICK else indexed


def record_of(hit: Mapping[str, Any], time: float, fields: Fields) -> LogRecord | None:
    """The record of a document, None when it does not hold one."""
    source = hit.get("_source")
    if not isinstance(source, dict) or not source:
        return None
    line = next((text for name in fields.message if (text := _line(value_at(source, name)))), "")
    attributes = {name: value for name in fields.attributes if (value := value_at(source, name)) is not None}
    severity = next((level for term in fields.level if (level := _severity(term.path, source))), 0)
    service = next((name for term in fields.service if (name := _plain(value_at(source, term.path)))), "")
    record = log_record(
        time, line or _line(source), attributes, severity=severity, service=service, service_labels=()
    )
    trace = next((t for name in fields.trace if (t := _plain(value_at(source, name)))), "")
    return replace(record, trace_id=trace) if trace else record


def _severity(name: str, source: Mapping[str, Any]) -> int:
    known = "severity_number" if "number" in name.lower() else "level"
    return severity_of_fields({known: value_at(source, name)})


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
    return text_of(value)


def _plain(value: Any) -> str:
    return "" if isinstance(value, dict | list) else text_of(value)
