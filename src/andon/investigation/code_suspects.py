"""Commits as suspects: which of them can have produced what is seen, by reading their diffs."""

from __future__ import annotations

from dataclasses import dataclass

from andon.analysis.code_changes import EffectKind, FaultSignature, Judged, MetricShift, rank
from andon.analysis.signals import words
from andon.investigation.evidence import as_evidence
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location, symptom_services
from andon.investigation.mechanisms import Mechanism, mechanism
from andon.investigation.report import Evidence
from andon.investigation.signs import Hit
from andon.investigation.verification import Hole, make_claim
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["Verdict", "judge_commits"]

_UNCONVICTED = 0.4
"""What a diff counts that can, but need not, have done what is seen."""
_MOST_LINES = 4
"""Lines of a diff that a claim quotes: what one takes in at a glance."""
_K = EffectKind
_CONFIGURATION = frozenset(
    {
        _K.CONFIG_VALUE_CHANGED,
        _K.SETTING_REMOVED,
        _K.LOG_VERBOSITY_RAISED,
        _K.HEALTH_CHECK_CHANGED,
        _K.ENDPOINT_CHANGED,
        _K.PERMISSION_CHANGED,
    }
)
_INTERFACE = frozenset(
    {_K.IDENTIFIER_RENAMED, _K.TABLE_REFERENCED, _K.SCHEMA_CHANGED, _K.SERIALIZATION_CHANGED}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reading of one commit gave; `in_effect` is when it was deployed (Unix seconds)."""

    row: Row[ChangeEvent]
    score: float
    mechanism: Mechanism
    hits: tuple[Hit, ...]
    in_effect: float


def judge_commits(findings: Findings, location: Location) -> tuple[Verdict, ...]:
    """Commits that came before the symptom, each with how plausibly it produced it."""
    rows = {row.value.id: row for row in findings.events if row.value.kind is ChangeKind.COMMIT}
    if not rows:
        return ()
    deployed = _deployed(findings)
    judged = rank([row.value for row in rows.values()], _signature(findings, location), _common(findings))
    return tuple(
        _verdict(one, rows[one.event.id], deployed.get(one.event.id, one.event.time))
        for one in judged
        if one.score > 0
    )


def _deployed(findings: Findings) -> dict[str, float]:
    """Commit to the time at which it was first deployed."""
    found: dict[str, float] = {}
    for row in findings.events:
        event = row.value
        if event.kind is ChangeKind.DEPLOY and event.commit:
            found[event.commit] = min(event.time, found.get(event.commit, event.time))
    return found


def _signature(findings: Findings, location: Location) -> FaultSignature:
    lines = [
        (change.samples[0].text if change.samples else change.template, float(change.incident_count))
        for change in (row.value for row in findings.templates)
        if change.kind in ("new", "more") and (change.error or change.kind == "new")
    ]
    shifts = tuple(
        MetricShift(s.name, s.direction, s.service) for s in (row.value for row in findings.series)
    )
    first = symptom_services(findings)
    rest = [s for share in location.shares for s in findings.model.services_of.get(share.element, ())]
    onset = findings.symptom.onset_high or findings.windows.incident.end
    return FaultSignature(
        error_lines=tuple(lines),
        metrics=shifts,
        components=tuple(dict.fromkeys((*first, *rest))),
        onset=onset,
    )


def _common(findings: Findings) -> frozenset[str]:
    """Words of healthy log lines."""
    healthy = (
        change.template
        for seen in findings.logs
        for change in seen.content.findings
        if change.baseline_count > 0
    )
    return frozenset(word for template in healthy for word in words(template))


def _verdict(judged: Judged, row: Row[ChangeEvent], in_effect: float) -> Verdict:
    found = judged.plausibility
    kind = found.effect.kind if found.effect else None
    slug = (
        "configuration-change"
        if kind in _CONFIGURATION
        else "incompatible-api-change"
        if kind in _INTERFACE
        else "credential-rotated"
        if kind is _K.CREDENTIAL_CHANGED
        else "bad-deploy"
    )
    score = found.score if judged.convicted else found.score * _UNCONVICTED
    hits = tuple(Hit("code", found.score, evidence) for evidence in _evidence(judged, row))
    return Verdict(row, score, mechanism(slug), hits, in_effect)


def _evidence(judged: Judged, row: Row[ChangeEvent]) -> list[Evidence]:
    """What the diff does, quoted from it."""
    effect = judged.plausibility.effect
    if effect is None:
        return []
    holes: dict[str, Hole] = {
        f"line{i}": (row.observation, "line", {"path": [*row.path, "diff"], "number": line.number}, "quote")
        for i, line in enumerate(effect.lines[:_MOST_LINES])
    }
    holes["file"] = row.observation, "field", {"path": [*row.path, "files"]}, "names"
    what = effect.kind.replace("-", " ")
    quoted = ", ".join("{" + name + "}" for name in holes if name.startswith("line"))
    return [as_evidence(make_claim(f"Its diff shows: {what} in {{file}}: {quoted}", holes), "changes")]
