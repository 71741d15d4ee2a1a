"""The engine: from a question to a verified report, without a language model.

It reads the symptom from the words, finds when it began, asks the tools, accounts for the symptom
along the calls, weighs the suspects, tries to refute the leader, and writes the report. Each step
adds one event to the journal of the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from andon.connectors import Signal, SourceInfo
from andon.errors import SourceError
from andon.investigation.alarm import firing_at
from andon.investigation.calibration import calibrated
from andon.investigation.exhibits import collect
from andon.investigation.findings import Findings, Model, Seen, gather
from andon.investigation.location import Location, locate
from andon.investigation.narration import (
    alerts_told,
    coverage_of,
    headline,
    hypothesis,
    path_to_symptom,
    with_samples,
)
from andon.investigation.plan import FIRST_LOOK, SECOND_LOOK, first_reach, settled
from andon.investigation.question import Question
from andon.investigation.ranking import MOST, likelihoods, unseen
from andon.investigation.refutation import peers_unharmed
from andon.investigation.report import Report, Symptom
from andon.investigation.suspects import Suspect, find_suspects
from andon.investigation.symptom import understand
from andon.investigation.toolbox import FETCH, Toolbox, content
from andon.investigation.tools import alerts, architecture
from andon.investigation.tools.alerts import Alerts
from andon.investigation.tools.architecture import Architecture
from andon.investigation.verification import verify
from andon.investigation.windows import Windows, choose_windows, extent, onset_of
from andon.telemetry import Window

__all__ = ["Journal", "investigate"]

Journal = Callable[[str, Mapping[str, Any]], None]
"""Takes an event's type and its payload (plain JSON)."""

_TELEMETRY = frozenset([Signal.METRICS, Signal.LOGS, Signal.TRACES])

_LEAST = 0.01
"""The likelihood below which a hypothesis is not listed: it would round to zero percent."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that one run is about, once the tools have answered."""

    question: Question
    infos: Sequence[SourceInfo]
    findings: Findings
    location: Location


def investigate(
    run: str,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal = lambda *_: None,
    trail: tuple[str, ...] = (),
) -> Report:
    """The report for a question. Raises UsageError or SourceError when there is nothing to go by.

    Sources that fetch are looked at twice if need be: around the symptom, and where that does not settle it
    everywhere and more closely.
    """
    journal("asked", {"question": question.text})
    if not box.live:
        return _looked(run, question, box, infos, journal, trail)
    box.narrow((), FIRST_LOOK)
    report = _looked(run, question, box, infos, journal, trail, near=True)
    if settled(report):
        return report
    journal("widened", {"why": "no cause is likelier than everything else together"})
    box.narrow((), SECOND_LOOK)
    return _looked(run, question, box, infos, journal, trail)


def _looked(
    run: str,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal,
    trail: tuple[str, ...],
    near: bool = False,
) -> Report:
    """One look; with `near` at nothing but what stands in a relationship to the symptom."""
    whole = extent(infos)
    model = _described(box, whole)
    symptom = understand(question, model.topology, set(model.services_of))
    journal("understood", {"kind": symptom.kind, "components": symptom.components, "why": symptom.understood})
    if near:
        reach = first_reach(model, symptom)
        box.narrow(reach.services, FIRST_LOOK)
        journal("plan", {"services": reach.services, "why": reach.why})
    windows = choose_windows(
        question,
        _with_alert(infos, box, whole, (model, symptom)),
        whole,
        box,
        (symptom.components, symptom.kind),
        (model.topology, model.element_of),
    )
    symptom = _with_onset(symptom, windows, box, model)
    journal(
        "windows", {"incident": str(windows.incident), "baseline": str(windows.baseline), "why": windows.why}
    )
    findings = gather(box, model, symptom, windows, whole)
    _require_telemetry(box)
    location = locate(box, findings)
    findings = replace(findings, symptom=replace(findings.symptom, abnormal=location.abnormal))
    journal(
        "located",
        {"quantity": location.quantity, "abnormal": location.abnormal, "strength": location.strength},
    )
    case = _Case(question, infos, findings, location)
    suspects = _weighed(case)
    journal("suspects", {"suspects": [[s.element, s.mechanism.slug, s.score] for s in suspects]})
    report, _ = verify(_write(run, case, suspects, box, trail), box.ledger)
    journal("verified", {"claims": report.checked_claims, "dropped": report.dropped_claims})
    return report


def _described(box: Toolbox, whole: Window) -> Model:
    described = architecture.describe(box, whole)
    return Model(tuple(Seen(o, content(o, Architecture)) for o in described if o.content is not None))


def _with_alert(
    infos: Sequence[SourceInfo], box: Toolbox, whole: Window, felt: tuple[Model, Symptom]
) -> Sequence[SourceInfo]:
    """What the sources say, and since when an alert about the symptom's components fires, where they do not say when."""
    if any(info.alert is not None or info.incident for info in infos):
        return infos
    model, symptom = felt
    services = {s for element in symptom.components for s in model.services_of.get(element, ())}
    told = [a for o in alerts.fired(box, whole) if o.content for a in content(o, Alerts).alerts]
    since = firing_at(told, services, whole.end)
    if since is None or not infos:
        return infos
    return (replace(infos[0], alert=max(since, whole.start)), *infos[1:])


