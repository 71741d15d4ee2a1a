"""A wrong answer told in a paragraph: what was asked, named and true, and which evidence misled."""

from __future__ import annotations

from collections.abc import Sequence

from andon.evaluation import Culprit, GroundTruth, Level, Verdict
from andon.investigation.report import Evidence, Hypothesis, Report

__all__ = ["story"]

_CLAIMS = 3
"""Claims told of the hypothesis that was wrong, strongest first."""


def story(case: str, truth: GroundTruth, report: Report, verdict: Verdict) -> str:
    """The paragraph in Markdown; empty where the first answer was right or rightly none was given."""
    if verdict.right or (verdict.control and not verdict.named):
        return ""
    first = report.hypotheses[0] if report.hypotheses else None
    parts = [f"**{case}.** “{report.question}”", _named(first, report), _true(truth)]
    if first is not None:
        parts += [_place(truth, report, verdict), _misled(first.evidence)]
    return _safe(" ".join(part for part in parts if part))


def _named(first: Hypothesis | None, report: Report) -> str:
    if first is None:
        return (
            f"Nothing was named; something else was held {report.something_else:.2f} likely, "
            f"and the symptom was {'seen' if report.symptom.abnormal else 'not seen'} in the data."
        )
    change = f", by change {first.change}" if first.change else ""
    return f"Named with likelihood {first.likelihood:.2f}: {first.mechanism} at {first.component}{change}."


def _true(truth: GroundTruth) -> str:
    if truth.control:
        return f"In truth nothing was broken ({truth.fault})."
    told = " and ".join(_cause(culprit) for culprit in truth.culprits)
    return f"In truth it was {told}."


def _cause(culprit: Culprit) -> str:
    mechanisms = " or ".join(culprit.mechanisms) or "a fault of any kind"
    change = f" by change {culprit.change}" if culprit.change else ", with no change behind it"
    return f"{mechanisms} at {' or '.join(culprit.components)}{change}"


def _place(truth: GroundTruth, report: Report, verdict: Verdict) -> str:
    """Where the right answer came, at either level."""
    if truth.control:
        return ""
    for level, places in ((Level.CHANGE, verdict.changes), (Level.COMPONENT, verdict.components)):
        found = min((place for place in places if place), default=0)
        if found:
            what = "The right answer" if level is Level.CHANGE else "The right component, not its cause,"
            if found == 1:
                return f"{what} was named first."
            return (
                f"{what} came in place {found} with likelihood {report.hypotheses[found - 1].likelihood:.2f}."
            )
    return "The right answer was not among the hypotheses."


def _misled(evidence: Sequence[Evidence]) -> str:
    claims = [claim.claim.rstrip(".") for claim in evidence if claim.supports][:_CLAIMS]
    against = [claim.claim.rstrip(".") for claim in evidence if not claim.supports][:1]
    told = f"What spoke for it: {'; '.join(claims)}." if claims else "No evidence spoke for it."
    return f"{told} Against it: {against[0]}." if against else told


def _safe(text: str) -> str:
    """One line in which nothing from the telemetry is Markdown."""
    flat = " ".join(text.split())
    return flat.replace("<", "&lt;").replace("|", "\\|").replace("`", "'").replace("_", "\\_")
