"""Verification: every claim of a report computed again from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from andon.investigation.claims import Binding, Claim
from andon.investigation.recipes import compute, write
from andon.investigation.report import Evidence, Hypothesis, Report
from andon.storage import Ledger, Observation

__all__ = ["Failure", "Hole", "check_evidence", "make_claim", "verify"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A claim that the ledger does not bear out, and why."""

    claim: str
    reason: str


Hole = tuple[Observation, str, Mapping[str, Any], str]
"""How a hole of a claim is filled: observation, recipe, arguments, style."""


def make_claim(template: str, holes: Mapping[str, Hole]) -> Claim:
    """A claim, each of whose holes is computed from its observation now."""
    bindings = {}
    for hole, (observation, recipe, args, style) in holes.items():
        value = compute(recipe, observation.content, args)
        bindings[hole] = Binding(observation.id, recipe, args, style, write(style, value))
    return Claim(template, bindings)


def check_evidence(evidence: Evidence, ledger: Ledger) -> Failure | None:
    """None when the evidence's sentence is exactly what its observations give."""
    claim = Claim(evidence.template, evidence.bindings)
    if claim.text != evidence.claim:
        return Failure(evidence.claim, "the sentence is not the rendering of its bindings")
    for binding in evidence.bindings.values():
        reason = _check(binding, ledger)
        if reason:
            return Failure(evidence.claim, reason)
    if not set(claim.observations) <= set(evidence.observations):
        return Failure(evidence.claim, "it cites other observations than it was computed from")
    return None


def _check(binding: Binding, ledger: Ledger) -> str:
    if binding.observation not in ledger:
        return f"observation {binding.observation} is not in the ledger"
    observation = ledger[binding.observation]
    if not observation.intact:
        return f"observation {binding.observation} is not what was recorded"
    try:
        text = write(binding.style, compute(binding.recipe, observation.content, binding.args))
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        return f"{binding.recipe} cannot be computed from {binding.observation}: {error!r}"
    if text != binding.text:
        return f"{binding.observation} gives {text!r}, the claim says {binding.text!r}"
    return ""


def verify(report: Report, ledger: Ledger) -> tuple[Report, tuple[Failure, ...]]:
    """The report without the claims that fail, marked verified when none did; and the failures."""
    failures: list[Failure] = []
    kept = tuple(_verified(hypothesis, ledger, failures) for hypothesis in report.hypotheses)
    count = sum(len(hypothesis.evidence) for hypothesis in report.hypotheses)
    checked = replace(
        report,
        hypotheses=kept,
        verified=not failures,
        checked_claims=count,
        dropped_claims=(*report.dropped_claims, *(failure.claim for failure in failures)),
    )
    return checked, tuple(failures)


def _verified(hypothesis: Hypothesis, ledger: Ledger, failures: list[Failure]) -> Hypothesis:
    kept = []
    for evidence in hypothesis.evidence:
        failure = check_evidence(evidence, ledger)
        if failure is None:
            kept.append(evidence)
        else:
            failures.append(failure)
    return replace(hypothesis, evidence=tuple(kept))
