"""Spans given as flat records: a JSON array or lines of simple spans, and CSV rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from andon.connectors.files.columns import SpanColumns
from andon.connectors.files.fields import number, pick, text_of
from andon.connectors.files.reader import FileReader
from andon.telemetry import SpanKind

__all__ = ["DURATION_UNITS", "SpanFields", "kind_of"]

ROLES = ("trace_id", "span_id", "parent_id", "service", "operation", "start", "end", "duration", "status", "error", "kind", "peer")  # fmt: skip
DURATION_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
_SUFFIXES = {"_ms": 1e-3, "ms": 1e-3, "_us": 1e-6, "_ns": 1e-9, "nano": 1e-9, "_s": 1.0, "_seconds": 1.0}
_FAILED = frozenset(
    {"error", "failed", "failure", "fail", "2", "status_code_error", "true", "exception", "internal"}
)
_NO_PARENT = frozenset({"", "root", "null", "none", "nan", "0", "0000000000000000", "-"})


def kind_of(value: Any) -> int:
    """The OpenTelemetry number of a span kind given as number or name."""
    if isinstance(value, int) and 0 <= value <= 5:
        return int(value)
    name = text_of(value).upper().removeprefix("SPAN_KIND_")
    if name.isdecimal():
        return int(name) if len(name) == 1 and int(name) <= 5 else 0
    return SpanKind[name].value if name in SpanKind.__members__ else 0


class SpanFields:
    """Which field plays which role, for records of one file.

    Raises ParseError when there is no start, or neither a duration nor an end. A duration without a
    unit in its name or in incident.yaml is read as milliseconds, with a problem that says so.
    """

    def __init__(self, file: FileReader, names: Iterable[str]) -> None:
        names = list(names)
        self.file = file
        self.name = {role: file.column(role) or pick(names, role) for role in ROLES}
        name = self.name
        missing = [role for role in ("span_id", "start") if name[role] not in names]
        if name["duration"] not in names and name["end"] not in names:
            missing.append("duration or end")
        if missing:
            raise file.error(
                f"no field for {', '.join(missing)}; the fields are {', '.join(names[:20])}",
                expected="span_id, start, duration (and trace_id, parent_id, service, name, status)",
                hint="name the fields in incident.yaml under `columns`",
            )
        self.scale = self._duration_unit()

    def _duration_unit(self) -> float:
        duration = self.name["duration"].lower()
        if self.file.unit in DURATION_UNITS:
            return DURATION_UNITS[self.file.unit]
        for suffix, scale in _SUFFIXES.items():
            if duration.endswith(suffix) and duration != suffix:
                return scale
        if duration and not self.name["end"]:
            self.file.problem(
                "durations do not say their unit: read as milliseconds",
                hint="say `unit: ms` (or s, us, ns) for this file in incident.yaml",
            )
        return 1e-3

    def add(self, record: Mapping[str, Any], line: int, into: SpanColumns) -> None:
        """Append one record; one without a readable start or duration is counted and left out."""
        name = self.name
        start = self.file.times(record.get(name["start"]))
        duration = self._duration(record, start)
        if start != start or duration != duration:
            self.file.problem("span without a readable start or duration left out", line=line)
            return
        parent = text_of(record.get(name["parent_id"]))
        status = text_of(record.get(name["status"])).lower()
        written = record.get(name["error"])
        failed = _is_failure(status) or (
            bool(written) and text_of(written).lower() not in {"false", "0", "nan", "none"}
        )
        message = (
            written
            if isinstance(written, str) and written.lower() not in {"true", "false", "0", "nan"}
            else ""
        )
        into.add(
            text_of(record.get(name["trace_id"])),
            text_of(record.get(name["span_id"])),
            "" if parent.lower() in _NO_PARENT else parent,
            text_of(record.get(name["service"])) or self.file.service,
            text_of(record.get(name["operation"])),
            kind_of(record.get(name["kind"])),
            start,
            duration,
            failed,
            text_of(record.get(name["peer"])),
            message,
        )

    def _duration(self, record: Mapping[str, Any], start: float) -> float:
        end = record.get(self.name["end"]) if self.name["end"] else None
        if end is not None:
            first = record.get(self.name["start"])
            exact = _nanoseconds_between(first, end)
            return exact if exact == exact else max(self.file.times(end) - start, 0.0)
        return number(record.get(self.name["duration"])) * self.scale


def _nanoseconds_between(start: Any, end: Any) -> float:
    """Seconds between two epoch nanoseconds, without the rounding of floats; NaN for other times."""
    try:
        first, last = int(start), int(end)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return max(last - first, 0) / 1e9 if first > 1e17 else math.nan


def _is_failure(status: str) -> bool:
    return status in _FAILED or (len(status) == 3 and status.isdecimal() and status >= "500")
