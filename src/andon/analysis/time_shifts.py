"""Where time is added: inside services, or on the way between them.

*Own time* is what an invocation spends in its service's own spans, callees apart. *Edge time* is what a call takes at the
caller beyond what it takes at the callee: the network, queues, connections. Each is compared in its context as a ratio to the
baseline's median, by ranks (Mann and Whitney 1947), so that neither units nor outliers matter; the baseline, compared with
itself part by part, shows how much more than chance the ranks move, and z is divided by that.

What grew everywhere is nobody's own: a service is judged by what its times grew beyond the median of those that are not
its own. A network that delays a service delays calls to it and from it alike, and spares the others: each service is judged by all
its edges together (Stouffer 1949), so that edges that are as ever speak for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.calls import Calls
from andon.analysis.invocations import Invocations, owners
from andon.telemetry import Window

__all__ = ["NetworkShift", "TimeShift", "TimeShifts", "compare_times"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_PARTS = 4
"""Parts of the baseline that are each compared with the rest of it."""
_FEWEST = 4
"""Calls in a window below which ranks say nothing."""
_MANY = 5
"""Places from which on their median tells what grew everywhere."""
_TICK = 1e-4
"""Seconds that are added to every time before ratios are taken: clocks of different hosts are no finer than that."""
_SLOWER = 1.3
"""By how much the median must grow for a shift to be one: ranks of many calls tell differences that hurt nobody."""


@dataclass(frozen=True, slots=True)
class TimeShift:
    """Own time of a service (`callee` empty) or edge time of calls; medians in seconds, `z` signed, more is positive."""

    caller: str
    callee: str
    baseline_calls: int
    incident_calls: int
    baseline: float
    incident: float
    ratio: float
    z: float

    @property
    def slower(self) -> bool:
        """Whether it grew by what matters."""
        return self.z > 0 and self.ratio >= _SLOWER


@dataclass(frozen=True, slots=True)
class NetworkShift:
    """All edges of a service together: `z`, how many there are, and the place of the slowest in `TimeShifts.edges`."""

    service: str
    z: float
    edges: int
    slowest: int


@dataclass(frozen=True, slots=True)
class TimeShifts:
    """Own times by service and edge times by call, the surest first, and what the edges say of each service."""

    own: tuple[TimeShift, ...]
    edges: tuple[TimeShift, ...]
    networks: tuple[NetworkShift, ...]


def compare_times(calls: Calls, found: Invocations, baseline: Window, incident: Window) -> TimeShifts:
    """Own and edge times in both windows; those with too few calls in either are left out."""
    windows = baseline, incident
    inside = list(_places(_own_times(calls, found), windows))
    grown = _growths(inside)
    own = [_shift(place, found.names, _common(np.delete(grown, i))) for i, place in enumerate(inside)]
    places = list(_places(_edge_times(calls), windows))
    edges = [_shift(place, calls.services, 0.0) for place in places]
    order = sorted(range(len(edges)), key=lambda i: (-edges[i].z, edges[i].caller, edges[i].callee))
    places, edges = [places[i] for i in order], [edges[i] for i in order]
    ends: dict[str, list[int]] = {}
    for i, edge in enumerate(edges):
        for service in dict.fromkeys((edge.caller, edge.callee)):
            ends.setdefault(service, []).append(i)
    grown = _growths(places)
    networks = []
    for service, mine in ends.items():
        common = _common(np.delete(grown, mine))
        shifts = [_shift(places[i], calls.services, common) for i in mine]
        networks.append(_network(service, mine, shifts, edges))
    return TimeShifts(
        tuple(sorted(own, key=lambda s: (-s.z, s.caller))),
        tuple(edges),
        tuple(sorted(networks, key=lambda one: (-one.z, one.service))),
    )


@dataclass(frozen=True, slots=True)
class _Times:
    """n measured times: the place and the context that each belongs to (codes), when, and how long (seconds)."""

    callers: Ints
    callees: Ints
    contexts: Ints
    starts: Floats
    seconds: Floats


def _own_times(calls: Calls, found: Invocations) -> _Times:
    where = owners(calls, found)
    inside = np.flatnonzero((calls.link_to < 0) | (calls.link_to == calls.link_from))
    seconds = np.bincount(where[inside], calls.own_seconds[inside], len(found)).astype(np.float64)
    return _Times(
        found.services, np.full(len(found), -1, dtype=np.int64), found.contexts, found.starts, seconds
    )


def _edge_times(calls: Calls) -> _Times:
    """One for each call that left a span on both sides."""
    spans = calls.spans
    arrived = np.flatnonzero(calls.entry & (calls.parents >= 0))
    waiting = calls.parents[arrived]
    kept = (calls.link_to[waiting] == spans.service_codes[arrived]) & (
        spans.service_codes[waiting] != spans.service_codes[arrived]
    )
    arrived, waiting = arrived[kept], waiting[kept]
    return _Times(
        spans.service_codes[waiting].astype(np.int64),
        spans.service_codes[arrived].astype(np.int64),
        spans.name_codes[arrived].astype(np.int64),
        spans.starts[waiting],
        np.maximum(0.0, spans.durations[waiting] - spans.durations[arrived]),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A service or a call: codes, seconds in both windows, and their ratios to the usual as logarithms, in order of time."""

    caller: int
    callee: int
    old_seconds: Floats
    new_seconds: Floats
    old: Floats
    new: Floats


