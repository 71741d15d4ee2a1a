"""Which course the invocations of each service take: the statements that they log, their spans, the calls they make.

An *invocation* is a service's part in one trace. Its *steps* are what is seen of it: log statements with the id of the trace,
operations of inner spans, services that are called. Its *context* is the set of operations by which work enters the service
and of the services that ask for it, so that invocations are compared with others that were asked for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from andon.analysis.calls import Calls
from andon.analysis.identity import hashes
from andon.analysis.log_comparison import says_error
from andon.analysis.signals import words
from andon.analysis.templates import TemplateTable
from andon.telemetry import ERROR, Logs, Texts

__all__ = ["Invocations", "Step", "StepKind", "find_invocations", "owners"]

Ints = NDArray[np.int64]

MOST_PLACES = 8
"""A template whose records name more places in the source than this has numbers of another kind in it."""
_SAMPLE = 16
"""Records of a template that are looked at to see whether they name a place in the source."""
_HEAD = 600
"""Characters at the start of a record in which a logger names the place."""
_PLACE = re.compile(
    r"[A-Za-z_$][\w$]*(?:\.[\w$\[\]]+)+#\d{1,6}\b"
    r"|[\w$-]+\.(?:c|cc|cpp|cs|erl|ex|go|h|java|js|kt|php|py|rb|rs|scala|swift|ts)[:#]\d{1,6}\b"
)


class StepKind(StrEnum):
    """What a step was seen by."""

    LOG = "log"
    SPAN = "span"
    CALL = "call"
    FAILURE = "failure"
    """A span, inner or not, that is marked as failed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a service: a log statement (its template), an operation, or a service that is called.

    `place` is where in the source the statement stands, where its records say so; `error`: it is a
    record of an error, or an operation that failed or is there to tell of errors.
    """

    service: str
    kind: StepKind
    text: str
    place: str = ""
    error: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Invocations:
    """n invocations and m pairs of an invocation and a step that it took.

    Shapes: `services`, `contexts`, `traces` int64 (n,), codes of which only equality matters (services
    index `names`); `starts` float64 (n,) Unix seconds. `pairs` int64 (m, 2): invocation, index into
    `steps`, each pair once. `below`: service to all services that its calls reach.
    """

    names: tuple[str, ...]
    services: Ints
    contexts: Ints
    traces: Ints
    starts: NDArray[np.float64]
    steps: tuple[Step, ...]
    pairs: Ints
    below: Mapping[str, frozenset[str]]

    def __len__(self) -> int:
        return len(self.services)


def find_invocations(calls: Calls, logs: Logs, table: TemplateTable) -> Invocations:
    """Invocations from spans, with the log records whose traces they belong to. Linear in both.

    `table` holds the templates of `logs`. Records of traces or services without a span are left out:
    nobody knows what was asked for.
    """
    spans, names = calls.spans, calls.services
    width = max(1, len(names))
    trace, spoken_in = _traces(spans.trace_ids, logs.trace_ids)
    found, first, where = np.unique(
        trace * width + spans.service_codes, return_index=True, return_inverse=True
    )
    inner, failed = np.flatnonzero(~calls.entry), np.flatnonzero(spans.errors)
    linked = np.flatnonzero((calls.link_to >= 0) & (calls.link_to != calls.link_from))
    callers = np.searchsorted(found, trace[linked] * width + calls.link_from[linked])
    spoken, statements, log_steps = _statements(logs, table, (found, width), spoken_in, names)
    seen = [
        _numbered(StepKind.SPAN, where[inner], spans.name_codes[inner], found, names, spans.names),
        _numbered(StepKind.FAILURE, where[failed], spans.name_codes[failed], found, names, spans.names),
        _numbered(StepKind.CALL, callers, calls.link_to[linked], found, names, names),
    ]
    steps: list[Step] = list(log_steps)
    parts = [(spoken, statements)]
    for rows, numbers, more in seen:
        parts.append((rows, numbers + len(steps)))
        steps += more
    taken = np.unique(np.concatenate([rows * max(1, len(steps)) + numbers for rows, numbers in parts]))
    pairs = np.stack(np.divmod(taken, max(1, len(steps))), axis=1)
    return Invocations(
        tuple(names),
        found % width,
        _contexts(calls, where, len(found)),
        found // width,
        spans.starts[first] if len(found) else np.empty(0),
        tuple(steps),
        pairs,
        _below(calls),
    )


def owners(calls: Calls, found: Invocations) -> Ints:
    """The invocation that each span belongs to (n,), for invocations that were found from the same calls."""
    width = max(1, len(found.names))
    trace, _ = _traces(calls.spans.trace_ids, ())
    return np.searchsorted(found.traces * width + found.services, trace * width + calls.spans.service_codes)


def _traces(of_spans: Sequence[str], of_logs: Sequence[str]) -> tuple[Ints, Ints]:
    """A number for the trace of each span and of each record; -1 for records of traces without a span."""
    known, numbers = np.unique(hashes(of_spans), return_inverse=True)
    if not len(of_logs) or not len(known):
        return numbers.astype(np.int64), np.full(len(of_logs), -1, dtype=np.int64)
    spoken = hashes(of_logs)
    at = np.minimum(np.searchsorted(known, spoken), len(known) - 1)
    return numbers.astype(np.int64), np.where(known[at] == spoken, at, -1)


def _contexts(calls: Calls, where: Ints, count: int) -> Ints:
    """The set of operations by which work enters each invocation, and from which service, as a number (n,)."""
    spans, parents = calls.spans, calls.parents
    rows = np.flatnonzero(calls.entry)
    caller = np.where(parents[rows] >= 0, spans.service_codes[parents[rows]].astype(np.int64), -1)
    way = (caller + 1) * max(1, calls.operation_count) + calls.operations[rows]
    ways, numbers = np.unique(way, return_inverse=True)
    entered, by = np.divmod(np.unique(where[rows] * max(1, len(ways)) + numbers), max(1, len(ways)))
    marks = np.random.default_rng(0).integers(1, 1 << 62, size=len(ways), dtype=np.int64)
    total = np.zeros(count, dtype=np.int64)
    np.bitwise_xor.at(total, entered, marks[by])
    return np.unique(total, return_inverse=True)[1].astype(np.int64)


def _below(calls: Calls) -> dict[str, frozenset[str]]:
    """Every service with all services that its calls reach, itself only in a circle."""
    linked = np.flatnonzero((calls.link_to >= 0) & (calls.link_to != calls.link_from))
    width = max(1, len(calls.services))
    ends = np.unique(calls.link_from[linked].astype(np.int64) * width + calls.link_to[linked])
    callees: dict[str, set[str]] = {}
    for caller, callee in (divmod(end, width) for end in ends.tolist()):
        callees.setdefault(calls.services[caller], set()).add(calls.services[callee])
    below = {}
    for service in callees:
        reached: set[str] = set()
        ahead = set(callees[service])
        while ahead:
            reached |= ahead
            ahead = set().union(*(callees.get(one, ()) for one in ahead)) - reached
        below[service] = frozenset(reached)
    return below


def _numbered(
    kind: StepKind,
    rows: Ints,
    codes: NDArray[np.integer],
    found: Ints,
    names: Sequence[str],
    texts: Sequence[str],
) -> tuple[Ints, Ints, list[Step]]:
    """Rows of invocations, the number of each one's step, and the steps: one for each service and code."""
    width = max(1, len(names))
    pair = (found[rows] % width) * max(1, len(texts)) + codes
    kinds, numbers = np.unique(pair, return_inverse=True)
    steps = []
    for k in kinds.tolist():
        text = texts[k % len(texts)]
        error = kind is StepKind.FAILURE or (kind is StepKind.SPAN and says_error(" ".join(words(text))))
        steps.append(Step(names[k // len(texts)], kind, text, error=error))
    return rows.astype(np.int64), numbers.astype(np.int64), steps


def _statements(
    logs: Logs, table: TemplateTable, known: tuple[Ints, int], trace: Ints, names: Sequence[str]
) -> tuple[Ints, Ints, list[Step]]:
    """Invocations that log records belong to, the number of each one's statement, and the statements."""
    found, width = known
    nothing = np.empty(0, dtype=np.int64)
    if not len(logs.trace_ids) or not len(found):
        return nothing, nothing, []
    service = {name: i for i, name in enumerate(names)}
    translated = np.array([service.get(name, -1) for name in logs.services], dtype=np.int64)
    owner = translated[logs.service_codes]
    key = np.where((trace >= 0) & (owner >= 0), trace * width + owner, -1)
    at = np.minimum(np.searchsorted(found, key), len(found) - 1)
    rows = np.flatnonzero(found[at] == key)
    places, place_names = _places(logs, table.codes, rows)
    statement = np.where(places > 0, -places, table.codes[rows])
    span = len(table) + len(place_names)
    kinds, chosen, numbers = np.unique(
        owner[rows] * span + statement + len(place_names), return_index=True, return_inverse=True
    )
    severities = np.zeros(len(kinds), dtype=np.int64)
    np.maximum.at(severities, numbers, logs.severities[rows])
    steps = []
    for k, row, severity in zip(kinds.tolist(), chosen.tolist(), severities.tolist(), strict=True):
        template = table.templates[table.codes[rows[row]]]
        error = severity >= ERROR or says_error(template.text)
        steps.append(Step(names[k // span], StepKind.LOG, template.text, place_names[places[row]], error))
    return at[rows], numbers.astype(np.int64), steps


def _places(logs: Logs, codes: NDArray[np.int32], rows: Ints) -> tuple[Ints, list[str]]:
    """The place in the source that each record (of `rows`) names, as a number into the names; 0 for none."""
    names: dict[str, int] = {"": 0}
    places, bodies = np.zeros(len(rows), dtype=np.int64), Texts.of(logs.bodies)
    order = np.argsort(codes[rows], kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[rows][order])) + 1) if len(rows) else []
    for group in groups:
        sample = group[:: max(1, len(group) // _SAMPLE)]
        if not any(map(_place, bodies.take(rows[sample]))):
            continue
        named = [_place(body) for body in bodies.take(rows[np.sort(group)])]
        if len(set(named)) <= MOST_PLACES:
            places[np.sort(group)] = [names.setdefault(name, len(names)) for name in named]
    return places, list(names)


def _place(body: str) -> str:
    found = _PLACE.search(body, 0, _HEAD)
    return found.group() if found else ""
