"""Verification: every claim of a report computed again from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from andon.investigation.claims import Binding, Claim
from andon.investigation.recipes import compute, write
from andon.investigation.report import Chart, Evidence, Exhibits, Hypothesis, Report, TemplateRow
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
    failure = _check_sentence(evidence.claim, claim, ledger)
    if failure is None and not set(claim.observations) <= set(evidence.observations):
        return Failure(evidence.claim, "it cites other observations than it was computed from")
    return failure


def _check_sentence(sentence: str, claim: Claim, ledger: Ledger) -> Failure | None:
    if claim.text != sentence:
        return Failure(sentence, "the sentence is not the rendering of its bindings")
    for binding in claim.bindings.values():
        reason = _check(binding, ledger)
        if reason:
            return Failure(sentence, reason)
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
    """The report without the claims that fail, marked verified when none did; and the failures.

    Claims are the evidence, statements and refutations of the hypotheses, the charts and the log diff.
    """
    failures: list[Failure] = []
    kept = tuple(_verified(hypothesis, ledger, failures) for hypothesis in report.hypotheses)
    exhibits = _verified_exhibits(report.exhibits, ledger, failures)
    count = sum(1 + len(h.evidence) + len(h.refutations) for h in report.hypotheses)
    checked = replace(
        report,
        hypotheses=kept,
        exhibits=exhibits,
        verified=not failures,
        checked_claims=count + len(report.exhibits.charts) + len(report.exhibits.templates),
        dropped_claims=(*report.dropped_claims, *(failure.claim for failure in failures)),
    )
    return checked, tuple(failures)


def _verified(hypothesis: Hypothesis, ledger: Ledger, failures: list[Failure]) -> Hypothesis:
    stated = Claim(hypothesis.statement_template, hypothesis.statement_bindings)
    wrong = _check_sentence(hypothesis.statement, stated, ledger)
    if wrong is not None:
        failures.append(wrong)
        hypothesis = replace(
            hypothesis,
            statement=hypothesis.mechanism_title,
            statement_template=hypothesis.mechanism_title,
            statement_bindings={},
        )
    evidence = [(one, check_evidence(one, ledger)) for one in hypothesis.evidence]
    tried = [
        (one, _check_sentence(one.outcome, Claim(one.template, one.bindings), ledger))
        for one in hypothesis.refutations
    ]
    failures.extend(failure for _, failure in (*evidence, *tried) if failure is not None)
    return replace(
        hypothesis,
        evidence=tuple(one for one, failure in evidence if failure is None),
        refutations=tuple(one for one, failure in tried if failure is None),
    )


def _verified_exhibits(exhibits: Exhibits, ledger: Ledger, failures: list[Failure]) -> Exhibits:
    """The exhibits without charts and log rows that are not what their observations hold."""
    charts = [(chart, _check_chart(chart, ledger)) for chart in exhibits.charts]
    rows = [(row, _check_row(row, ledger)) for row in exhibits.templates]
    failures.extend(Failure(chart.title, reason) for chart, reason in charts if reason)
    failures.extend(Failure(row.template, reason) for row, reason in rows if reason)
    return replace(
        exhibits,
        charts=tuple(chart for chart, reason in charts if not reason),
        templates=tuple(row for row, reason in rows if not reason),
    )


def _check_chart(chart: Chart, ledger: Ledger) -> str:
    content = _content(chart.observation, ledger)
    if not isinstance(content, dict):
        return f"observation {chart.observation} cannot be trusted"
    same = list(chart.times) == content.get("times") and list(chart.values) == content.get("values")
    return "" if same else f"its points are not those of {chart.observation}"


def _check_row(row: TemplateRow, ledger: Ledger) -> str:
    content = _content(row.observation, ledger)
    if not isinstance(content, dict):
        return f"observation {row.observation} cannot be trusted"
    for found in content.get("findings", ()):
        if (found["service"], found["template"]) == (row.service, row.template):
            counts = found["baseline_count"], found["incident_count"]
            samples = [sample["text"] for sample in found["samples"]]
            if counts == (row.baseline, row.incident) and (not row.sample or row.sample in samples):
                return ""
    return f"{row.observation} counts it otherwise"


def _content(id_: str, ledger: Ledger) -> Any:
    """The content of an observation that is in the ledger and intact, else None."""
    return ledger[id_].content if id_ in ledger and ledger[id_].intact else None
