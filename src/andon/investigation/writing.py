"""Writing: a case becomes a report, with likelihoods settled by code."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from andon.investigation.calibration import calibrated
from andon.investigation.case import Case
from andon.investigation.exhibits import collect
from andon.investigation.findings import Findings
from andon.investigation.narration import (
    alerts_told,
    coverage_of,
    headline,
    hypothesis,
    path_to_symptom,
    with_samples,
)
from andon.investigation.ranking import MOST, PIN, likelihoods, unseen
from andon.investigation.report import Report, Symptom
from andon.investigation.talking.aftermath import stated
from andon.investigation.toolbox import Toolbox

__all__ = ["Heading", "write"]

_LEAST = 0.01
"""The likelihood below which a hypothesis is not listed: it would round to zero percent."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a report: which run it is of, when that was (Unix seconds, None: now), and what it went on from."""

    run: str
    created: float | None = None
    trail: tuple[str, ...] = ()


def write(
    heading: Heading,
    case: Case,
    box: Toolbox,
    odds: Mapping[tuple[str, str, str | None], float] | None = None,
) -> Report:
    """The report of a case. `odds` are by how much a voter beside the engine makes single suspects likelier, by their `key`.

    They are weighed in after calibration, as any further evidence is: a vote then moves a near tie of the likelihoods
    that are told, and not one of the raw scores beneath them.
    """
    findings, location = case.findings, case.location
    shares, rest = _likelihoods(case, box)
    shares, rest = _voted(shares, rest, [(odds or {}).get(suspect.key, 1.0) for suspect in case.suspects])
    order = sorted(zip(case.suspects, shares, strict=True), key=lambda pair: -pair[1])
    named = [(suspect, share) for suspect, share in order if share >= _LEAST][:MOST]
    rest += sum(share for _, share in order) - sum(share for _, share in named)
    leaders = [suspect for suspect, _ in named]
    path = path_to_symptom(leaders[0], findings, location) if leaders else ()
    exhibits = collect(box, findings, location, leaders, path)
    said = tuple(stated(case, box))  # What it asks for stands in the coverage, too.
    hypotheses = tuple(
        with_samples(hypothesis(suspect, share, findings, location, leaders), box) for suspect, share in named
    )
    return Report(
        run=heading.run,
        created=time.time() if heading.created is None else heading.created,
        question=case.question.text,
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
        trail=heading.trail,
        notes=(
            _looked_at(findings, quiet=not location.abnormal),
            *alerts_told(box, findings.windows.incident),
            *said,
        ),
        exhibits=exhibits,
    )


def _likelihoods(case: Case, box: Toolbox) -> tuple[Sequence[float], float]:
    """What the engine gives each suspect, in their order, and what is left for something else."""
    doubt = unseen(coverage_of(box, case.infos))
    weights = [PIN if suspect.element in case.question.pins else 1.0 for suspect in case.suspects]
    shares, rest = likelihoods(case.suspects, case.location, doubt, weights)
    if case.location.abnormal and _of_every_kind(case.findings):
        # The map was made of what was named of all kinds of signals, not of what comes nearest on a quiet day.
        shares, rest = calibrated(shares, rest)
    return shares, rest


def _voted(shares: Sequence[float], rest: float, odds: Sequence[float]) -> tuple[tuple[float, ...], float]:
    """Likelihoods after a vote that makes each so many times likelier; with what is left they add up to 1, as before."""
    weighed = [share * factor for share, factor in zip(shares, odds, strict=True)]
    total = sum(weighed) + rest
    return (tuple(one / total for one in weighed), rest / total) if total else (tuple(shares), rest)


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