def _place(times: _Times, rows: Ints, windows: tuple[Window, Window]) -> _Place | None:
    """None where either window has too few calls of a context that both have."""
    rows = rows[np.argsort(times.starts[rows], kind="stable")]
    starts = times.starts[rows]
    old = rows[(starts >= windows[0].start) & (starts < windows[0].end)]
    new = rows[(starts >= windows[1].start) & (starts < windows[1].end)]
    new = new[np.isin(times.contexts[new], times.contexts[old])]
    if min(len(old), len(new)) < _FEWEST:
        return None
    return _Place(
        int(times.callers[rows[0]]),
        int(times.callees[rows[0]]),
        times.seconds[old],
        times.seconds[new],
        _ratios(times, old, old),
        _ratios(times, new, old),
    )


def _shift(place: _Place, names: Sequence[str], common: float) -> TimeShift:
    new = place.new - common
    return TimeShift(
        names[place.caller],
        names[place.callee] if place.callee >= 0 else "",
        len(place.old),
        len(new),
        float(np.median(place.old_seconds)),
        float(np.median(place.new_seconds)),
        float(np.exp(np.median(new) - np.median(place.old))),
        rank_z(place.old, new) / _restless(place.old),
    )


def _places(times: _Times, windows: tuple[Window, Window]) -> Iterator[_Place]:
    """Every place with enough calls in both windows."""
    if not len(times.callers):
        return
    pair = times.callers * (int(times.callees.max()) + 2) + times.callees + 1
    order = np.argsort(pair, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(pair[order])) + 1):
        place = _place(times, rows, windows)
        if place is not None:
            yield place


def _growths(places: Sequence[_Place]) -> Floats:
    """By how much, as a logarithm, the median of each place grew (n,)."""
    return np.array([np.median(place.new) - np.median(place.old) for place in places], dtype=np.float64)


def _common(growths: Floats) -> float:
    """What is common to these growths; nothing where they are few or mostly falls."""
    return max(0.0, float(np.median(growths))) if len(growths) >= _MANY else 0.0


def _ratios(times: _Times, rows: Ints, usual: Ints) -> Floats:
    """Logarithms of the times of `rows` over the median of `usual` in the same context."""
    contexts, numbers = np.unique(times.contexts[usual], return_inverse=True)
    medians = np.array([np.median(times.seconds[usual[numbers == i]]) for i in range(len(contexts))])
    at = np.searchsorted(contexts, times.contexts[rows])
    return np.asarray(np.log((times.seconds[rows] + _TICK) / (medians[at] + _TICK)))


def rank_z(old: Floats, new: Floats) -> float:
    """Standard deviations by which the ranks of `new` lie above those of `old`, ties shared."""
    both = np.concatenate([old, new])
    _, numbers, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[numbers]
    n, m, whole = len(old), len(new), len(both)
    ties = float(np.sum(counts.astype(np.float64) ** 3 - counts)) / (whole * (whole - 1))
    spread = np.sqrt(n * m / 12 * (whole + 1 - ties))
    return float((ranks[n:].sum() - m * (whole + 1) / 2) / spread) if spread > 0 else 0.0


def _restless(old: Floats) -> float:
    """How much more than chance the parts of the baseline (in order of time) differ from its rest, at least 1."""
    parts = np.array_split(np.arange(len(old)), _PARTS)
    if len(parts[-1]) < _FEWEST:
        return 1.0
    squares = [rank_z(np.delete(old, part), old[part]) ** 2 for part in parts]
    return max(1.0, float(np.sqrt(np.mean(squares))))


def _network(
    service: str, mine: Sequence[int], shifts: Sequence[TimeShift], edges: Sequence[TimeShift]
) -> NetworkShift:
    """`mine` says which of `edges` are the service's; `shifts` are those less what grew everywhere else."""
    parts = [shift.z if shift.slower else min(0.0, shift.z) for shift in shifts]
    slowest = max(mine, key=lambda i: edges[i].z)
    return NetworkShift(service, float(np.sum(parts) / np.sqrt(len(mine))), len(mine), slowest)
