"""Suspects: every cause worth weighing, scored by place, signs and time.

A change is a suspect where it can set off a mechanism whose signs stand at what it reaches, and where
it came before the trouble. A component is one by its signs alone. The score multiplies what must all
be true: the symptom comes from there, it looks like that, and the time fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from andon.analysis.code_changes import CONVICTION
from andon.analysis.signals import words
from andon.investigation.code_suspects import Verdict, judge_commits
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location
from andon.investigation.mechanisms import Mechanism, load_mechanisms
from andon.investigation.places import place_of, places_behind
from andon.investigation.report import Symptom
from andon.investigation.signs import Fit, fit
from andon.investigation.touches import Touch, touched
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["Suspect", "deploys_of", "find_suspects", "suspect_for"]

_UNPLACED = 0.15
"""What a change counts that touches nothing known: it may still be it."""
_SOME = 0.15
"""The fit below which signs are too faint to name a mechanism that no change set off."""
_NAMEABLE = 0.02
"""The score below which nothing is named: such a place adds too little, or looks too little like it."""
_SECOND = 0.5
"""What a place counts for a quantity beside the one that fits the question best."""
_AS_GOOD = 0.6
"""Part of its score from which on a change takes the place of the same mechanism without one."""
_CLOSELY = 0.6
"""The fit from which on a mechanism explains a place closely: more than one weak sign."""
_HERE = 0.3
"""What place and timing of such a mechanism must be at least."""
_LESS = 0.6
"""What remains of a mechanism that explains anything, where another explains the place closely."""
_LATE = 0.05
"""Part of the incident by which a change may come after the onset that was found."""
_AFTER = 0.5
"""What such a change counts."""
_FLOOR = 0.3
"""What a change counts that came long before: it may act late."""
_SLACK = 2.0
"""Seconds by which clocks of sources and of changes may differ where they are kept by NTP."""
_UNNAMED_FLAG = 0.4
"""What a flag counts of which no new log line speaks: most flags flip without harm."""
_FLAG_WORDS = frozenset(["flag", "feature", "enabled", "disabled", "toggle", "update", "change"])
_STEPS = 30.0
"""Seconds within which calls of one actor on one target are steps of one change."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A possible cause. `score` in [0, 1] is the product of `place`, `fit.score` and `timing`."""

    element: str
    mechanism: Mechanism
    change: Row[ChangeEvent] | None
    reach: tuple[str, ...]
    place: float
    fit: Fit
    timing: float
    verdict: Verdict | None = None

    @property
    def score(self) -> float:
        return self.place * self.fit.score * self.timing

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What makes two suspects the same: component, mechanism, change."""
        return self.element, self.mechanism.slug, self.change_id

    @property
    def change_id(self) -> str | None:
        """The commit, or the id of the change event, that did it."""
        if self.change is None:
            return None
        return self.change.value.commit or self.change.value.id


def find_suspects(
    findings: Findings,
    location: Location,
    excluded: Set[str] = frozenset(),
    cleared: Set[str] = frozenset(),
) -> tuple[Suspect, ...]:
    """All suspects with a score, best first, each change and each component at most once.

    `excluded` are ids or names of elements that are known to be innocent: they explain nothing away either;
    `cleared` are ids of changes that are.
    """
    suspects = [*_located(findings, location)]
    for other in location.others:
        suspects += [replace(s, place=s.place * _SECOND) for s in _located(findings, other) if not s.verdict]
    suspects = [s for s in suspects if not excluded & {s.element, findings.model.name(s.element)}]
    suspects = [
        s for s in suspects if s.change is None or not cleared & {s.change.value.id, s.change.value.commit}
    ]
    suspects = _explained(suspects, findings)
    best: dict[tuple[str, str], Suspect] = {}
    for suspect in suspects:
        key = ("change", suspect.change.value.id) if suspect.change else ("component", suspect.element)
        if suspect.score > best.get(key, suspect).score or key not in best:
            best[key] = suspect
    ranked = sorted((s for s in best.values() if s.score >= _NAMEABLE), key=lambda s: (-s.score, s.element))
    return tuple(_absorbed(ranked))


def suspect_for(
    findings: Findings,
    location: Location,
    element: str,
    mechanism: Mechanism,
    change: Row[ChangeEvent] | None,
) -> Suspect:
    """What somebody else suspects, weighed as any suspect is: by place, signs and time. Its score may be 0."""
    behind = places_behind(findings, location).get(element, 0.0)
    if change is None:
        place = max(place_of((element,), location), behind)
        alone = mechanism.unobserved if element not in findings.observed else None
        found = fit(mechanism, element, findings)
        return Suspect(
            element, mechanism, None, (element,), place, found, mechanism.alone if alone is None else alone
        )
    timing = _timing(change.value.time, findings.symptom, findings)
    touches = touched(change.value, findings.model, deploys_of(findings)) or (Touch("", (), "nothing"),)
    ready = mechanism.set_off_by(change.value)
    weighed = [_weigh(change, mechanism, touch, timing * ready, findings, location) for touch in touches]
    best = max(weighed, key=lambda suspect: (suspect.element == element, suspect.score))
    reach = tuple(dict.fromkeys((element, *best.reach)))
    return replace(
        best, element=element, reach=reach, place=max(best.place, behind, place_of((element,), location))
    )


def _located(findings: Findings, location: Location) -> Iterator[Suspect]:
    """All suspects for what one quantity says of where the trouble comes from."""
    behind = places_behind(findings, location)
    yield from _by_change(findings, location, behind)
    yield from _by_code(findings, location)
    yield from _by_signs(findings, location, behind)


def _absorbed(ranked: Sequence[Suspect]) -> Iterator[Suspect]:
    """The suspects without those that say of the same place and mechanism what another says better.

    Steps of one change (registering a version, rolling it out) count as its last step. What a component
    suffers is no cause of its own where a likelier change reaches it, or a commit that can have done it.
    """
    guilty = {e for s in ranked if s.verdict and s.fit.score >= CONVICTION for e in (s.element, *s.reach)}
    for suspect in ranked:
        better = [s for s in ranked if s.change is not None and s.score > suspect.score]
        replaced = any(suspect.element in (s.element, *s.reach) for s in better)
        if suspect.change is None and (suspect.element in guilty or replaced):
            continue
        same = [
            s
            for s in ranked
            if s is not suspect and s.mechanism is suspect.mechanism and _overlap(s, suspect)
        ]
        if suspect.change is None:
            if any(s.score > (_AS_GOOD if s.change else 1.0) * suspect.score for s in same):
                continue
        elif any(s.change is not None and _later_step(s.change.value, suspect.change.value) for s in same):
            continue
        yield suspect


def _explained(suspects: Sequence[Suspect], findings: Findings) -> list[Suspect]:
    """The suspects, less ready to believe in what explains anything where something explains it closely.

    What explains a place closely may stand at the place, or behind it where nobody traces: a queue that its
    caller waits for.
    """
    close = [
        s
        for s in suspects
        if not s.mechanism.fallback and s.fit.score >= _CLOSELY and s.place >= _HERE and s.timing > _HERE
    ]
    covered = {element for s in close for element in (s.element, *s.reach)}
    covered |= {
        caller
        for s in close
        if s.element not in findings.nodes_of
        for caller in findings.model.topology.callers.get(s.element, ())
    }
    return [
        replace(suspect, timing=suspect.timing * _LESS)
        if suspect.mechanism.fallback and suspect.verdict is None and suspect.element in covered
        else suspect
        for suspect in suspects
    ]


def _overlap(a: Suspect, b: Suspect) -> bool:
    return bool({a.element, *a.reach} & {b.element, *b.reach})


def _later_step(later: ChangeEvent, earlier: ChangeEvent) -> bool:
    return (
        later.actor == earlier.actor != ""
        and 0 <= later.time - earlier.time <= _STEPS
        and (later.time > earlier.time or later.action > earlier.action)
    )


def deploys_of(findings: Findings) -> Mapping[str, str]:
    """Commit to the service that it was deployed to, from the deploy events."""
    return {
        row.value.commit: row.value.target
        for row in findings.events
        if row.value.kind is ChangeKind.DEPLOY and row.value.commit
    }


def _by_change(findings: Findings, location: Location, behind: Mapping[str, float]) -> Iterator[Suspect]:
    deploys = deploys_of(findings)
    commits = {
        row.value.commit or row.value.id for row in findings.events if row.value.kind is ChangeKind.COMMIT
    }
    for row in findings.events:
        event = row.value
        if event.error or event.kind is ChangeKind.COMMIT or event.commit in commits:
            continue
        timing = _timing(event.time, findings.symptom, findings)
        touches = touched(event, findings.model, deploys) if timing else ()
        for mechanism in load_mechanisms():
            ready = mechanism.set_off_by(event)
            for touch in (touches or (Touch("", (), "nothing"),)) if ready else ():
                suspect = _weigh(row, mechanism, touch, timing * ready, findings, location)
                hidden = max((behind.get(e, 0.0) for e in touch.reach), default=0.0)
                yield replace(suspect, place=max(suspect.place, hidden))


def _weigh(
    row: Row[ChangeEvent],
    mechanism: Mechanism,
    touch: Touch,
    timing: float,
    findings: Findings,
    location: Location,
) -> Suspect:
    """The suspect at whichever element of the change's reach explains most."""
    if not touch.element:
        nowhere = max(location.shares, key=lambda s: s.share).element if location.shares else ""
        found = fit(mechanism, nowhere, findings)
        return Suspect(row.value.target, mechanism, row, (), _UNPLACED, found, timing)
    found = max((fit(mechanism, e, findings, touch.reach) for e in touch.reach), key=lambda f: f.score)
    if row.value.kind is ChangeKind.FLAG and not _spoken_of(row.value, findings):
        timing *= _UNNAMED_FLAG
    return Suspect(touch.element, mechanism, row, touch.reach, place_of(touch.reach, location), found, timing)


