"""Errors in logs by family: what was thrown from the same place, or says the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.log_comparison import LogSample, samples, says_error
from andon.analysis.record_tally import Group, RecordTally, merge_groups, places_of
from andon.analysis.stack_traces import TRACE_CHARACTERS, StackTrace, exception_type, stack_trace
from andon.analysis.templates import TemplateTable
from andon.telemetry import ERROR, Logs, Texts, Window

__all__ = ["ErrorFamilies", "ErrorFamily", "FamilyTally", "families"]

MAX_TRACES: Final = 10_000
"""So many different traces are taken apart; records with further ones are grouped by template alone, and counted."""

_SAMPLE: Final = 8
"""Records kept of each part of a family: enough for one from the middle."""

_CODE_BITS, _SERVICE_BITS = 20, 20
_CODE_MASK: Final = (1 << _CODE_BITS) - 1

_DIGITS = re.compile("[0-9]+")
_TRACE: Final = "exception.stacktrace"
"""The attribute of a record that holds its trace (OpenTelemetry's semantic conventions)."""
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


class FamilyTally:
    """Error records of two windows by family, batch by batch; batches come in ascending time.

    What it keeps grows with families, services and codes, not with records.
    """

    def __init__(self, baseline: Window, incident: Window) -> None:
        self.records = 0
        self._sides = tuple(RecordTally(window, 1, _SAMPLE) for window in (baseline, incident))
        self._services: dict[str, int] = {}
        self._traces = _Traces()

    def add(self, logs: Logs, codes: NDArray[np.int32]) -> None:
        """Takes a batch in; `codes` int32 (n,) are a `Miner`'s, or indices into the templates of a table."""
        families = self._traces.families(logs, [side.window for side in self._sides])
        origins = 2 * families + (logs.severities >= ERROR)
        services = places_of(logs.services, self._services)[logs.service_codes]
        keys = ((origins << _SERVICE_BITS) + services << _CODE_BITS) + codes
        for side in self._sides:
            side.add(logs, keys, self.records)
        self.records += len(logs)

    def result(self, table: TemplateTable) -> ErrorFamilies:
        """The families: severity ERROR and above, words of failure, or a stack trace.

        `table.codes` says which template each code is.
        """
        erring = [says_error(template.text) for template in table.templates]
        names = list(self._services)
        members: defaultdict[_Key, list[_Member]] = defaultdict(list)
        for side, tally in enumerate(self._sides):
            for key, group in tally.groups.items():
                origin, service = divmod(key >> _CODE_BITS, 1 << _SERVICE_BITS)
                template = int(table.codes[key & _CODE_MASK])
                member = _Member(side, names[service], template, group)
                number, severe = divmod(origin, 2)
                if number:
                    members[*self._traces.found[number - 1], ""].append(member)
                elif severe or erring[template]:
                    known = table.templates[template]
                    members[exception_type(known.text), (), known.id].append(member)
        windows = (self._sides[0].window, self._sides[1].window)
        found = [_family(table, key, same) for key, same in members.items()]
        lengths = [window.seconds or 1.0 for window in windows]

        def order(family: ErrorFamily) -> tuple[bool, float, float, str, tuple[str, ...]]:
            rise = family.incident_count / lengths[1] - family.baseline_count / lengths[0]
            return not family.new, -rise, family.first_seen, family.exception, family.template_ids

        return ErrorFamilies(tuple(sorted(found, key=order)), self._traces.unread)


def families(logs: Logs, table: TemplateTable, baseline: Window, incident: Window) -> ErrorFamilies:
    """What `FamilyTally` finds in all logs at once; `table` holds the templates of exactly these logs."""
    tally = FamilyTally(baseline, incident)
    tally.add(logs, table.codes)
    return tally.result(table.by_template())


@dataclass(frozen=True, slots=True)
class _Member:
    """Records of one window, service and template that belong to a family."""

    side: int
    service: str
    template: int
    group: Group


class _Traces:
    """The stack trace of each record, from its body or its attributes; like ones are taken apart once."""

    def __init__(self) -> None:
        self.unread = 0
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        self._known: dict[str, int] = {}

    def families(self, logs: Logs, windows: Sequence[Window]) -> NDArray[np.int64]:
        """The number of each record's family, from 1, int64 (n,); 0 where it has no trace or lies in no window."""
        numbers = np.zeros(len(logs), dtype=np.int64)
        inside = np.zeros(len(logs), dtype=np.bool_)
        for window in windows:
            low, high = np.searchsorted(logs.times, (window.start, window.end))
            inside[low:high] = True
        for place in np.flatnonzero(inside & _likely(logs)).tolist():
            numbers[place] = self._number(logs, place)
        return numbers

    def _number(self, logs: Logs, place: int) -> int:
        text = _text(logs.bodies[place], logs.attributes[place] if logs.attributes else {})
        if not text:
            return 0
        key = _DIGITS.sub("0", text[:TRACE_CHARACTERS])
        if key not in self._known:
            if len(self._known) >= MAX_TRACES:
                self.unread += 1
                return 0
            trace = stack_trace(text)
            self._known[key] = self._family(trace) if trace else 0
        return self._known[key]

    def _family(self, trace: StackTrace) -> int:
        origin = (trace.exception, trace.frames)
        if origin not in self._numbers:
            self.found.append(origin)
            self._numbers[origin] = len(self.found)
        return self._numbers[origin]


def _likely(logs: Logs) -> NDArray[np.bool_]:
    """Whether each record has several lines, as text, in JSON or in its attributes."""
    bodies = logs.bodies
    if isinstance(bodies, Texts):
        several = bodies.holding(b"\n") | bodies.holding(b"\\n")
    else:
        several = np.fromiter(("\n" in body or "\\n" in body for body in bodies), np.bool_, len(bodies))
    if not logs.attributes:
        return several
    return several | _traced(logs.attributes)


def _traced(attributes: Sequence[Mapping[str, Any]]) -> NDArray[np.bool_]:
    """Whether the attributes of each record hold a trace; where they are kept packed, few are taken apart."""
    packed = getattr(attributes, "packed", None)
    if not isinstance(packed, Texts):
        return np.fromiter((_TRACE in fields for fields in attributes), np.bool_, len(attributes))
    found = packed.holding(_TRACE.encode())
    for place in np.flatnonzero(found).tolist():
        found[place] = _TRACE in attributes[place]
    return found


def _text(body: str, attributes: Mapping[str, Any]) -> str:
    trace = attributes.get(_TRACE)
    if isinstance(trace, str):
        return trace
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


def _family(table: TemplateTable, key: _Key, members: Sequence[_Member]) -> ErrorFamily:
    exception, frames, _ = key
    counts: Counter[int] = Counter()
    for member in members:
        counts[member.template] += member.group.total
    frequent = sorted(counts, key=lambda template: (-counts[template], table.templates[template].id))[:5]
    before, after = (
        merge_groups(member.group for member in members if member.side == side) for side in (0, 1)
    )
    seen = [group for group in (before, after) if group]
    return ErrorFamily(
        exception=exception,
        frames=frames,
        templates=tuple(table.templates[code].text for code in frequent),
        template_ids=tuple(table.templates[code].id for code in frequent),
        services=tuple(sorted({member.service for member in members})),
        baseline_count=before.total if before else 0,
        incident_count=after.total if after else 0,
        first_seen=min(group.first.time for group in seen),
        last_seen=max(group.last.time for group in seen),
        new=before is None,
        samples=samples(after or before),
    )
