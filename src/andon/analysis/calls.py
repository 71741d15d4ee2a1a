"""What spans say of services and of the calls between them, before and during an incident.

A *node* is a service, measured at the spans by which work enters it. A *link* is a call from one
service to another, measured where the caller waits (its client span), so that a call which never
arrives still has a cost; where callers record no client spans, at the span by which it arrives. Where
spans do not say their kind, one whose only child is in another service is taken for a client span. Usual
durations and failure rates are taken for each operation, so that a change in the mix of requests is
not mistaken for a change in speed; where a gateway gives all its requests one name, the operation is
what the first call that a request leads to is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from andon.analysis.identity import last_rows
from andon.telemetry import SpanKind, Spans, Window

__all__ = ["CallTally", "Calls", "Tally", "find_calls", "tally_calls"]

BINS = 120
"""Parts of time in a tally: enough to see an onset within a hundredth, few enough to keep for every link."""
_BLOCKS = 8
"""Parts of the quiet time whose spread is the noise: the fewest that give a usable standard deviation of blocks."""
_FEW_CALLS = 20
"""Calls of an operation below which quantiles of its durations say nothing."""
_SLOW = (0.5, 0.9, 0.99)
_NAMELESS = re.compile(r"(HTTP )?(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)?[ /*]*|.*/\*+", re.IGNORECASE)
"""Names that say nothing of a request: a method alone, a catch-all route."""
_DEEPEST = 64
"""Spans within one service between the one by which work enters and one that calls another."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Spans resolved into calls. Shapes are (n,) over the spans.

    `entry`: work enters the service by this span. `link_from`, `link_to`: for spans at which a call
    between services is measured, the indices of the two in `services`, else `link_to` is -1.
    `answered`: the callee left a span of its own.
    `own_seconds`: duration less that of the children that the span waited for. `parents`: index of
    each span's parent, -1 where it is not among the spans. `operations`: what each span is for, codes
    below `operation_count`.
    """

    spans: Spans
    services: tuple[str, ...]
    entry: Bools
    link_from: NDArray[np.int32]
    link_to: NDArray[np.int32]
    answered: Bools
    own_seconds: Floats
    own_error: Bools
    parents: Ints
    operations: Ints

    @property
    def operation_count(self) -> int:
        return int(self.operations.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class Tally:
    """A node (`callee` empty) or a link, in the two windows.

    Counts are calls; seconds are sums over calls. `delay` (seconds) and `failures` (calls) are what the
    incident added over the usual, `missing` is how many calls fewer than usual there were; each noise
    is one standard deviation. `bins`, `bin_errors`, `bin_seconds` sum calls over equal parts of the
    span from the start of the baseline to the end of the incident.
    """

    caller: str
    callee: str
    baseline_calls: int
    incident_calls: int
    baseline_errors: int
    incident_errors: int
    baseline_seconds: float
    incident_seconds: float
    own_baseline_seconds: float
    own_incident_seconds: float
    own_baseline_errors: int
    own_incident_errors: int
    unanswered_baseline: int
    unanswered_incident: int
    delay: float
    delay_noise: float
    failures: float
    failures_noise: float
    missing: float
    missing_noise: float
    bins: tuple[int, ...]
    bin_errors: tuple[int, ...]
    bin_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CallTally:
    """All nodes and links; `edges` are the bounds of the bins (BINS + 1 Unix seconds)."""

    nodes: tuple[Tally, ...]
    links: tuple[Tally, ...]
    edges: tuple[float, ...]


def find_calls(spans: Spans) -> Calls:
    """Resolves parents, peers and self times. Runs in time linear in the number of spans.

    A refusal (HTTP 4xx) is an error to who called and none to who refused (OpenTelemetry's conventions);
    a service that only passes a refusal on failed as well.

    A duration that is no finite number counts as zero.
    """
    if not np.isfinite(spans.durations).all():
        spans = replace(spans, durations=np.nan_to_num(spans.durations, nan=0.0, posinf=0.0, neginf=0.0))
    n = len(spans)
    parent = _parents(spans)
    has = parent >= 0
    service = spans.service_codes
    remote = np.zeros(n, dtype=np.bool_)
    remote[has] = service[parent[has]] != service[has]
    kind = spans.kinds
    waits = (kind == SpanKind.CLIENT) | (kind == SpanKind.PRODUCER) | _calling(kind, parent, remote)
    entry = ~has | remote | (kind == SpanKind.SERVER) | (kind == SpanKind.CONSUMER)

    link_to = np.full(n, -1, dtype=np.int32)
    answered = np.zeros(n, dtype=np.bool_)
    link_from = service.copy()
    arrived = np.flatnonzero(remote)
    seen = arrived[waits[parent[arrived]]]
    link_to[parent[seen]] = service[seen]
    answered[parent[arrived]] = True
    services, peer_service = _peers(spans, link_to)
    silent = (link_to < 0) & waits & (spans.peer_codes > 0)
    link_to[silent] = peer_service[spans.peer_codes[silent]]
    unseen = arrived[~waits[parent[arrived]] & (link_to[arrived] < 0)]
    link_from[unseen], link_to[unseen] = service[parent[unseen]], service[unseen]
    answered[unseen] = True

    waited_for = has & (kind != SpanKind.CONSUMER)
    inside = np.bincount(parent[waited_for], weights=spans.durations[waited_for], minlength=n)
    own = np.maximum(0.0, spans.durations - inside[:n])
    failed_child = np.zeros(n, dtype=np.bool_)
    failing = np.flatnonzero(has & spans.errors)
    failed_child[parent[failing]] = True
    own_error = spans.errors & ~failed_child
    asked = _operations(spans, parent, entry, arrived)
    passed_on = remote & failed_child
    passed_on[has] &= spans.errors[parent[has]]
    spans = replace(spans, errors=spans.errors | passed_on)
    return Calls(spans, services, entry, link_from, link_to, answered, own, own_error, parent, asked)


def _operations(spans: Spans, parent: Ints, entry: Bools, arrived: Ints) -> Ints:
    """What each span is for (n,): its name, or of a nameless entry its name and the first call that it leads to."""
    names = spans.name_codes.astype(np.int64)
    nameless = np.array([bool(_NAMELESS.fullmatch(name)) for name in spans.names], dtype=np.bool_)
    if not nameless.any():
        return names
    above = parent[arrived]
    for _ in range(_DEEPEST):
        inner = (above >= 0) & ~entry[above]
        if not inner.any():
            break
        above = np.where(inner, parent[above], above)
    for_others = np.flatnonzero((above >= 0) & nameless[names[above]])
    entries, first = np.unique(above[for_others], return_index=True)
    found = names.copy()
    found[entries] = (names[arrived[for_others[first]]] + 1) * len(spans.names) + names[entries]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _calling(kind: NDArray[np.int8], parent: Ints, remote: Bools) -> Bools:
    """Spans without a kind whose only child is in another service (n,)."""
    children = np.bincount(parent[parent >= 0], minlength=len(kind))
    abroad = np.bincount(parent[remote], minlength=len(kind))
    return np.asarray((kind == SpanKind.UNSPECIFIED) & (children == 1) & (abroad == 1))


def _parents(spans: Spans) -> Ints:
    """Index of each span's parent, -1 where it is not among the spans."""
    return last_rows(spans.trace_ids, spans.span_ids, spans.parent_ids)


def _peers(spans: Spans, link_to: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Which service each peer name stands for: the one that answers it, its namesake, or itself."""
    services = list(spans.services)
    code = {name: i for i, name in enumerate(services)}
    votes: dict[int, dict[int, int]] = {}
    known = np.flatnonzero((link_to >= 0) & (spans.peer_codes > 0))
    width = max(1, len(services))
    pairs, counts = np.unique(
        spans.peer_codes[known].astype(np.int64) * width + link_to[known], return_counts=True
    )
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        votes.setdefault(pair // width, {})[pair % width] = count
    found = np.full(len(spans.peers), -1, dtype=np.int32)
    for peer, name in enumerate(spans.peers):
        if not name:
            continue
        if peer in votes:
            found[peer] = max(votes[peer], key=lambda service: votes[peer][service])
            continue
        if name not in code:
            code[name] = len(services)
            services.append(name)
        found[peer] = code[name]
    return tuple(services), found


def tally_calls(calls: Calls, baseline: Window, incident: Window) -> CallTally:
    """Nodes and links with what the incident added to each."""
    spans = calls.spans
    edges = np.linspace(baseline.start, incident.end, BINS + 1)
    before = (spans.starts >= baseline.start) & (spans.starts < baseline.end)
    during = (spans.starts >= incident.start) & (spans.starts < incident.end)
    known = _covered(spans.starts[before], baseline)
    frame = _Frame(calls, calls.operation_count, before, during, edges, known, incident.seconds)
    node_groups = _groups(np.flatnonzero(calls.entry), spans.service_codes)
    nodes = [frame.tally(calls.services[int(spans.service_codes[rows[0]])], "", rows) for rows in node_groups]
    pair = calls.link_from.astype(np.int64) * len(calls.services) + calls.link_to
    linked = np.flatnonzero((calls.link_to >= 0) & (calls.link_to != calls.link_from))
    links = [
        frame.tally(
            calls.services[int(calls.link_from[rows[0]])],
            calls.services[int(calls.link_to[rows[0]])],
            rows,
        )
        for rows in _groups(linked, pair)
    ]
    return CallTally(tuple(nodes), tuple(links), tuple(float(edge) for edge in edges))


def _covered(starts: Floats, window: Window) -> float:
    """Seconds of the window from its first span on: traces are often kept for less time than metrics are."""
    return window.end - float(starts.min(initial=window.end))


def _groups(rows: Ints, codes: NDArray[np.signedinteger]) -> Sequence[Ints]:
    """The rows, split by equal code."""
    if not len(rows):
        return ()
    order = rows[np.argsort(codes[rows], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


@dataclass(frozen=True, slots=True)
class _Frame:
    calls: Calls
    operation_count: int
    before: Bools
    during: Bools
    edges: Floats
    baseline_seconds: float
    incident_seconds: float

    def tally(self, caller: str, callee: str, rows: Ints) -> Tally:
        """Sums over the spans in `rows` (indices)."""
        spans = self.calls.spans
        old, new = rows[self.before[rows]], rows[self.during[rows]]
        delay, delay_noise, failures, failures_noise = self._added(old, new)
        expected = len(old) * self.incident_seconds / self.baseline_seconds if self.baseline_seconds else 0.0
        where = np.clip(np.searchsorted(self.edges, spans.starts[rows], side="right") - 1, 0, BINS - 1)
        inside = (spans.starts[rows] >= self.edges[0]) & (spans.starts[rows] < self.edges[-1])
        rows, where = rows[inside], where[inside]
        bins, bin_errors = _binned(where, None), _binned(where, spans.errors[rows])
        bin_seconds = np.bincount(where, spans.durations[rows], BINS).round(6)
        delay_noise = max(delay_noise, self._restless(bin_seconds, np.array(bins)))
        failures_noise = max(failures_noise, self._restless(np.array(bin_errors), np.array(bins)))
        own_seconds, own_error, answered = self.calls.own_seconds, self.calls.own_error, self.calls.answered
        return Tally(
            caller=caller,
            callee=callee,
            baseline_calls=len(old),
            incident_calls=len(new),
            baseline_errors=int(spans.errors[old].sum()),
            incident_errors=int(spans.errors[new].sum()),
            baseline_seconds=float(spans.durations[old].sum()),
            incident_seconds=float(spans.durations[new].sum()),
            own_baseline_seconds=float(own_seconds[old].sum()),
            own_incident_seconds=float(own_seconds[new].sum()),
            own_baseline_errors=int(own_error[old].sum()),
            own_incident_errors=int(own_error[new].sum()),
            unanswered_baseline=int((~answered[old]).sum()),
            unanswered_incident=int((~answered[new]).sum()),
            delay=delay,
            delay_noise=delay_noise,
            failures=failures,
            failures_noise=failures_noise,
            missing=expected - len(new),
            missing_noise=float(np.sqrt(max(expected, 1.0) * 2)) + 0.05 * expected,
            bins=bins,
            bin_errors=bin_errors,
            bin_seconds=tuple(bin_seconds.tolist()),
        )

    def _slower(self, old: Ints, new: Ints, mean: Floats) -> float:
        """How clearly more calls are slow than usual, in standard deviations.

        Slow is beyond a quantile of the baseline's own excess over the operation's mean. A sum of
        seconds alone can be two stray timeouts; a delay is many slow calls.
        """
        spans, operations = self.calls.spans, self.calls.operations
        if len(old) < _FEW_CALLS or not len(new):
            return float("inf")
        quiet = np.nan_to_num(spans.durations[old] - mean[operations[old]])
        excess = np.nan_to_num(spans.durations[new] - mean[operations[new]])
        clearest = 0.0
        for bound in np.quantile(quiet, _SLOW):
            expected = len(new) * (float(np.sum(quiet > bound)) + 1) / (len(old) + 1)
            clearest = max(
                clearest, (float(np.sum(excess > bound)) - expected) / float(np.sqrt(expected + 1))
            )
        return clearest

    def _restless(self, amounts: NDArray[np.number], calls: Ints) -> float:
        """Noise of the incident's sum as the quiet time itself shows it, hiccups and bursts included.

        The baseline's bins, less what their calls explain, are summed in blocks; the spread of the
        blocks grows with the root of the length. Zero when the baseline is too short to tell.
        """
        quiet = int(np.searchsorted(self.edges, self.edges[0] + self.baseline_seconds + 1e-9)) - 1
        length = quiet // _BLOCKS
        if length < 1 or self.edges[-1] <= self.edges[0]:
            return 0.0
        used = slice(0, length * _BLOCKS)
        usual = amounts[used].sum() / max(1, calls[used].sum())
        excess = (amounts[used] - usual * calls[used]).reshape(_BLOCKS, length).sum(axis=1)
        parts = self.incident_seconds / (length * (self.edges[1] - self.edges[0]))
        return float(np.std(excess, ddof=1) * np.sqrt(parts))

    def _added(self, old: Ints, new: Ints) -> tuple[float, float, float, float]:
        """Delay and failures beyond the usual of each operation, each with its noise."""
        spans, operations = self.calls.spans, self.calls.operations
        count = self.operation_count
        calls_old = np.bincount(operations[old], minlength=count)
        calls_new = np.bincount(operations[new], minlength=count)
        seconds_old = np.bincount(operations[old], spans.durations[old], count)
        squares_old = np.bincount(operations[old], spans.durations[old] ** 2, count)
        errors_old = np.bincount(operations[old], spans.errors[old], count)
        known = calls_old > 0
        overall_mean = float(spans.durations[old].mean()) if len(old) else float("nan")
        overall_rate = float(spans.errors[old].mean()) if len(old) else 0.0
        mean = np.where(known, seconds_old / np.maximum(calls_old, 1), overall_mean)
        rate = np.where(known, errors_old / np.maximum(calls_old, 1), overall_rate)
        variance = np.where(known, np.maximum(0, squares_old / np.maximum(calls_old, 1) - mean**2), 0.0)
        usual_seconds = float(np.nansum(calls_new * mean))
        delay = float(spans.durations[new].sum()) - usual_seconds if len(old) else 0.0
        slower = self._slower(old, new, mean)
        delay_noise = float(np.hypot(np.sqrt(np.nansum(calls_new * variance)), 0.05 * usual_seconds))
        delay_noise = (
            max(delay_noise, delay / slower) if delay > 0 and slower > 0 else max(delay_noise, delay)
        )
        usual_errors = float(np.sum(calls_new * rate))
        failures = float(spans.errors[new].sum()) - usual_errors
        chance = np.maximum(rate, 1 / (np.maximum(calls_old, 1) + 1))
        failures_noise = float(np.sqrt(np.sum(calls_new * chance * (1 - np.minimum(chance, 0.999)))))
        return delay, delay_noise, failures, failures_noise


def _binned(where: Ints, weights: Bools | None) -> tuple[int, ...]:
    counts = np.bincount(where, weights=weights, minlength=BINS)
    return tuple(counts.astype(np.int64).tolist())
