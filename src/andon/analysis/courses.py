"""Which steps invocations take more or less often than before, and how surely.

Presence per invocation is compared in each context with a G test (likelihood ratio, Woolf 1957); contexts add up with
their direction. Invocations are not independent of each other: the baseline, compared with itself part by part, shows how
much larger G is than chance makes it, and G is divided by that (an overdispersion as of quasi-likelihood).

A *shift* is what that says of a service. Trouble takes normal steps away or brings errors; errors that go are no trouble,
and normal steps that come are, where nothing went, half as telling. A shift of a caller is explained by one of a service
below it in as far as they happen in the same traces: the service farthest down is where the course turns first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from andon.analysis.invocations import Invocations, Step
from andon.telemetry import Window

__all__ = ["CourseChange", "CourseShift", "Courses", "compare_courses"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_PARTS = 4
"""Parts of the baseline that are each compared with the rest of it."""
_USUAL = 0.95
"""The quantile of quiet dispersions that counts as usual: one part of quiet time in twenty may lie beyond."""
_CHI = 3.841
"""The 95 % quantile of chi square with one degree of freedom, which G follows where chance alone acts."""
_LEAST_G = 2.0
"""Changes with less evidence than that are noise to any reader and are left out."""
_CHANCE = 0.05
"""The chance of an error that is allowed for, when it is settled which steps are too rare and which shifts are beyond chance."""
_COMES = 0.5
"""What a normal step that only comes counts: it may as well be another request that is made now."""
_AS_SURE = 0.5
"""A service explains what its callers do only where its own shift is at least this part as sure as theirs."""
_USUALLY = 0.5
"""Share of the baseline's invocations from which on a step belongs to the course, so that lacking it is a deviation."""


@dataclass(frozen=True, slots=True)
class CourseChange:
    """How often a step was taken: invocations with it, and invocations of the contexts that both windows have.

    `expected` is how many of the incident's would have taken it at the baseline's rate; `z` is the signed root of G after
    the overdispersion, so that more is positive.
    """

    step: Step
    baseline_calls: int
    baseline_with: int
    incident_calls: int
    incident_with: int
    expected: float
    z: float


@dataclass(frozen=True, slots=True)
class CourseShift:
    """A service whose course turned: `z` in standard deviations, `own` the part of it that no callee explains.

    `lost` and `gained` are places in `Courses.changes` of the surest step that went and that came, -1 for none.
    """

    service: str
    z: float
    own: float
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Courses:
    """Steps that changed, the surest first, and what they say of each service, the surest own shift first.

    `tested` is among how many steps the surest was found; `overdispersion` is at least 1.
    """

    changes: tuple[CourseChange, ...]
    shifts: tuple[CourseShift, ...]
    tested: int
    overdispersion: float


def compare_courses(found: Invocations, baseline: Window, incident: Window) -> Courses:
    """Every step in both windows. Invocations belong to the window in which they begin."""
    old = (found.starts >= baseline.start) & (found.starts < baseline.end)
    new = (found.starts >= incident.start) & (found.starts < incident.end)
    frame = _Frame(found)
    table = frame.tabled(old, new)
    excess = _overdispersion(frame, old)
    z = np.sign(table.g) * np.sqrt(np.abs(table.g) / excess)
    order = [i for i in np.argsort(-np.abs(z), kind="stable").tolist() if abs(table.g[i]) >= _LEAST_G]
    changes = tuple(
        CourseChange(
            found.steps[i],
            int(table.old[i]),
            int(table.old_with[i]),
            int(table.new[i]),
            int(table.new_with[i]),
            float(table.expected[i]),
            float(z[i]),
        )
        for i in order
    )
    changed: dict[str, list[int]] = {}
    for i, change in enumerate(changes):
        changed.setdefault(change.step.service, []).append(i)
    shifts = [_shift(service, mine, changes) for service, mine in changed.items()]
    deviants = _Deviants(frame, old, new)
    deviant = {s.service: deviants.traces([order[i] for i in (s.lost, s.gained) if i >= 0]) for s in shifts}
    tested = _tests(frame, table, excess)
    sure = {s.service for s in shifts if math.erfc(s.z / math.sqrt(2)) * tested <= _CHANCE}
    shifts = [_explained(shift, shifts, deviant, found.below, sure) for shift in shifts if shift.z > 0]
    ordered = sorted(shifts, key=lambda shift: (-shift.own, shift.service))
    return Courses(changes, tuple(ordered), tested, excess)


