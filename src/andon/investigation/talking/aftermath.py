"""The aftermath: whether the trouble went on after an engineer took a change back.

A change that did it stops doing it when it is undone. So the calls at the symptom (or, without traces, its metrics)
are compared in three periods: the quiet time, from the onset to the undoing, and after it. Both answers are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from andon.analysis.calls import CallTally, Tally
from andon.investigation.case import Case
from andon.investigation.findings import Row
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import metrics, traces
from andon.investigation.tools.metrics import SeriesPoints
from andon.investigation.windows import extent
from andon.telemetry import ChangeEvent, Window, clock

__all__ = ["Aftermath", "aftermath", "stated"]

_FEW = 5
"""Calls, and points, below which a period says nothing."""
_ON, _OVER = 0.5, 0.2
"""Parts of the trouble: from the first on it went on, up to the second it was over; between them neither is said. A judgement."""
_SERIES = 5
"""Series that are tried, the clearest first."""
_QUANTITIES = frozenset(["failures", "delay", "missing"])


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`went_on` is None where it cannot be told; `told` is the sentence, `refs` the rows that it was computed from."""

    went_on: bool | None
    told: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Periods:
    """A measure in the quiet time, during the trouble, and after the change was undone, and how it is written."""

    quiet: float
    during: float
    after: float
    told: str
    ref: str


def stated(case: Case, box: Toolbox) -> Iterator[str]:
    """One note for each thing that an engineer stated, and one for each change that they undid."""
    for fact in case.question.facts:
        yield f"Stated by the engineer, and no evidence: “{fact}”."
    for change, time in case.question.undone:
        found = aftermath(case, box, change, time)
        yield " ".join((found.told, *(f"[{ref.partition(':')[0]}]" for ref in found.refs)))


def aftermath(case: Case, box: Toolbox, change: str, time: float) -> Aftermath:
    """What came after a change (its id) was undone at `time` (Unix seconds)."""
    event = _event(case, change)
    what = f"{event.action} on {event.target}" if event and event.target else f"The change {change}"
    head = f"{what} was undone at {clock(time)}, as you say"
    onset = case.findings.symptom.onset or case.findings.windows.incident.start
    if time <= onset:
        told = f"{head}: before the trouble began at {clock(onset)}, so what came after was without it."
        return Aftermath(True, told)
    found = _from_calls(case, box, time) or _from_series(case, box, time)
    if found is None:
        return Aftermath(
            None,
            f"{head}; whether the trouble went on after that cannot be told: nothing of that time is at hand.",
        )
    trouble, rest = found.during - found.quiet, found.after - found.quiet
    left = rest / trouble if trouble else 0.0
    cleared = change in case.question.cleared
    if left >= _ON:
        end, went_on = (
            "the trouble went on, which "
            + ("bears you out." if cleared else "speaks for it being harmless."),
            True,
        )
    elif left <= _OVER:
        end, went_on = (
            "the trouble was over then, which " + ("contradicts you." if cleared else "speaks against it."),
            False,
        )
    else:
        end, went_on = "the trouble became less, so neither can be said.", None
    return Aftermath(went_on, f"{head}. {found.told}: {end}", (found.ref,))


def _event(case: Case, change: str) -> ChangeEvent | None:
    return next((r.value for r in case.findings.events if change in (r.value.id, r.value.commit)), None)


def _from_calls(case: Case, box: Toolbox, time: float) -> _Periods | None:
    """By the calls at the symptom: in the tallies of the ledger where they reach past the time, else asked anew."""
    quantity = case.location.quantity
    if quantity not in _QUANTITIES:
        return None
    rows = [row for row in case.findings.nodes if _is_felt(case, row.value.caller)]
    row = max(rows, key=lambda r: r.value.incident_calls, default=None)
    if row is None:
        return None
    held = case.findings.calls[
        [s.observation.id for s in case.findings.calls].index(row.observation.id)
    ].content
    onset = case.findings.symptom.onset or case.findings.windows.incident.start
    during, after = (
        _binned(row.value, held.edges, *ends) for ends in ((onset, time), (time, held.edges[-1]))
    )
    ref = row
    if after[0] < _FEW or held.edges[-1] < extent(case.infos).end - (held.edges[1] - held.edges[0]):
        later = _asked_anew(case, box, time, row.value)
        ref, after = (later[0], later[1]) if later is not None and later[1][0] >= _FEW else (row, after)
    quiet = _binned(row.value, held.edges, held.edges[0], case.findings.windows.baseline.end)
    if min(during[0], after[0] if quantity != "missing" else _FEW) < _FEW or not quiet[3]:
        return None
    told = f"{case.findings.model.name(case.findings.element(row.value.caller))}: {_spoken(quantity, quiet, during, after, time)}"
    quiet_one, during_one, after_one = (_measure(quantity, one) for one in (quiet, during, after))
    return _Periods(
        quiet_one, during_one, after_one, told, f"{ref.observation.id}:{ref.path[0]}.{ref.path[1]}"
    )