def _spoken_of(event: ChangeEvent, findings: Findings) -> bool:
    """Whether new log lines speak of what the event names, beyond the names of services."""
    services = {word for service in findings.model.element_of for word in words(service)}
    named = (
        {word for word in words(f"{event.target} {event.action}") if len(word) > 3} - services - _FLAG_WORDS
    )
    said = {
        word for row in findings.templates if row.value.kind == "new" for word in words(row.value.template)
    }
    return bool(named & said)


def _by_code(findings: Findings, location: Location) -> Iterator[Suspect]:
    """Commits whose diff can have produced what is seen; code may take its time to fail."""
    deploys = deploys_of(findings)
    for verdict in judge_commits(findings, location):
        event = verdict.row.value
        touches = touched(event, findings.model, deploys)
        element = touches[0].element if touches else event.target
        reach = tuple(dict.fromkeys(e for touch in touches for e in touch.reach))
        timing = 1.0 if _timing(verdict.in_effect, findings.symptom, findings) else 0.0
        yield Suspect(
            element,
            verdict.mechanism,
            verdict.row,
            reach,
            1.0,
            Fit(verdict.score, verdict.hits),
            timing,
            verdict,
        )


def _by_signs(findings: Findings, location: Location, behind: Mapping[str, float]) -> Iterator[Suspect]:
    observed = findings.observed
    places = {s.element: place_of((s.element,), location) for s in location.shares}
    places |= {e: max(place, places.get(e, 0.0)) for e, place in behind.items()}
    for element, place in places.items():
        for mechanism in load_mechanisms():
            found = fit(mechanism, element, findings)
            if mechanism.proof and not any(hit.sign in mechanism.proof for hit in found.hits):
                continue
            if found.score >= _SOME:
                alone = mechanism.unobserved if element not in observed else None
                alone = mechanism.alone if alone is None else alone
                yield Suspect(element, mechanism, None, (element,), place, found, alone)


def _timing(time: float, symptom: Symptom, findings: Findings) -> float:
    """1 for a change right before the onset, falling with the time between; 0 for one well after it.

    An onset is not known to the second: a change a little after it is believed somewhat less.
    """
    onset = symptom.onset if symptom.onset is not None else findings.windows.incident.start
    latest = symptom.onset_high if symptom.onset_high is not None else onset
    late = time - latest - _SLACK
    if late > _LATE * findings.windows.incident.seconds:
        return 0.0
    lag = max(0.0, onset - time)
    scale = max(60.0, findings.windows.baseline.seconds / 4)
    return (_FLOOR + (1 - _FLOOR) * math.exp(-lag / scale)) * (_AFTER if late > 0 else 1.0)