def _shift(service: str, mine: Sequence[int], changes: Sequence[CourseChange]) -> CourseShift:
    """What the changes of one service's steps (`mine` of all changes) say of it."""
    surest: dict[tuple[bool, bool], int] = {}
    for i in mine:
        surest.setdefault((changes[i].z > 0, changes[i].step.error), i)

    def z(gained: bool, error: bool) -> float:
        return abs(changes[surest[gained, error]].z) if (gained, error) in surest else 0.0

    lost, errors, relief = z(False, False), z(True, True), z(False, True)
    comes = min(z(True, False), max(lost, _COMES * z(True, False)))
    worst = max(lost, errors, comes if comes > relief else 0.0)
    gained = max((key for key in surest if key[0]), key=lambda key: z(*key), default=None)
    return CourseShift(
        service,
        worst,
        worst,
        surest.get((False, False), -1),
        surest[gained] if gained else -1,
    )


def _explained(
    shift: CourseShift,
    shifts: Sequence[CourseShift],
    deviant: Mapping[str, Ints],
    below: Mapping[str, frozenset[str]],
    sure: Collection[str],
) -> CourseShift:
    """The shift with what services below it leave of it; only one that is beyond chance itself explains another."""
    mine = deviant[shift.service]
    covered = 0.0
    for other in shifts:
        lower = other.service in below.get(shift.service, ()) and shift.service not in below.get(
            other.service, ()
        )
        if lower and other.service in sure and other.z >= _AS_SURE * shift.z and len(mine):
            covered = max(covered, float(np.isin(mine, deviant[other.service]).mean()))
    return replace(shift, own=shift.z * (1 - covered))


@dataclass(frozen=True, slots=True)
class _Table:
    """Per step (m,): invocations and those with the step in both sets, the expected number, G with its sign."""

    old: Floats
    old_with: Floats
    new: Floats
    new_with: Floats
    expected: Floats
    g: Floats


class _Frame:
    """Steps by context: every combination in which a step was ever taken is a stratum."""

    def __init__(self, found: Invocations) -> None:
        self.found = found
        cell = found.services * (int(found.contexts.max(initial=0)) + 1) + found.contexts
        self.cells, self.cell = np.unique(cell, return_inverse=True)
        service_of = np.zeros(len(self.cells), dtype=np.int64)
        service_of[self.cell] = found.services
        names = {name: i for i, name in enumerate(found.names)}
        owner = np.array([names[step.service] for step in found.steps], dtype=np.int64)
        self.owner = owner
        order = np.argsort(owner, kind="stable")
        low, high = (
            np.searchsorted(owner[order], service_of),
            np.searchsorted(owner[order], service_of, "right"),
        )
        self.step = (
            np.concatenate([order[a:b] for a, b in zip(low, high, strict=True)])
            if len(low)
            else np.empty(0, dtype=np.int64)
        )
        self.stratum_cell = np.repeat(np.arange(len(self.cells)), high - low)
        self.index = self.stratum_cell * max(1, len(found.steps)) + self.step
        order = np.argsort(self.index, kind="stable")
        self.index, self.step, self.stratum_cell = (
            self.index[order],
            self.step[order],
            self.stratum_cell[order],
        )
        pair_cell = self.cell[found.pairs[:, 0]]
        self.pair_stratum = np.searchsorted(
            self.index, pair_cell * max(1, len(found.steps)) + found.pairs[:, 1]
        )

    def tabled(self, old: Bools, new: Bools) -> _Table:
        """The table of two sets of invocations, given as masks (n,)."""
        n_old, k_old = self.counted(old)
        n_new, k_new = self.counted(new)
        both = (n_old > 0) & (n_new > 0)
        n_old, k_old, n_new, k_new = (np.where(both, x, 0.0) for x in (n_old, k_old, n_new, k_new))
        g = _signed_g(n_old, k_old, n_new, k_new)
        expected = n_new * k_old / np.maximum(n_old, 1)

        def total(values: Floats) -> Floats:
            return np.bincount(self.step, values, len(self.found.steps)).astype(np.float64)

        return _Table(*(total(values) for values in (n_old, k_old, n_new, k_new, expected, g)))

    def counted(self, chosen: Bools) -> tuple[Floats, Floats]:
        """Per stratum: the chosen invocations, and those of them that took the step."""
        calls = np.bincount(self.cell[chosen], minlength=len(self.cells)).astype(np.float64)
        taken = chosen[self.found.pairs[:, 0]]
        counts = np.bincount(self.pair_stratum[taken], minlength=len(self.index)).astype(np.float64)
        return calls[self.stratum_cell], counts


