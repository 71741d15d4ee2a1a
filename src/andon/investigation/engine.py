"""The engine: from a question to a verified report, without a language model.

It reads the symptom from the words, finds when it began, asks the tools, accounts for the symptom
along the calls, weighs the suspects, tries to refute the leader, and writes the report. Each step
adds one event to the journal of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from andon.connectors import Signal, SourceInfo
from andon.errors import SourceError
from andon.investigation.alarm import firing_at
from andon.investigation.case import Case
from andon.investigation.findings import Model, Seen, gather
from andon.investigation.location import locate
from andon.investigation.plan import FIRST_LOOK, SECOND_LOOK, first_reach, settled
from andon.investigation.question import Question
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
from andon.investigation.writing import Heading, write
from andon.telemetry import Window

__all__ = ["Journal", "Looked", "investigate", "look", "look_everywhere"]

Journal = Callable[[str, Mapping[str, Any]], None]
"""Takes an event's type and its payload (plain JSON)."""

_TELEMETRY = frozenset([Signal.METRICS, Signal.LOGS, Signal.TRACES])


@dataclass(frozen=True, slots=True)
class Looked:
    """A report, and the case that it was written of."""

    report: Report
    case: Case


def investigate(
    run: str,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal = lambda *_: None,
    trail: tuple[str, ...] = (),
) -> Report:
    """The report for a question; see `look`."""
    return look(Heading(run, trail=trail), question, box, infos, journal).report


def look(
    heading: Heading,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal = lambda *_: None,
) -> Looked:
    """The report for a question, and the case behind it. Raises UsageError or SourceError when there is nothing to go by.

    Sources that fetch are looked at twice if need be: around the symptom, and where that does not settle it
    everywhere and more closely.
    """
    journal("asked", {"question": question.text})
    if not box.live:
        return _looked(heading, question, box, infos, journal)
    box.narrow((), FIRST_LOOK)
    found = _looked(heading, question, box, infos, journal, near=True)
    if settled(found.report):
        return found
    journal("widened", {"why": "no cause is likelier than everything else together"})
    return look_everywhere(heading, question, box, infos, journal)


def look_everywhere(
    heading: Heading,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal = lambda *_: None,
) -> Looked:
    """The second look: at all services, and more closely."""
    if box.live:
        box.narrow((), SECOND_LOOK)
    return _looked(heading, question, box, infos, journal)


def _looked(
    heading: Heading,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal,
    near: bool = False,
) -> Looked:
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
    case = Case(question, infos, findings, location)
    suspects = _weighed(case)
    journal("suspects", {"suspects": [[s.element, s.mechanism.slug, s.score] for s in suspects]})
    case = replace(case, suspects=suspects)
    report, _ = verify(write(heading, case, box), box.ledger)
    journal("verified", {"claims": report.checked_claims, "dropped": report.dropped_claims})
    return Looked(report, case)


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


def _weighed(case: Case) -> tuple[Suspect, ...]:
    """The suspects that may be named, best first; none when nothing is abnormal.

    Who states an incident knows that something is wrong: what comes nearest to it is told then.
    """
    asked = case.location.faint and case.question.incident is not None
    if not case.location.abnormal and not asked:
        return ()
    found = []
    cleared = set(case.question.cleared)
    for suspect in find_suspects(case.findings, case.location, set(case.question.exclude), cleared):
        if peers_unharmed(suspect, case.findings, case.location):
            suspect = replace(suspect, timing=suspect.timing * 0.3)
        found.append(suspect)
    return tuple(sorted(found, key=lambda s: -s.score))
