"""Comparing: why one component is suspected and another is not, by place, signs, time and refutations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from andon.investigation.agent.desk import Desk
from andon.investigation.agent.prompt import reference
from andon.investigation.evidence import share_evidence
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.report import Hypothesis
from andon.investigation.suspects import Suspect, suspect_for
from andon.investigation.talking.said import Said, percent
from andon.telemetry import clock

__all__ = ["best_at", "compared", "decision", "told_of", "tried_against", "weighed"]

_SIGNS = 3
"""Signs that are told of each."""
_NAMEABLE = 0.02
"""The score below which nothing is named: as where suspects are sought."""
_SHARE = 0.01
"""The share of the symptom from which on a place is told."""


def compared(desk: Desk, elements: Sequence[str]) -> Iterator[Said]:
    """What speaks for each of the elements and what against, and what decides between the first two."""
    for element in elements:
        yield from told_of(desk, element)
    if len(elements) > 1:
        yield decision(desk, best_at(desk, elements[0]), best_at(desk, elements[1]))


def told_of(desk: Desk, element: str) -> Iterator[Said]:
    """How an element stands: in the report, by its place, its signs, its change, what was tried to refute it."""
    name = desk.case.findings.model.name(element)
    named = [h for h in desk.report.hypotheses if h.component == element]
    if desk.case.question.exclude and {element, name} & set(desk.case.question.exclude):
        yield Said(f"{name} was excluded by you, so it is not weighed.")
    for one in named[:1]:
        yield Said(f"{name}: {one.mechanism_title.lower()}, {percent(one.likelihood)}.")
    if not named:
        yield Said(f"{name} is not named in the report.")
    yield from weighed(desk, best_at(desk, element))
    yield from tried_against(named)


def weighed(desk: Desk, suspect: Suspect) -> Iterator[Said]:
    """The place of a suspect, its signs and the time of its change."""
    yield from _place(desk, suspect)
    yield from _signs(desk, suspect)


def _place(desk: Desk, suspect: Suspect) -> Iterator[Said]:
    """How much of the symptom comes from there, or from what a change there reaches."""
    findings, location = desk.case.findings, desk.case.location
    reach = {suspect.element, *suspect.reach}
    shares = [s for s in location.shares if reach & {s.element, s.caller} and s.share >= _SHARE]
    if location.quantity == "deviation":
        return
    for share in sorted(shares, key=lambda s: -s.share)[:2]:
        evidence = share_evidence(share, location, findings)
        cited = desk.citations.register(share.observation, "share", evidence, (share.element, share.caller))
        yield Said(cited.evidence.claim, (cited.ref,))
    if not shares:
        yield Said(f"Nothing of the symptom was traced to {findings.model.name(suspect.element)}.")


def _signs(desk: Desk, suspect: Suspect) -> Iterator[Said]:
    """The signs of the mechanism that fits best there, and when its change was made."""
    name = desk.case.findings.model.name(suspect.element)
    if suspect.score < _NAMEABLE or not suspect.fit.hits:
        yield Said(f"Nothing that is known to go wrong fits what {name} shows.")
        return
    yield Said(f"What fits best there is {suspect.mechanism.title.lower()}:")
    distinct = {
        hit.evidence.claim: hit.evidence for hit in sorted(suspect.fit.hits, key=lambda h: h.strength)
    }
    for evidence in [*reversed(distinct.values())][:_SIGNS]:
        ref = reference(evidence, desk.citations)
        yield Said(evidence.claim, (ref,) if ref != "-" else ())
    onset = desk.case.findings.symptom.onset
    if suspect.change is None:
        yield Said(f"No change that explains it was seen at {name} before it began.")
    elif onset is not None:
        cited = desk.citations.cite(suspect.change)
        lag = onset - suspect.change.value.time
        when = f"{lag:.0f} s before" if lag >= 0 else f"{-lag:.0f} s after"
        yield Said(f"{cited.evidence.claim}: {when} the onset at {clock(onset)}", (cited.ref,))


def best_at(desk: Desk, element: str) -> Suspect:
    """The suspect of the case there, or what would be the best one."""
    held = [s for s in desk.case.suspects if s.element == element]
    if held:
        return max(held, key=lambda s: s.score)
    findings, location = desk.case.findings, desk.case.location
    weighed = (suspect_for(findings, location, element, m, None) for m in load_mechanisms())
    return max(weighed, key=lambda s: (s.score, s.fit.score))


def tried_against(named: Sequence[Hypothesis]) -> Iterator[Said]:
    """What was tried to refute the first of some hypotheses, and speaks against it."""
    for one in named[:1]:
        for tried in one.refutations:
            if not tried.survived:
                yield Said(f"Against it: {tried.attempt} {tried.outcome}.")


def decision(desk: Desk, first: Suspect, second: Suspect) -> Said:
    """The three factors of both, and by which of them one is ahead."""
    both = first, second
    names = [desk.case.findings.model.name(s.element) for s in both]
    if names[0] == names[1]:
        names = [_by_change(s, name) for s, name in zip(both, names, strict=True)]
    ahead, behind = (0, 1) if first.score >= second.score else (1, 0)
    factors = [(s.place, s.fit.score, s.timing) for s in both]
    labels = ("the share of the symptom that comes from there", "its signs", "the time")
    gaps = [factors[ahead][i] / max(factors[behind][i], 1e-6) for i in range(3)]
    decisive = labels[gaps.index(max(gaps))]
    told = "; ".join(
        f"{name}: place {p:.2f}, signs {s:.2f}, time {t:.2f}"
        for name, (p, s, t) in zip(names, factors, strict=True)
    )
    if first.score == second.score:
        return Said(f"{told}. Nothing sets them apart.")
    return Said(f"{told}. {names[ahead]} is ahead, above all by {decisive}.")


def _by_change(suspect: Suspect, name: str) -> str:
    """What tells a suspect from another one at the same component."""
    by = f" by {suspect.change_id}" if suspect.change is not None else ""
    return f"{suspect.mechanism.title} at {name}{by}"
