"""Refutation: attempts to prove the leader wrong, with how each ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from andon.analysis.series import SeriesChange
from andon.analysis.signals import SignalKind
from andon.investigation.evidence import plain
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location
from andon.investigation.report import Refutation
from andon.investigation.suspects import Suspect
from andon.investigation.touches import touched
from andon.investigation.verification import Hole, make_claim
from andon.telemetry import ChangeEvent

__all__ = ["ATTEMPTS", "peers_unharmed", "refute"]

_SURGE = 0.5
"""Growth of demand that could by itself overload a service that runs at two thirds of what it can."""


def refute(suspect: Suspect, findings: Findings, location: Location) -> tuple[Refutation, ...]:
    """Everything that was tried against a suspect."""
    tried = (attempt(suspect, findings, location) for attempt in ATTEMPTS.values())
    return tuple(one for one in tried if one is not None)


def _tried(attempt: str, template: str, holes: dict[str, Hole], *, survived: bool) -> Refutation:
    claim = make_claim(template, holes)
    return Refutation(attempt, claim.text, survived, claim.template, dict(claim.bindings))


def _order(suspect: Suspect, findings: Findings, _location: Location) -> Refutation | None:
    """Did the trouble begin before the change?"""
    if suspect.change is None or findings.symptom.onset is None:
        return None
    row = suspect.change
    early = findings.symptom.onset_low is not None and row.value.time > findings.symptom.onset_low
    holes: dict[str, Hole] = {"at": (row.observation, "field", {"path": [*row.path, "time"]}, "clock")}
    outcome = (
        "the change at {at} falls within the uncertainty of the onset"
        if early
        else "no: the change at {at} came first"
    )
    return _tried("Did the trouble begin before the change?", outcome, holes, survived=True)


def peers_unharmed(suspect: Suspect, findings: Findings, location: Location) -> tuple[Row[ChangeEvent], ...]:
    """The very same change made elsewhere before the onset, to elements that add nothing to the symptom."""
    if suspect.change is None:
        return ()
    event = suspect.change.value
    fingerprint = _fingerprint(event)
    if not fingerprint:
        return ()
    unharmed = []
    for row in findings.events:
        other = row.value
        if (
            other.id == event.id
            or other.error
            or _fingerprint(other) != fingerprint
            or other.target == event.target
        ):
            continue
        if other.time > (findings.symptom.onset_high or findings.windows.incident.end):
            continue
        elements = [e for touch in touched(other, findings.model, {}) for e in touch.reach]
        if elements and all(location.own(e) < 0.02 for e in elements) and suspect.element not in elements:
            unharmed.append(row)
    return tuple(unharmed)


def _fingerprint(event: ChangeEvent) -> tuple[str, str] | None:
    """What makes two changes the same one made twice: the commit, or the version that was rolled out."""
    version = event.parameters.get("version") or event.parameters.get("image")
    stamp = event.commit or (str(version) if version else "")
    return (event.action, stamp) if stamp else None


def _peers(suspect: Suspect, findings: Findings, location: Location) -> Refutation | None:
    """Did the same change leave others unharmed?"""
    if suspect.change is None or _fingerprint(suspect.change.value) is None:
        return None
    peers = peers_unharmed(suspect, findings, location)
    if not peers:
        return _tried(
            "Did the same change leave others unharmed?", "it was made nowhere else", {}, survived=True
        )
    row = peers[0]
    holes: dict[str, Hole] = {"target": (row.observation, "field", {"path": [*row.path, "target"]}, "text")}
    return _tried(
        "Did the same change leave others unharmed?", "yes: {target} had it too", holes, survived=False
    )


def _elsewhere(suspect: Suspect, findings: Findings, location: Location) -> Refutation | None:
    """Does another place account for more?"""
    if not location.shares or location.quantity == "deviation":
        return None
    top = max(location.shares, key=lambda share: share.share)
    reach = set(suspect.reach) | {suspect.element}
    inside = top.element in reach or top.caller in reach
    name = plain(findings.model.name(top.element))
    where = f"calls from {plain(findings.model.name(top.caller))} to {name}" if top.caller else name
    holes: dict[str, Hole] = {"share": (top.observation, top.recipe, top.args, "percent")}
    outcome = f"{'no' if inside else 'yes'}: the largest share, {{share}}, is added by {where}"
    return _tried("Does another place add more of the symptom?", outcome, holes, survived=inside)


def _demand(suspect: Suspect, findings: Findings, _location: Location) -> Refutation | None:
    """Would more demand explain it as well?"""
    if suspect.mechanism.slug == "traffic-surge":
        return None
    risen = [
        row
        for row in findings.series
        if row.value.kind is SignalKind.REQUESTS
        and row.value.direction > 0
        and row.value.baseline_mean > 0
        and row.value.incident_mean / row.value.baseline_mean - 1 >= _SURGE
        and findings.element(row.value.service) in findings.symptom.components
    ]
    attempt = "Would more demand explain it as well?"
    if not risen:
        return _tried(attempt, "no: no request rate at the symptom rose by half", {}, survived=True)
    return _tried(attempt, "perhaps: {name} rose", _named(risen[0]), survived=False)


def _named(row: Row[SeriesChange]) -> dict[str, Hole]:
    return {"name": (row.observation, "field", {"path": [*row.path, "name"]}, "text")}


ATTEMPTS: Mapping[str, Callable[[Suspect, Findings, Location], Refutation | None]] = {
    "order": _order,
    "peers": _peers,
    "elsewhere": _elsewhere,
    "demand": _demand,
}
"""What is tried against a suspect, each by its name; one gives None where it cannot be tried."""
