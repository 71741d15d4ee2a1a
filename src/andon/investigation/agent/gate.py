"""The gate: what a model concluded, held against the ledger.

A hypothesis passes with the evidence that stands: rows that exist, that speak of a place on the way from cause to
symptom, and of which the model said nothing that they do not hold. What is shown is the sentence computed from the
row; the model's own words follow only as far as they are borne out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from andon.analysis.calls import Tally
from andon.investigation.agent.citations import Cited, Unborne
from andon.investigation.agent.conclusion import CitedRow, Conclusion, Proposal
from andon.investigation.agent.desk import Desk, as_data, clipped
from andon.investigation.agent.disproof import meant
from andon.investigation.agent.quoting import Ground, foreign, sentences_of, unborne
from andon.investigation.narration import path_to_symptom
from andon.investigation.report import Evidence
from andon.investigation.suspects import Suspect, deploys_of
from andon.investigation.tools.lines import LogLine
from andon.investigation.touches import touched
from andon.telemetry import WARN, ChangeEvent

__all__ = ["Reviewed", "Standing", "review"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A hypothesis of the model that passed: the suspect that it names, how likely it says it is, what stands of it."""

    suspect: Suspect
    likelihood: float
    evidence: tuple[Evidence, ...]
    why: str
    stood: int = 0
    """How many of its rows and sentences stand."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What passed, and one sentence for each thing that did not."""

    standing: tuple[Standing, ...]
    failures: tuple[str, ...]


def review(conclusion: Conclusion, desk: Desk) -> Reviewed:
    """Holds a conclusion against the ledger. Where less than half of what it says stands, nothing of it is taken."""
    failures: list[str] = []
    standing: dict[tuple[str, str, str | None], Standing] = {}
    stood = 0
    for number, proposal in enumerate(conclusion.hypotheses, 1):
        passed = _passed(f"its hypothesis {number}", proposal, desk, failures)
        if passed is not None:
            standing.setdefault(passed.suspect.key, passed)
            stood += passed.stood
    said = sum(len(p.evidence) + len(sentences_of(p.why)) for p in conclusion.hypotheses)
    if standing and stood < _TRUSTED * said:
        failures.append(f"of {said} rows and sentences {stood} stand: too few to believe the rest")
        standing = {}
    return Reviewed(tuple(standing.values()), tuple(failures))


_TRUSTED = 0.5
"""The part of a conclusion that must stand; a judgement: whoever is wrong more often than right is no voter."""


def _passed(label: str, proposal: Proposal, desk: Desk, failures: list[str]) -> Standing | None:
    suspect = meant(desk, proposal.component, proposal.mechanism, proposal.change)
    if isinstance(suspect, str):
        failures.append(f"{label}: {suspect}")
        return None
    if not _acted_there(suspect, desk):
        failures.append(f"{label}: that change acted elsewhere, not at {suspect.element}")
        return None
    way = _on_the_way(suspect, desk)
    kept = _kept_rows(label, proposal, (suspect, way), desk, failures)
    near = way - frozenset(desk.case.findings.symptom.components) | {suspect.element, *suspect.reach}
    if not any(supports and _bears(cited, near, desk) for cited, supports in kept):
        failures.append(f"{label}: nothing that was measured there supports it, so it is dropped")
        return None
    ground = _ground([cited for cited, _ in kept], suspect, desk)
    about = f"{suspect.mechanism.title} {suspect.mechanism.statement}"
    why = _kept_words(label, proposal.why, ground, about, failures)
    evidence = tuple(replace(cited.evidence, supports=supports) for cited, supports in kept)
    stood = len(kept) + len(sentences_of(why))
    return Standing(suspect, proposal.likelihood, _distinct(evidence), why, stood)


def _kept_rows(
    label: str, proposal: Proposal, about: tuple[Suspect, frozenset[str]], desk: Desk, failures: list[str]
) -> list[tuple[Cited, bool]]:
    """The rows that are cited rightly, each with whether it is said to support; of each other one, why it is not."""
    kept: list[tuple[Cited, bool]] = []
    for one in proposal.evidence:
        try:
            cited = _borne_out(one, *about, desk)
            if any(each.ref == cited.ref and sign is not one.supports for each, sign in kept):
                raise Unborne("it is cited both for and against")
            kept.append((cited, one.supports))
        except Unborne as reason:
            failures.append(f"{label}, {clipped(as_data(one.ref), 60)}: {reason}")
    return kept


def _acted_there(suspect: Suspect, desk: Desk) -> bool:
    """Whether the change that is named may have acted at the component, as far as is known where it acted."""
    if suspect.change is None or suspect.key in {one.key for one in desk.case.suspects}:
        return True
    findings = desk.case.findings
    touches = touched(suspect.change.value, findings.model, deploys_of(findings))
    reached = {e for touch in touches for e in touch.reach}
    return not reached or bool(reached & {suspect.element, *_related(suspect.element, desk)})