_Counts = tuple[float, float, float, float]
"""Calls, failed calls, seconds over all calls, length of the period in seconds."""


def _binned(tally: Tally, edges: Sequence[float], start: float, end: float) -> _Counts:
    """What fell into the bins that lie within a period."""
    inside = [i for i in range(len(edges) - 1) if start <= (edges[i] + edges[i + 1]) / 2 < end]
    length = sum(edges[i + 1] - edges[i] for i in inside)
    sums = (sum(column[i] for i in inside) for column in (tally.bins, tally.bin_errors, tally.bin_seconds))
    calls, errors, seconds = sums
    return float(calls), float(errors), float(seconds), length


def _asked_anew(case: Case, box: Toolbox, time: float, like: Tally) -> tuple[Row[Tally], _Counts] | None:
    """The same node after the time, to the end of what there is; None where nobody can be asked any more."""
    end = extent(case.infos).end
    if end <= time:
        return None
    later = Window(time, end)
    for observation in traces.compare(box, case.findings.windows.baseline, later):
        if observation.content is None:
            continue
        for i, node in enumerate(content(observation, CallTally).nodes):
            if node.caller == like.caller:
                calls, errors = float(node.incident_calls), float(node.incident_errors)
                counts = calls, errors, node.incident_seconds, later.seconds
                return Row(observation, ("nodes", i), node), counts
    return None


def _measure(quantity: str, counts: _Counts) -> float:
    """How bad a period was: share of failed calls, mean seconds, or how rare calls were."""
    calls, errors, seconds, length = counts
    if quantity == "missing":
        return -calls / length if length else 0.0
    return (errors if quantity == "failures" else seconds) / calls if calls else 0.0


def _spoken(quantity: str, quiet: _Counts, during: _Counts, after: _Counts, time: float) -> str:
    at = clock(time)
    if quantity == "failures":
        return (
            f"{after[1]:.0f} of {after[0]:.0f} calls failed after {at}, {during[1]:.0f} of {during[0]:.0f} from the onset "
            f"until then, {quiet[1]:.0f} of {quiet[0]:.0f} in the quiet time"
        )
    if quantity == "delay":
        means = [_measure(quantity, one) for one in (after, during, quiet)]
        return f"{means[0]:.3g} s on average after {at}, {means[1]:.3g} s from the onset until then, {means[2]:.3g} s in the quiet time"
    rates = [60 * one[0] / one[3] if one[3] else 0.0 for one in (after, during, quiet)]
    return f"{rates[0]:.3g} calls a minute after {at}, {rates[1]:.3g} from the onset until then, {rates[2]:.3g} in the quiet time"


def _is_felt(case: Case, service: str) -> bool:
    felt = case.findings.symptom.components
    return not felt or case.findings.element(service) in felt


def _from_series(case: Case, box: Toolbox, time: float) -> _Periods | None:
    """By the clearest changed series at the symptom, where no calls tell."""
    findings, windows = case.findings, case.findings.windows
    span = Window(min(windows.baseline.start, windows.incident.start), extent(case.infos).end)
    onset = findings.symptom.onset or windows.incident.start
    felt = [r for r in findings.series if _is_felt(case, r.value.service)]
    for row in sorted(felt, key=lambda r: (r.value.p, -abs(r.value.z)))[:_SERIES]:
        observation = metrics.points(box, row.observation.source, row.value.key, span)
        if observation.content is None:
            continue
        held = content(observation, SeriesPoints)
        periods = (windows.baseline.start, windows.baseline.end), (onset, time), (time, span.end)
        values = [_inside(held, *ends) for ends in periods]
        if min(map(len, values)) < _FEW:
            continue
        quiet, during, after = (sum(one) / len(one) for one in values)
        told = (
            f"{held.name} of {held.service} was {after:.3g} on average after {clock(time)}, {during:.3g} from the onset "
            f"until then, {quiet:.3g} in the quiet time"
        )
        return _Periods(quiet, during, after, told, f"{observation.id}:points")
    return None


def _inside(points: SeriesPoints, start: float, end: float) -> list[float]:
    pairs = zip(points.times, points.values, strict=True)
    return [value for time, value in pairs if value is not None and start <= time < end]
