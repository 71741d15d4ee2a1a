"""Logs in JSON lines (any field names in use) and OTLP JSON lines, and in CSV with named columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from andon.connectors.files import otlp
from andon.connectors.files.columns import Collected, LogColumns
from andon.connectors.files.fields import SYNONYMS, pick, severity_of, text_of
from andon.connectors.files.reader import FileReader

__all__ = [
    "body_from",
    "field_names",
    "parse_csv_logs",
    "parse_json_logs",
    "parse_otlp_logs",
    "service_from",
    "severity_from",
]

ROLES = ("time", "level", "message", "service", "trace_id")
NO_TIME = "record without a readable time left out"
NO_TIME_HINT = "name the time field in incident.yaml: `columns: {time: …}`"
MOST_CACHED_LEVELS = 1000


def parse_json_logs(file: FileReader, into: Collected) -> None:
    """JSON lines, or an array of records; fields other than the five roles become attributes."""
    records = _Records(file, into.logs)
    lines = file.holds_lines()
    if lines:
        for first, batch in file.line_batches(file.bundle.limits.line):
            if not records.add_batch(first, batch):
                for line, record in file.json_objects(first, batch):
                    records.add(line, record)
    elif lines is not None:
        for line, record in file.document_records("logs", "records", "events", "hits"):
            records.add(line, record)


class _Records:
    """Reads records of one file; the names of their fields hold until a record lacks time or message."""

    def __init__(self, file: FileReader, into: LogColumns) -> None:
        self._file = file
        self._into = into
        self._limit = file.bundle.limits.text
        self._stated = {role: file.column(role) for role in ROLES}
        self._names: tuple[str, ...] = ()
        self._severities = _Severities()

    def add(self, line: int, record: dict[str, Any]) -> None:
        """One record; one without a readable time is counted and left out."""
        file = self._file
        if not self._names or self._names[0] not in record or self._names[2] not in record:
            self._names = field_names(record, self._stated)
        time_name, level_name, message_name, service_name, trace_name = self._names
        time = file.times(record.pop(time_name, None))
        if time != time:
            file.problem(NO_TIME, line=line, hint=NO_TIME_HINT)
            return
        severity = self._severity(record.pop(level_name, None))
        body = record.pop(message_name, None)
        if type(body) is not str:
            body = body_from(body, record)
        if len(body) > self._limit:
            body = _cut(file, body, line)
        service = record.pop(service_name, None)
        if type(service) is not str:
            service = service_from(service, record)
        trace_id = text_of(record.pop(trace_name, None))
        self._into.add(time, severity, service or file.service, body, trace_id, record)

    def add_batch(self, first: int, lines: Sequence[bytes]) -> bool:
        """All lines at once, column by column; False, with nothing added, when one of them is out of the ordinary."""
        try:
            records: list[dict[str, Any]] = list(map(orjson.loads, lines))
        except orjson.JSONDecodeError:
            return False
        if not records or set(map(type, records)) != {dict}:
            return False
        names = self._names
        if not names or names[0] not in records[0] or names[2] not in records[0]:
            names = field_names(records[0], self._stated)
        written, levels, bodies, services, trace_ids = (
            [record.pop(name, None) for record in records] for name in names
        )
        if None in written or set(map(type, bodies)) != {str} or max(map(len, bodies)) > self._limit:
            return False
        self._names = names
        times = self._times(written)
        texts = set(map(type, levels)) == {str}
        severities = list(map(self._severities.__getitem__ if texts else self._severity, levels))
        default = self._file.service
        if set(map(type, services)) == {str}:
            owners = [service or default for service in services] if "" in services else services
        else:
            owners = [
                (service if type(service) is str else service_from(service, record)) or default
                for service, record in zip(services, records, strict=True)
            ]
        traces = list(map(text_of, trace_ids)) if any(trace_ids) else []
        attributes = records if any(records) else []
        columns = [times, severities, owners, bodies, traces, attributes]
        self._into.extend(*self._timed(columns, times, first))
        return True

    def _times(self, written: list[Any]) -> NDArray[np.float64]:
        times = self._file.times
        if set(map(type, written)) == {str}:
            return times.column(written)
        return np.fromiter(map(times, written), dtype=np.float64, count=len(written))

    def _timed(self, columns: list[Any], times: NDArray[np.float64], first: int) -> list[Any]:
        """The columns without the records whose time is not readable, which are counted."""
        missing = np.flatnonzero(np.isnan(times))
        if not len(missing):
            return columns
        self._file.problem(NO_TIME, line=first + int(missing[0]), count=len(missing), hint=NO_TIME_HINT)
        kept = np.flatnonzero(~np.isnan(times)).tolist()
        return [[column[i] for i in kept] if len(column) else column for column in columns]

    def _severity(self, level: Any) -> int:
        return self._severities[level] if type(level) is str else severity_from(self._names[1], level)


class _Severities(dict[str, int]):
    """Levels as loggers write them to their numbers; the usual ones are looked up once."""

    def __missing__(self, level: str) -> int:
        severity = severity_of(level)
        if len(self) < MOST_CACHED_LEVELS:
            self[level] = severity
        return severity


def parse_otlp_logs(file: FileReader, into: Collected) -> None:
    """`resourceLogs` of OTLP JSON lines."""
    seen, line = False, 0
    limit = file.bundle.limits.text
    for line, batch in file.json_lines():
        for resource, records in otlp.resources(batch, "resourceLogs", "scopeLogs", "logRecords"):
            seen = True
            service = otlp.service_of(resource, file.service)
            for record in records:
                time = otlp.nanoseconds(otlp.key(record, "timeUnixNano", "time_unix_nano"))
                if time != time:
                    time = otlp.nanoseconds(
                        otlp.key(record, "observedTimeUnixNano", "observed_time_unix_nano")
                    )
                if time != time:
                    file.problem(NO_TIME, line=line)
                    continue
                attributes = otlp.attributes_of(record)
                body = _otlp_body(record, attributes)
                if len(body) > limit:
                    body = _cut(file, body, line)
                trace_id = text_of(otlp.key(record, "traceId", "trace_id"))
                into.logs.add(time, _otlp_severity(record), service, body, trace_id, attributes)
    if not seen and line:
        raise file.error("no resourceLogs", expected="OTLP JSON lines of logs")


def parse_csv_logs(file: FileReader, into: Collected) -> None:
    """CSV with a header; columns other than the five roles become attributes."""
    rows = file.csv_rows()
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    names = {role: file.column(role) or pick(header, role) for role in ROLES}
    missing = [role for role in ("time", "message") if names[role] not in header]
    if missing:
        raise file.error(
            f"no column for {' and '.join(missing)}; the columns are {', '.join(header[:20])}",
            line=1,
            expected="time and message (and level, service, trace_id)",
            hint="name the columns of the file in incident.yaml under `columns`",
        )
    for line, row in rows:
        if len(row) != len(header):
            file.problem(f"row has {len(row)} cells where the header has {len(header)}", line=line)
        record = dict(zip(header, row, strict=False))
        time = file.times.text(record.pop(names["time"], ""))
        if time != time:
            file.problem(NO_TIME, line=line, hint=NO_TIME_HINT)
            continue
        severity = severity_of(record.pop(names["level"], ""))
        body = record.pop(names["message"], "")
        service = record.pop(names["service"], "") or file.service
        trace_id = record.pop(names["trace_id"], "")
        body = _cut(file, body, line) if len(body) > file.bundle.limits.text else body
        into.logs.add(time, severity, service, body, trace_id, {k: v for k, v in record.items() if v})


def field_names(record: Mapping[str, Any], stated: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the five fields in records like this one; a role that nothing plays gets its usual name."""
    taken: set[str] = set()
    names = []
    for role in ROLES:
        free = [name for name in record if name not in taken]
        if role == "message":
            free = [name for name in free if not isinstance(record[name], dict | list)] or free
        name = stated[role] or pick(free, role) or SYNONYMS[role][0]
        taken.add(name)
        names.append(name)
    return tuple(names)


