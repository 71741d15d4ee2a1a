"""Merging: what the model found beside what the engine found, in one order that code settles.

A model is one voter. Its vote makes a suspect likelier; it never replaces the engine's account, and what only the
model names starts low. So a wrong vote costs little where the engine is sure, and decides where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from andon.investigation.agent.desk import Tried
from andon.investigation.agent.gate import Standing
from andon.investigation.agent.voting import Ballot, Key
from andon.investigation.case import Case
from andon.investigation.refutation import refute
from andon.investigation.report import Evidence, Hypothesis, Refutation, Report
from andon.investigation.signs import Fit
from andon.investigation.suspects import Suspect, suspect_for

__all__ = ["Merged", "decorated", "merged"]

VOTE = 4.0
"""By how much all votes of a model make a suspect likelier: a Bayes factor. A judgement, until a model is measured."""
ONLY_NAMED = 0.15
"""The score of a suspect that the model alone names, with evidence that stands: as for a change that touches nothing known."""
DISPROVED = 0.1
"""What remains of a likelihood after an attempt to disprove it succeeded: as where peers had the same change and no harm."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The case with the model's suspects in it, and what each of them counts."""

    case: Case
    odds: dict[Key, float]


def merged(
    case: Case, samples: Sequence[Sequence[Standing]], ballot: Ballot, tried: Sequence[Tried]
) -> Merged:
    """One case of both minds. Where nothing is abnormal, the model names nothing either."""
    odds = {key: 1.0 + (VOTE - 1.0) * weight for key, weight in ballot.weights.items()}
    for one in {(each.key, each.refutation.attempt): each for each in tried}.values():
        if not one.refutation.survived and _stated(one) and not _weighed(one, case):
            odds[one.key] = min(odds.get(one.key, 1.0), 1.0) * DISPROVED
    if not case.location.abnormal and not case.suspects:
        return Merged(case, odds)
    known = {suspect.key for suspect in case.suspects}
    new: dict[Key, Suspect] = {}
    for standing in (one for sample in samples for one in sample):
        key = standing.suspect.key
        if key not in known and key not in new:
            new[key] = _started(standing.suspect, case)
    return Merged(replace(case, suspects=(*case.suspects, *new.values())), odds)


def _started(named: Suspect, case: Case) -> Suspect:
    """A suspect that the model alone names, with the score that it starts from, whatever a look of its own made of it."""
    suspect = suspect_for(case.findings, case.location, named.element, named.mechanism, named.change)
    return replace(suspect, place=ONLY_NAMED, timing=1.0, fit=Fit(1.0, suspect.fit.hits))


def _stated(tried: Tried) -> bool:
    """Whether an attempt ended with something that a row bears out: that a name of the model's moved nowhere is nothing."""
    return tried.refutation.survived or bool(tried.refutation.bindings)


def _weighed(tried: Tried, case: Case) -> bool:
    """Whether the engine makes that attempt itself: what it shows is in the score of its suspect, and counts once."""
    suspect = next((one for one in case.suspects if one.key == tried.key), None)
    own = refute(suspect, case.findings, case.location) if suspect is not None else ()
    return any(one.attempt == tried.refutation.attempt for one in own)


def decorated(
    report: Report, engine: Report, samples: Sequence[Sequence[Standing]], tried: Sequence[Tried]
) -> Report:
    """The report with who named each hypothesis, the model's evidence and words, and what was tried against it."""
    of_engine = {one.key for one in engine.hypotheses}
    standing: dict[Key, list[Standing]] = {}
    for one in (one for sample in samples for one in sample):
        standing.setdefault(one.suspect.key, []).append(one)
    told = []
    for hypothesis in report.hypotheses:
        found = standing.get(hypothesis.key, [])
        by = (("engine",) if hypothesis.key in of_engine else ()) + (("model",) if found else ())
        told.append(
            replace(
                hypothesis,
                found_by=by or ("engine",),
                evidence=_joined(hypothesis.evidence, found),
                refutations=tuple(_tried(hypothesis, tried)),
                reading=next((one.why for one in found if one.why), ""),
            )
        )
    return replace(report, hypotheses=tuple(told))


def _joined(evidence: Sequence[Evidence], found: Sequence[Standing]) -> tuple[Evidence, ...]:
    """The engine's evidence and after it the model's, each sentence once."""
    first = {one.claim: one for one in evidence}
    for standing in found:
        for one in standing.evidence:
            first.setdefault(one.claim, one)
    return tuple(first.values())


def _tried(hypothesis: Hypothesis, tried: Sequence[Tried]) -> Iterator[Refutation]:
    first = {(one.attempt, one.outcome): one for one in hypothesis.refutations}
    for one in tried:
        if one.key == hypothesis.key and _stated(one):
            first.setdefault((one.refutation.attempt, one.refutation.outcome), one.refutation)
    yield from first.values()