class _Deviants:
    """The invocations of `new` (masks over all, (n,)) beside what those of `old` usually do."""

    def __init__(self, frame: _Frame, old: Bools, new: Bools) -> None:
        n_old, k_old = frame.counted(old)
        self._frame = frame
        self._known = n_old > 0
        self._usual = k_old >= _USUALLY * np.maximum(n_old, 1)
        self._cell, self._trace = frame.cell[new], frame.found.traces[new]
        pairs = frame.found.pairs[new[frame.found.pairs[:, 0]]]
        self._taker, self._taken = (np.cumsum(new) - 1)[pairs[:, 0]], pairs[:, 1]

    def traces(self, steps: Sequence[int]) -> Ints:
        """Traces in which an invocation lacks a usual step among these, or takes an unusual one."""
        frame = self._frame
        chosen = np.zeros(len(self._cell), dtype=np.bool_)
        for step in steps:
            has = np.zeros(len(self._cell), dtype=np.bool_)
            has[self._taker[self._taken == step]] = True
            expected = np.zeros(len(frame.cells), dtype=np.bool_)
            known = np.zeros(len(frame.cells), dtype=np.bool_)
            strata = np.flatnonzero((frame.step == step) & self._known)
            known[frame.stratum_cell[strata]] = True
            expected[frame.stratum_cell[strata]] = self._usual[strata]
            chosen |= known[self._cell] & (has != expected[self._cell])
        return np.unique(self._trace[chosen])


def _signed_g(n_old: Floats, k_old: Floats, n_new: Floats, k_new: Floats) -> Floats:
    """The G of each two-by-two table, positive where the rate rose."""
    pooled = (k_old + k_new) / np.maximum(n_old + n_new, 1)

    def likelihood(n: Floats, k: Floats, p: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            hits = np.where(k > 0, k * np.log(p), 0.0)
            misses = np.where(n - k > 0, (n - k) * np.log1p(-p), 0.0)
        return hits + misses

    rate_old, rate_new = k_old / np.maximum(n_old, 1), k_new / np.maximum(n_new, 1)
    g = 2 * (
        likelihood(n_old, k_old, rate_old)
        + likelihood(n_new, k_new, rate_new)
        - likelihood(n_old, k_old, pooled)
        - likelihood(n_new, k_new, pooled)
    )
    return np.sign(rate_new - rate_old) * np.maximum(g, 0.0)


def _tests(frame: _Frame, table: _Table, excess: float) -> int:
    """Among how many steps a change was looked for: those that are always taken together count once, and those that are
    so rare that nothing could ever be said of them do not count (Tarone 1990).
    """
    rows = np.flatnonzero((table.old > 0) & (table.new > 0))
    counts = np.stack([table.old, table.old_with, table.new, table.new_with], axis=1)[rows]
    distinct = np.unique(np.column_stack([frame.owner[rows], counts]), axis=0)[:, 1:].T
    n_old, k_old, n_new, k_new = distinct
    whole = k_old + k_new
    late, early = np.minimum(whole, n_new), np.minimum(whole, n_old)
    most = np.maximum(
        np.abs(_signed_g(n_old, whole - late, n_new, late)),
        np.abs(_signed_g(n_old, early, n_new, whole - early)),
    )
    least_p = np.array([math.erfc(math.sqrt(g / excess / 2)) for g in most.tolist()])
    return next(
        (k for k in range(1, len(least_p)) if np.sum(least_p <= _CHANCE / k) <= k), max(1, len(least_p))
    )


def _overdispersion(frame: _Frame, baseline: Bools) -> float:
    """How much larger G is between parts of the baseline than chance makes it, at least 1."""
    rows = np.flatnonzero(baseline)
    order = rows[np.argsort(frame.found.starts[rows], kind="stable")]
    null = []
    for part in np.array_split(order, _PARTS):
        now = np.zeros(len(baseline), dtype=np.bool_)
        now[part] = True
        table = frame.tabled(baseline & ~now, now)
        null.append(np.abs(table.g)[(table.old > 0) & (table.new > 0)])
    values = np.concatenate(null) if null else np.empty(0)
    return max(1.0, float(np.quantile(values, _USUAL)) / _CHI) if len(values) else 1.0
