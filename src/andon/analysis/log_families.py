"""Errors in logs by family: what was thrown from the same place, or says the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.log_comparison import LogSample, samples, says_error
from andon.analysis.stack_traces import TRACE_CHARACTERS, StackTrace, exception_type, stack_trace
from andon.analysis.templates import TemplateTable
from andon.telemetry import ERROR, Logs, Window

__all__ = ["ErrorFamilies", "ErrorFamily", "families"]

MAX_TRACES: Final = 10_000
"""So many different traces are taken apart; records with further ones are grouped by template alone, and counted."""

_DIGITS = re.compile("[0-9]+")
_TRACE_FIELDS: Final = (
    "stack_trace",
    "stacktrace",
    "exception.stacktrace",
    "error.stack",
    "stack",
    "exception",
    "error",
)

_Key = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class ErrorFamily:
    """Error records of one origin: same exception type and frames, or without a trace the same template.

    `exception` is empty where none is named; `templates` are the texts of its messages, most frequent first (at most
    five); `first_seen` is the earliest time in either window, `new` says that the baseline window has none.
    """

    exception: str
    frames: tuple[str, ...]
    templates: tuple[str, ...]
    template_ids: tuple[str, ...]
    services: tuple[str, ...]
    baseline_count: int
    incident_count: int
    first_seen: float
    last_seen: float
    new: bool
    samples: tuple[LogSample, ...]


@dataclass(frozen=True, slots=True)
class ErrorFamilies:
    """Families, new ones first, then by how much their rate rose; `unread_traces` counts traces beyond MAX_TRACES."""

    families: tuple[ErrorFamily, ...]
    unread_traces: int = 0


def families(logs: Logs, table: TemplateTable, baseline: Window, incident: Window) -> ErrorFamilies:
    """The error records of both windows (severity ERROR and above, words of failure, or a stack trace) by family.

    `table` holds the templates of exactly these logs.
    """
    rows = _rows(logs, baseline, incident)
    traces = _Traces(logs)
    members: defaultdict[_Key, list[int]] = defaultdict(list)
    for i in rows.tolist():
        trace = traces.read(i) if traces.likely(i) else None
        if trace is not None:
            members[trace.exception, trace.frames, ""].append(i)
    traced = np.array([i for same in members.values() for i in same], dtype=np.int64)
    erring = np.array([says_error(template.text) for template in table.templates], dtype=np.bool_)
    rest = rows[~np.isin(rows, traced)]
    rest = rest[erring[table.codes[rest]] | (logs.severities[rest] >= ERROR)]
    groups = {key: np.array(same) for key, same in members.items()} | _by_template(table, rest)
    found = [_family(logs, table, key, same, baseline, incident) for key, same in groups.items()]
    lengths = (baseline.seconds or 1.0, incident.seconds or 1.0)

    def order(family: ErrorFamily) -> tuple[bool, float, float, str]:
        rise = family.incident_count / lengths[1] - family.baseline_count / lengths[0]
        return not family.new, -rise, family.first_seen, family.exception

    return ErrorFamilies(tuple(sorted(found, key=order)), traces.unread)


def _by_template(table: TemplateTable, rows: NDArray[np.int64]) -> dict[_Key, NDArray[np.int64]]:
    ordered = rows[np.argsort(table.codes[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(table.codes[ordered], prepend=-1))
    groups: dict[_Key, NDArray[np.int64]] = {}
    for same in np.split(ordered, starts[1:]) if len(ordered) else ():
        template = table.templates[table.codes[same[0]]]
        groups[exception_type(template.text), (), template.id] = same
    return groups


def _rows(logs: Logs, *windows: Window) -> NDArray[np.int64]:
    inside = np.zeros(len(logs), dtype=np.bool_)
    for window in windows:
        low, high = np.searchsorted(logs.times, (window.start, window.end))
        inside[low:high] = True
    return np.flatnonzero(inside)


class _Traces:
    """The stack trace of each record, from its body or its attributes; like ones are taken apart once."""

    def __init__(self, logs: Logs) -> None:
        self.unread = 0
        self._bodies = logs.bodies
        self._attributes = logs.attributes
        self._known: dict[str, StackTrace | None] = {}

    def likely(self, i: int) -> bool:
        """Whether a record has several lines, as text, in JSON or in its attributes."""
        body = self._bodies[i]
        return (
            "\n" in body
            or "\\n" in body
            or bool(self._attributes and "exception.stacktrace" in self._attributes[i])
        )

    def read(self, i: int) -> StackTrace | None:
        text = self._text(i)
        if not text:
            return None
        key = _DIGITS.sub("0", text[:TRACE_CHARACTERS])
        if key not in self._known:
            if len(self._known) >= MAX_TRACES:
                self.unread += 1
                return None
            self._known[key] = stack_trace(text)
        return self._known[key]

    def _text(self, i: int) -> str:
        trace = self._attributes[i].get("exception.stacktrace") if self._attributes else None
        if isinstance(trace, str):
            return trace
        body = self._bodies[i]
        if "\n" in body and not body.startswith("{"):
            return body
        return _json_trace(body) if body.startswith("{") else ""


def _json_trace(body: str) -> str:
    import orjson

    try:
        record: Mapping[str, Any] = orjson.loads(body)
    except ValueError:
        return body
    for name in _TRACE_FIELDS:
        value = record.get(name)
        if isinstance(value, Mapping):
            value = value.get("stacktrace") or value.get("stack_trace") or value.get("stack")
        if isinstance(value, str) and "\n" in value:
            return value
    return ""


def _family(
    logs: Logs, table: TemplateTable, key: _Key, rows: NDArray[np.int64], baseline: Window, incident: Window
) -> ErrorFamily:
    exception, frames, _ = key
    times = logs.times[rows]
    before, after = ((times >= window.start) & (times < window.end) for window in (baseline, incident))
    codes, counts = np.unique(table.codes[rows], return_counts=True)
    frequent = codes[np.argsort(-counts, kind="stable")][:5].tolist()
    return ErrorFamily(
        exception=exception,
        frames=frames,
        templates=tuple(table.templates[code].text for code in frequent),
        template_ids=tuple(table.templates[code].id for code in frequent),
        services=tuple(sorted(logs.services[code] for code in np.unique(logs.service_codes[rows]).tolist())),
        baseline_count=int(before.sum()),
        incident_count=int(after.sum()),
        first_seen=float(times[0]),
        last_seen=float(times[-1]),
        new=not before.any(),
        samples=samples(logs, rows[after] if after.any() else rows),
    )
