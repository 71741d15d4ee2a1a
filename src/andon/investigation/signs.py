"""Signs: which traces a mechanism left at a place, each with the evidence that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from andon.analysis.calls import Tally
from andon.analysis.series import SeriesChange
from andon.analysis.signals import SignalKind, words
from andon.analysis.stack_traces import stack_trace
from andon.investigation import course_signs
from andon.investigation.equipment import is_equipment
from andon.investigation.equipment_signs import SIGNS, sign_hits
from andon.investigation.evidence import calls_evidence, log_evidence, series_evidence
from andon.investigation.findings import Findings, Row
from andon.investigation.mechanisms import Mechanism, Sign
from andon.investigation.places import telling_words
from andon.investigation.report import Evidence

__all__ = ["Fit", "Hit", "fit"]

_CLEAR = 3.0
"""Standard deviations of noise from which on a measure is worse: the field's three-sigma rule."""
_SURGE = 0.5
"""Growth from which on demand is a surge: what overloads a service that runs at two thirds of what it can."""
_FEW = 3
"""Cases from which on something is no stray."""
_NO_ERROR = 0.8
"""What a line counts that is not logged as an error: what it says matters more than its level."""
_HEARSAY = 0.4
"""What a caller's log line counts that does not name the element: it may speak of another callee."""
_PART = re.compile(r"\b(?:state|type|kind|mode|reason)=([^,}]*)")
"""Labels whose value belongs to what is measured (OpenTelemetry's semantic conventions)."""
_MANIFOLD = 10.0
"""A template so many times as frequent as before is as good as new: some faults happen once in a while."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sign that is there: how strongly (0 to 1), and the evidence."""

    sign: str
    strength: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Place:
    """Where signs are looked for: the element, and others at which they may show too."""

    element: str
    around: tuple[str, ...]
    findings: Findings


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a mechanism explains a place: 0 when none of the signs that it needs is there."""

    score: float
    hits: tuple[Hit, ...]


def fit(mechanism: Mechanism, element: str, findings: Findings, around: tuple[str, ...] = ()) -> Fit:
    """The chance that the mechanism acted at the element, by its signs there (noisy or).

    `around` are further elements at which its signs may show, such as those that a change reaches.
    """
    if is_equipment(element, findings.model.topology) != (mechanism.realm == "plant"):
        return Fit(0.0, ())
    place = _Place(element, around, findings)
    hits = []
    unseen = 1.0
    for sign in mechanism.signs:
        found = max(_READERS[sign.sign](sign, place), key=lambda h: h.strength, default=None)
        if found is not None and found.strength > 0:
            hits.append(found)
            unseen *= 1 - sign.weight * found.strength
    if mechanism.needs and not any(hit.sign in mechanism.needs for hit in hits):
        return Fit(0.0, ())
    return Fit(1 - unseen, tuple(hits))


def _tallied(name: str, rows: Iterable[Row[Tally]], measure: str) -> Iterator[Hit]:
    """Hits of calls whose added mass of a measure exceeds its noise."""
    for row in rows:
        strength = _excess(row.value, measure)
        if strength > 0:
            yield Hit(name, strength, calls_evidence(row, measure))


def _excess(tally: Tally, measure: str) -> float:
    """0 to 1: how clearly, and for how many of the calls, the measure is worse than usual."""
    calls = max(1, tally.incident_calls)
    if measure == "failures":
        share, z = tally.failures / calls, tally.failures / (tally.failures_noise or 1)
        if tally.failures < _FEW:
            return 0.0
    elif measure == "delay":
        usual = max(1e-9, tally.incident_seconds - tally.delay)
        share, z = tally.delay / usual, tally.delay / (tally.delay_noise or 1)
    elif measure == "missing":
        share = tally.missing / (calls + max(0.0, tally.missing))
        z = tally.missing / (tally.missing_noise or 1)
    else:
        before = tally.unanswered_baseline / max(1, tally.baseline_calls)
        share = tally.unanswered_incident / calls - before
        z = share * calls / _FEW * _CLEAR
    return min(1.0, max(0.0, share) * 4) if z >= _CLEAR else 0.0


def _links_to(at: _Place) -> Iterator[Row[Tally]]:
    """Links that arrive at the element; for one without calls of its own, those between what it reaches."""
    direct = at.findings.links_to.get(at.element, ())
    if direct or not at.around:
        yield from direct
        return
    for row in at.findings.links_to.among(*at.around):
        if at.findings.element(row.value.caller) in at.around:
            yield row


def _nodes(element: str, findings: Findings) -> Iterator[Row[Tally]]:
    return iter(findings.nodes_of.get(element, ()))


def _unanswered(sign: Sign, at: _Place) -> Iterator[Hit]:
    return _tallied(sign.sign, _links_to(at), "unanswered")


def _failing_calls(sign: Sign, at: _Place) -> Iterator[Hit]:
    return _tallied(sign.sign, _links_to(at), "failures")


def _slow_calls(sign: Sign, at: _Place) -> Iterator[Hit]:
    return _tallied(sign.sign, _links_to(at), "delay")


def _missing_calls(sign: Sign, at: _Place) -> Iterator[Hit]:
    return _tallied(sign.sign, _nodes(at.element, at.findings), "missing")


def _quiet_callee(sign: Sign, at: _Place) -> Iterator[Hit]:
    reached = [row for e in (at.element, *at.around) for row in _nodes(e, at.findings)]
    return _tallied(sign.sign, reached, "missing")


def _own_failures(sign: Sign, at: _Place) -> Iterator[Hit]:
    """Failures that no call of the element explains."""
    for row in _nodes(at.element, at.findings):
        tally = row.value
        before = tally.own_baseline_errors / max(1, tally.baseline_calls)
        added = tally.own_incident_errors - before * tally.incident_calls
        share = added / max(1, tally.incident_calls)
        if added >= _FEW and share > 0.005:
            yield Hit(sign.sign, min(1.0, share * 10), calls_evidence(row, "failures"))
    if not any(_nodes(at.element, at.findings)):
        yield from _series(
            sign,
            at.element,
            at.findings,
            (SignalKind.ERRORS, 1),
            (SignalKind.AVAILABILITY, -1),
            (SignalKind.SUCCESSES, -1),
        )


def _own_delay(sign: Sign, at: _Place) -> Iterator[Hit]:
    for row in _nodes(at.element, at.findings):
        tally = row.value
        old = tally.own_baseline_seconds / max(1, tally.baseline_calls)
        new = tally.own_incident_seconds / max(1, tally.incident_calls)
        whole = tally.incident_seconds / max(1, tally.incident_calls)
        if tally.delay > _CLEAR * tally.delay_noise and new - old > 0.3 * max(old, 0.2 * whole):
            yield Hit(sign.sign, 1.0, calls_evidence(row, "delay"))
    if not any(_nodes(at.element, at.findings)):
        yield from _series(sign, at.element, at.findings, (SignalKind.LATENCY, 1))


def _series(sign: Sign, element: str, findings: Findings, *wanted: tuple[SignalKind, int]) -> Iterator[Hit]:
    for row in findings.series_of.get(element, ()):
        change = row.value
        if (change.kind, change.direction) in wanted:
            yield Hit(sign.sign, _clearness(change.z, change.peak_z), series_evidence(row))


def _clearness(z: float, peak_z: float) -> float:
    return min(1.0, max(abs(z), abs(peak_z) / 2) / 12)


def _surge(sign: Sign, at: _Place) -> Iterator[Hit]:
    """More requests, at the element and, as clearly, at the entries through which they come.

    Calls that are as fast as ever and fail no more than before bear the demand, so that it explains nothing.
    """
    counted = list(_nodes(at.element, at.findings))
    for node in counted if _harmed(at) else ():
        grown = _growth(node.value)
        if grown >= _SURGE and not _retried(at.element, grown, at.findings):
            yield Hit(sign.sign, min(1.0, grown), calls_evidence(node, "missing"))
    for row in at.findings.series_of.get(at.element, ()) if not counted else ():
        change = row.value
        if change.kind is not SignalKind.REQUESTS:
            continue
        grown = change.incident_mean / change.baseline_mean - 1 if change.baseline_mean > 0 else 0.0
        if (
            change.direction > 0
            and grown >= _SURGE
            and change.z >= _CLEAR
            and not _amplified(change.service, grown, at.findings)
        ):
            yield Hit(sign.sign, min(1.0, grown), series_evidence(row))


def _harmed(at: _Place) -> bool:
    """Whether calls of the element, or calls to it, are slower or fail more."""
    rows = (*_nodes(at.element, at.findings), *_links_to(at))
    return any(_excess(row.value, measure) > 0 for row in rows for measure in ("delay", "failures"))


def _growth(tally: Tally) -> float:
    """How many more calls than usual there were, as a part of the usual; 0 where it may be noise."""
    usual = tally.incident_calls + tally.missing
    clear = -tally.missing >= _CLEAR * tally.missing_noise
    return -tally.missing / usual if clear and usual > 0 else 0.0


def _retried(element: str, grown: float, findings: Findings) -> bool:
    """Whether who calls makes the calls more: the demand at the entries above grew far less."""
    callers = findings.model.topology.callers
    above = findings.model.topology.distances((element,), upstream=True)
    entries = [
        e
        for e in above
        if e != element and not any(c in above for c in callers.get(e, ()) if c in findings.observed)
    ]
    growth = [_growth(row.value) for entry in entries for row in _nodes(entry, findings)]
    return bool(growth) and max(growth) < grown / 3


def _amplified(service: str, grown: float, findings: Findings) -> bool:
    """Whether a caller multiplies its calls: its own demand grew far less than the element's."""
    callers = findings.model.topology.callers.get(findings.element(service), ())
    growth = [
        row.value.incident_mean / row.value.baseline_mean - 1 for row in findings.demand_of.among(*callers)
    ]
    return bool(growth) and max(growth) < grown / 2