def severity_from(name: str, level: Any) -> int:
    """The severity that a level under this name states, which may be an OpenTelemetry number."""
    if isinstance(level, int) and "number" in name.lower() and 0 <= level <= 24:
        return level
    return severity_of(level)


def body_from(body: Any, record: dict[str, Any]) -> str:
    """The text of a record whose message is no text: the message as JSON, or all that is left of the record."""
    if body is None:
        nested: dict[str, Any]
        nested = next(
            (record[name] for name in ("jsonPayload", "data", "log") if isinstance(record.get(name), dict)),
            {},
        )
        inner = pick(nested, "message")
        return text_of(nested[inner]) if inner else _json(record)
    return _json(body)


def service_from(service: Any, record: dict[str, Any]) -> str:
    """The service of a record whose service is no text, or is stated elsewhere in it."""
    if isinstance(service, dict):
        return text_of(service.get("name"))
    if service is not None:
        return text_of(service)
    for path in (("resource", "service.name"), ("kubernetes", "container_name"), ("kubernetes", "pod_name")):
        owner = record.get(path[0])
        if isinstance(owner, dict) and isinstance(owner.get(path[1]), str):
            return str(owner[path[1]])
    return ""


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(file: FileReader, body: str, line: int) -> str:
    limit = file.bundle.limits.text
    file.problem(f"record longer than {limit:,} characters was cut", line=line)
    return body[:limit]


def _otlp_body(record: Mapping[str, Any], attributes: dict[str, Any]) -> str:
    body = otlp.value_of(record.get("body"))
    if isinstance(body, str):
        text = body
    elif body is None:
        text = text_of(attributes.get("exception.message") or otlp.key(record, "eventName", "event_name"))
    else:
        text = _json(body)
    trace = attributes.get("exception.stacktrace")
    return f"{text}\n{trace}" if isinstance(trace, str) and trace not in text else text


def _otlp_severity(record: Mapping[str, Any]) -> int:
    stated = otlp.key(record, "severityNumber", "severity_number")
    if isinstance(stated, int) and 0 < stated <= 24:
        return stated
    if isinstance(stated, str) and stated.startswith("SEVERITY_NUMBER_"):
        return severity_of(stated.removeprefix("SEVERITY_NUMBER_").rstrip("234"))
    return severity_of(otlp.key(record, "severityText", "severity_text"))