def _require_telemetry(box: Toolbox) -> None:
    """Raises SourceError when live systems were to be asked and none of them gave a single point, record or span.

    Nothing abnormal in nothing at all would be a lie.
    """
    asked = [o for o in box.ledger if o.tool == FETCH and o.query["what"] in _TELEMETRY]
    if not box.live or any(o.count for o in asked):
        return
    gaps = "; ".join(dict.fromkeys(str(p) for o in asked for p in o.problems[:1]))
    raise SourceError(
        f"no source gave a single point, record or span: {gaps or 'they hold nothing of that time'}",
        hint="`andon sources check` says what works; --from and --last say which time is looked at",
    )


def _with_onset(symptom: Symptom, windows: Windows, box: Toolbox, model: Model) -> Symptom:
    found = onset_of(symptom.components, windows, box, model.topology, model.element_of)
    if found is None:
        return symptom
    return replace(symptom, onset=found.onset, onset_low=found.low, onset_high=found.high)


def _weighed(case: _Case) -> tuple[Suspect, ...]:
    """The suspects that may be named, best first; none when nothing is abnormal.

    Who states an incident knows that something is wrong: what comes nearest to it is told then.
    """
    asked = case.location.faint and case.question.incident is not None
    if not case.location.abnormal and not asked:
        return ()
    found = []
    for suspect in find_suspects(case.findings, case.location, set(case.question.exclude)):
        if peers_unharmed(suspect, case.findings, case.location):
            suspect = replace(suspect, timing=suspect.timing * 0.3)
        found.append(suspect)
    return tuple(sorted(found, key=lambda s: -s.score))


def _write(
    run: str, case: _Case, suspects: tuple[Suspect, ...], box: Toolbox, trail: tuple[str, ...]
) -> Report:
    findings, location, question = case.findings, case.location, case.question
    doubt = unseen(coverage_of(box, case.infos))
    shares, rest = likelihoods(suspects, location, doubt, question.pins)
    if location.abnormal and _of_every_kind(findings):
        # The map was made of what was named of all kinds of signals, not of what comes nearest on a quiet day.
        shares, rest = calibrated(shares, rest)
    order = sorted(zip(suspects, shares, strict=True), key=lambda pair: -pair[1])
    named = [(suspect, share) for suspect, share in order if share >= _LEAST][:MOST]
    rest += sum(share for _, share in order) - sum(share for _, share in named)
    leaders = [suspect for suspect, _ in named]
    path = path_to_symptom(leaders[0], findings, location) if leaders else ()
    exhibits = collect(box, findings, location, leaders, path)
    hypotheses = tuple(
        with_samples(hypothesis(suspect, share, findings, location, leaders), box) for suspect, share in named
    )
    return Report(
        run=run,
        created=time.time(),
        question=question.text,
        headline=headline(hypotheses, findings),
        symptom=findings.symptom if location.abnormal or hypotheses else _without_onset(findings.symptom),
        incident=findings.windows.incident,
        baseline=findings.windows.baseline,
        hypotheses=hypotheses,
        something_else=rest,
        coverage=coverage_of(box, case.infos),
        verified=False,
        checked_claims=0,
        blast_radius=_blast_radius(path, findings),
        drift=tuple(d for seen in findings.model.seen for d in seen.content.drift),
        service_bindings=tuple(b for seen in findings.model.seen for b in seen.content.bindings),
        trail=trail,
        notes=(
            _looked_at(findings, quiet=not location.abnormal),
            *alerts_told(box, findings.windows.incident),
        ),
        exhibits=exhibits,
    )


def _looked_at(findings: Findings, *, quiet: bool) -> str:
    """Which time was taken for the incident, and why."""
    windows = findings.windows
    if quiet:
        return (
            f"Looked at as the incident: {windows.incident} ({windows.why}); nothing in it is beyond chance."
        )
    return f"The incident is {windows.incident}: {windows.why}."


def _without_onset(symptom: Symptom) -> Symptom:
    return replace(symptom, onset=None, onset_low=None, onset_high=None)


def _of_every_kind(findings: Findings) -> bool:
    """Whether there was telemetry of every kind, and a change: with less, a likelihood is worth less than it seems."""
    kinds = findings.calls, findings.metrics, findings.logs, findings.changes
    return all(any(seen.observation.count for seen in kind) for kind in kinds)


def _blast_radius(path: tuple[str, ...], findings: Findings) -> tuple[str, ...]:
    """Elements besides the cause that the trouble reaches: the path, and whoever calls into it."""
    callers = findings.model.topology.distances(path[:1], upstream=True) if path else {}
    reached = [e for e in callers if e in findings.model.services_of]
    return tuple(dict.fromkeys(e for e in (*path[1:], *reached) if not path or e != path[0]))