def _stack_trace(sign: Sign, at: _Place) -> Iterator[Hit]:
    for row in at.findings.fresh_templates_of.get(at.element, ()):
        if any(stack_trace(sample.text) for sample in row.value.samples):
            yield Hit(sign.sign, min(1.0, row.value.incident_count / _FEW), log_evidence(row))


def _log(sign: Sign, at: _Place) -> Iterator[Hit]:
    """New or more frequent templates whose words fit, at the element, its callers or around it."""
    assert sign.pattern is not None
    callers = at.findings.model.topology.callers.get(at.element, ())
    others = () if sign.own else (*callers, *at.around)
    for row in at.findings.fresh_templates_of.among(at.element, *others):
        change = row.value
        text = change.samples[0].text if change.samples else change.template
        if sign.pattern.search(text):
            new = 1.0 if change.incident_rate > _MANIFOLD * change.baseline_rate else 0.6
            own = at.findings.element(change.service) in (at.element, *at.around)
            meant = 1.0 if own or telling_words(at.element, at.findings) & set(words(text)) else _HEARSAY
            told = min(1.0, change.incident_count / _FEW) * (1.0 if change.error else _NO_ERROR)
            yield Hit(sign.sign, new * meant * told, log_evidence(row))


def _metric(sign: Sign, at: _Place) -> Iterator[Hit]:
    for row in at.findings.series_of.get(at.element, ()):
        change = row.value
        if not sign.named(_measured(change)):
            continue
        if change.direction == sign.direction or not sign.direction:
            yield Hit(sign.sign, _clearness(change.z, change.peak_z), series_evidence(row))


def _measured(change: SeriesChange) -> str:
    """The name of a series with the labels that say which part of the thing it measures."""
    return " ".join([change.name, *_PART.findall(change.key)])


def _of_equipment(sign: Sign, at: _Place) -> Iterator[Hit]:
    return (Hit(sign.sign, *found) for found in sign_hits(sign, at.element, at.findings))


def _of_course(sign: Sign, at: _Place) -> Iterator[Hit]:
    return (Hit(sign.sign, *found) for found in course_signs.SIGNS[sign.sign](at.element, at.findings))


_READERS: Mapping[str, Callable[[Sign, _Place], Iterator[Hit]]] = {
    "failing-calls": _failing_calls,
    "log": _log,
    "metric": _metric,
    "missing-calls": _missing_calls,
    "own-delay": _own_delay,
    "own-failures": _own_failures,
    "quiet-callee": _quiet_callee,
    "slow-calls": _slow_calls,
    "stack-trace": _stack_trace,
    "surge": _surge,
    "unanswered": _unanswered,
    **dict.fromkeys(SIGNS, _of_equipment),
    **dict.fromkeys(course_signs.SIGNS, _of_course),
}