def _related(element: str, desk: Desk) -> list[str]:
    """The element that one is in, and those inside it."""
    topology = desk.case.findings.model.topology
    known = topology.by_id.get(element)
    return [e.id for e in topology.elements if e.parent == element or (known and known.parent == e.id)]


def _borne_out(one: CitedRow, suspect: Suspect, way: frozenset[str], desk: Desk) -> Cited:
    """The row that is cited. Raises Unborne where it is none, speaks of something else, or is misquoted."""
    cited = desk.citations.read(one.ref)
    if cited.row is not None and isinstance(cited.row.value, ChangeEvent):
        event = cited.row.value
        if one.supports and suspect.change_id and suspect.change_id not in (event.id, event.commit):
            raise Unborne("that is another change than the one which it names")
        if one.supports and event.error:
            raise Unborne("that change was refused and did nothing")
    elements = _elements(cited, suspect, desk)
    if elements and not elements & way:
        raise Unborne(
            f"it speaks of {', '.join(sorted(elements)[:2])}, which is not between the cause and the symptom"
        )
    if one.supports and _tells_of_nothing(cited):
        raise Unborne("it says that nothing changed, so it cannot support a cause")
    reasons = unborne(one.says, _ground([cited], suspect, desk)) if one.says.strip() else []
    if reasons:
        raise Unborne("; ".join(reasons[:3]))
    return cited


def _bears(cited: Cited, near: frozenset[str], desk: Desk) -> bool:
    """Whether a row alone can bear a hypothesis: measured at or near the cause, and not what is usual there.

    What is felt at the symptom is felt whatever the cause. Whose row speaks of no place may have written it himself.
    """
    if cited.evidence.signal == "changes":
        return False
    if not near & {desk.case.findings.element(service) for service in cited.services}:
        return False
    value = cited.row.value if cited.row else None
    if isinstance(value, LogLine):
        return value.time >= desk.case.findings.windows.incident.start and not 0 < value.severity < WARN
    return cited.direction != 0 or cited.row is not None


def _tells_of_nothing(cited: Cited) -> bool:
    """Whether a row compares two windows and finds no difference."""
    return cited.direction == 0 and (
        (cited.row is not None and isinstance(cited.row.value, Tally))
        or any(
            words in cited.evidence.template
            for words in ("did not change beyond chance", "As usual in the log")
        )
    )


def _on_the_way(suspect: Suspect, desk: Desk) -> frozenset[str]:
    """Elements from the cause to the symptom, and those next to the cause, around it and inside it."""
    findings = desk.case.findings
    topology = findings.model.topology
    path = path_to_symptom(suspect, findings, desk.case.location)
    near = [*topology.callers.get(suspect.element, ()), *topology.callees.get(suspect.element, ())]
    related = _related(suspect.element, desk)
    return frozenset([suspect.element, *suspect.reach, *path, *near, *related, *findings.symptom.components])


def _ground(cited: list[Cited], suspect: Suspect, desk: Desk) -> Ground:
    """What may be said: of each cited row what it speaks of; besides, of the cause and of where it is felt."""
    findings = desk.case.findings
    names = {name for e in findings.model.topology.elements for name in (e.id.casefold(), e.name.casefold())}
    names |= {service.casefold() for service in findings.model.element_of}
    spoken = {one.ref: _names_of(_elements(one, suspect, desk), desk, one.services) for one in cited}
    known = _names_of({suspect.element, *findings.symptom.components}, desk) | {suspect.mechanism.slug}
    return Ground(cited, frozenset(names), known, spoken)


def _elements(cited: Cited, suspect: Suspect, desk: Desk) -> set[str]:
    """Elements that a row speaks of; of a change those that it reaches, and the cause that it is named for."""
    findings = desk.case.findings
    elements = {findings.element(service) for service in cited.services}
    if cited.row is not None and isinstance(cited.row.value, ChangeEvent):
        event = cited.row.value
        elements |= {e for t in touched(event, findings.model, {}) for e in t.reach}
        elements |= {suspect.element} if suspect.change_id in (event.id, event.commit) else set()
    return elements


def _names_of(elements: Iterable[str], desk: Desk, services: Iterable[str] = ()) -> frozenset[str]:
    """All that elements and services are called, in lower case."""
    model = desk.case.findings.model
    named = [name for e in elements for name in (e, model.name(e), *model.services_of.get(e, ()))]
    return frozenset(name.casefold() for name in (*named, *services))


def _kept_words(label: str, words: str, ground: Ground, about: str, failures: list[str]) -> str:
    """The sentences that are borne out; of each other one, why it is not."""
    kept = []
    for sentence in sentences_of(words):
        reasons = unborne(sentence, ground) or list(filter(None, [foreign(sentence, ground, about)]))
        if reasons:
            failures.append(f"{label}, “{clipped(as_data(sentence), 80)}”: {'; '.join(reasons[:3])}")
        else:
            kept.append(as_data(sentence))
    return " ".join(kept)


def _distinct(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    first: dict[str, Evidence] = {}
    for one in evidence:
        first.setdefault(one.claim, one)
    return tuple(first.values())
