"""Narration: suspects written down as hypotheses, with evidence for and against."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from andon.analysis.log_comparison import Change
from andon.analysis.series import SeriesChange
from andon.analysis.signals import SignalKind
from andon.connectors import SourceInfo
from andon.investigation.claims import Claim
from andon.investigation.equipment import is_equipment
from andon.investigation.evidence import (
    as_evidence,
    change_evidence,
    family_evidence,
    log_evidence,
    plain,
    series_evidence,
    share_evidence,
)
from andon.investigation.exhibits import decisive
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location
from andon.investigation.refutation import refute
from andon.investigation.report import Check, Coverage, Evidence, Hypothesis
from andon.investigation.suspects import Suspect
from andon.investigation.toolbox import FETCH, Fetched, Toolbox, content
from andon.investigation.tools import alerts
from andon.investigation.tools.alerts import Alerts
from andon.investigation.verification import Hole, make_claim
from andon.storage import Observation
from andon.telemetry import Problem, Status, Window, isoformat

__all__ = [
    "alerts_told",
    "coverage_of",
    "headline",
    "hypothesis",
    "path_to_symptom",
    "sample_words",
    "with_samples",
]

_MISSING = 0.1
"""The part of the time that was asked for whose absence at either end is told."""
_ALERTS = 5
"""Alerts that are named; a storm of them says no more than the first."""

_TELLING = (
    (SignalKind.SUCCESSES, -1),
    (SignalKind.ERRORS, 1),
    (SignalKind.AVAILABILITY, -1),
    (SignalKind.LATENCY, 1),
    (SignalKind.SATURATION, 1),
    (SignalKind.REQUESTS, 1),
    (SignalKind.REQUESTS, -1),
)
_WORTH_NAMING = 0.05
"""The share of the symptom below which a place is not worth a sentence."""
_SERIES = 3
"""Series that are quoted: one for each kind that tells most."""
_PROBLEMS = 3
"""Problems of a source that are quoted before the rest is counted."""
_LOGS = 3
"""New templates that are quoted."""
_FAMILIES = 2
"""Kinds of error that are quoted."""
_SURE = 0.5
"""The likelihood from which on the headline says most likely: more likely than all else together."""


def coverage_of(box: Toolbox, infos: Sequence[SourceInfo] = ()) -> tuple[Coverage, ...]:
    """One row for each observation, and one for each source of which parts could not be read at all."""
    unread = tuple(
        Coverage("source", info.name, "all files", Status.PARTIAL, len(info.problems), _noted(info.problems))
        for info in infos
        if info.problems
    )
    return unread + tuple(
        Coverage(
            tool=o.tool,
            source=_origin(o, box),
            query=_query(o.query),
            status=o.status,
            count=o.count,
            note="; ".join(filter(None, (_fetched(o), _noted(o.problems)))),
            observation=o.id,
        )
        for o in box.ledger
    )


def sample_words(shares: tuple[float, float]) -> str:
    """`an even sample of 8 %`, or `even samples of 4 to 25 %`."""
    least, most = (f"{100 * share:.2g}" for share in shares)
    return f"an even sample of {least} %" if least == most else f"even samples of {least} to {most} %"


def _origin(observation: Observation, box: Toolbox) -> str:
    """The systems that the answer was drawn from, where they are known."""
    origins = dict.fromkeys(box.ledger[id_].source for id_ in observation.origins)
    return ", ".join(origins) or observation.source


def alerts_told(box: Toolbox, window: Window) -> Iterator[str]:
    """One sentence on the alerts that fired in the window, if any did."""
    found = [a for o in alerts.fired(box, window) if o.content for a in content(o, Alerts).alerts]
    told = (f"{a.name} at {a.service}" if a.service else a.name for a in found if not a.silenced)
    loud = list(dict.fromkeys(told))
    if loud:
        more = f" and {len(loud) - _ALERTS} more" if len(loud) > _ALERTS else ""
        yield f"Alerts that fired in the incident: {', '.join(loud[:_ALERTS])}{more}."


def with_samples(hypothesis: Hypothesis, box: Toolbox) -> Hypothesis:
    """The hypothesis with each piece of evidence told of the share of the telemetry that it was drawn from."""
    told = tuple(replace(one, sampled=_shares(one.observations, box)) for one in hypothesis.evidence)
    return replace(hypothesis, evidence=told)


def _shares(observations: Sequence[str], box: Toolbox) -> tuple[float, float]:
    origins = {origin for id_ in observations for origin in box.ledger[id_].origins}
    shares = [content(box.ledger[id_], Fetched).shares for id_ in origins]
    sampled = [pair for pair in shares if pair[0] < 1]
    return (min(p[0] for p in sampled), max(p[1] for p in sampled)) if sampled else (1.0, 1.0)


def _fetched(observation: Observation) -> str:
    """How much was fetched, for the observations that say so."""
    if observation.tool != FETCH or observation.content is None:
        return ""
    told = content(observation, Fetched)
    sample = f", {sample_words(told.shares)}" if told.shares[0] < 1 else ""
    asked = f"{told.requests} requests, {told.bytes:,} bytes{sample}" if told.requests else ""
    return "; ".join(filter(None, (asked, *_ends(told, observation.window))))


def _ends(told: Fetched, window: Window | None) -> Iterator[str]:
    """Where the telemetry begins well after, or ends well before, what was asked for."""
    if window is None or told.first is None or told.last is None:
        return
    if told.first - window.start > _MISSING * window.seconds:
        yield f"nothing before {isoformat(told.first)}"
    if window.end - told.last > _MISSING * window.seconds:
        yield f"nothing after {isoformat(told.last)}"


def _noted(problems: Sequence[Problem]) -> str:
    """The first problems in words, and how many more there are."""
    more = f"; and {len(problems) - _PROBLEMS} more" if len(problems) > _PROBLEMS else ""
    return "; ".join(str(problem) for problem in problems[:_PROBLEMS]) + more


def _query(query: Mapping[str, object]) -> str:
    return " ".join(str(query[key]) for key in ("what", "series") if key in query)


def headline(hypotheses: Sequence[Hypothesis], findings: Findings) -> str:
    """The answer in one sentence."""
    where = ", ".join(findings.symptom.names) or "the system"
    if not findings.symptom.abnormal and hypotheses:
        return f"Nothing is abnormal at {where} beyond chance. {hypotheses[0].name} comes nearest to it."
    if not findings.symptom.abnormal:
        return f"Nothing abnormal was found at {where}, so no cause is named."
    if not hypotheses:
        return f"Something is wrong at {where}, but nothing that was seen explains it."
    leader = hypotheses[0]
    sure = "Most likely" if leader.likelihood >= _SURE else "Perhaps"
    return f"{sure}: {leader.mechanism_title.lower()} at {leader.name}."


def path_to_symptom(suspect: Suspect, findings: Findings, location: Location) -> tuple[str, ...]:
    """Element ids from the cause to the symptom, the cause alone where no way is known.

    Trouble travels up the calls of software, from callee to caller, and down the flow of a plant.
    """
    topology = findings.model.topology
    plant = is_equipment(suspect.element, topology)
    watched = findings.model.services_of
    callers = {
        node: tuple(c for c in many if c in watched or c in findings.symptom.components)
        for node, many in (topology.callees if plant else topology.callers).items()
    }
    goals = set(findings.symptom.components) or {
        e for e in topology.distances((suspect.element,), upstream=not plant) if not callers.get(e)
    }
    starts = _worst_first(suspect, location)
    for start in starts:
        found = _walk(start, goals, callers)
        if found:
            return found if found[0] == suspect.element else (suspect.element, *found)
    return (suspect.element,)


def _worst_first(suspect: Suspect, location: Location) -> list[str]:
    """Where the path may start: the callers whose calls fail, then what the cause reaches."""
    reach = dict.fromkeys((suspect.element, *suspect.reach))
    links = [s for s in location.shares if s.caller and s.element in reach]
    callees = [
        s.element for s in sorted(links, key=lambda s: -s.share) if s.caller in reach or len(reach) == 1
    ]
    return list(dict.fromkeys([*callees, *reach]))


def _walk(start: str, goals: set[str], callers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Shortest walk from callee to caller that ends at a goal."""
    came: dict[str, str] = {start: ""}
    frontier = [start]
    while frontier:
        following = []
        for node in frontier:
            if node in goals:
                path = [node]
                while came[path[-1]]:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            for caller in callers.get(node, ()):
                if caller not in came:
                    came[caller] = node
                    following.append(caller)
        frontier = following
    return ()


def hypothesis(
    suspect: Suspect, likelihood: float, findings: Findings, location: Location, rivals: Sequence[Suspect]
) -> Hypothesis:
    """The suspect as a hypothesis of the report."""
    name = findings.model.name(suspect.element)
    statement, holes = _statement(suspect, name)
    claim = make_claim(statement, holes)
    path = path_to_symptom(suspect, findings, location)
    evidence = [*_for(suspect, findings, location, path), *_against(suspect, findings, location, rivals)]
    services = findings.model.services_of.get(suspect.element, ())
    changed = suspect.change.value.target if suspect.change else ""
    target = changed or (services[0] if services else name)
    return Hypothesis(
        component=suspect.element,
        name=name,
        mechanism=suspect.mechanism.slug,
        mechanism_title=suspect.mechanism.title,
        change=suspect.change_id,
        likelihood=likelihood,
        statement=claim.text,
        evidence=_distinct(evidence),
        refutations=refute(suspect, findings, location),
        next_check=Check(
            f"Confirm or rule out: {suspect.mechanism.title.lower()} at {name}",
            suspect.mechanism.check.replace("{target}", shlex.quote(target)),
        ),
        remedy=suspect.mechanism.remedy,
        path=path,
        statement_template=claim.template,
        statement_bindings=dict(claim.bindings),
    )


def _statement(suspect: Suspect, name: str) -> tuple[str, dict[str, Hole]]:
    what = suspect.mechanism.statement
    if suspect.change is None:
        return f"At {plain(name)}, {what}; no change that explains it was seen before it began.", {}
    row = suspect.change
    holes: dict[str, Hole] = {
        hole: (row.observation, "field", {"path": [*row.path, field]}, style)
        for hole, field, style in (("action", "action", "text"), ("at", "time", "clock"))
    }
    return f"Since {{action}} at {{at}}, {what}: {plain(name)}.", holes


def _for(
    suspect: Suspect, findings: Findings, location: Location, path: tuple[str, ...]
) -> Iterator[Evidence]:
    """What speaks for it: the change, its signs, its share, then what else moved on the path."""
    if suspect.change is not None:
        yield change_evidence(suspect.change)
    yield from (hit.evidence for hit in suspect.fit.hits)
    reach = {suspect.element, *suspect.reach}
    for share in location.shares:
        concerned = share.element in reach or share.caller in reach
        if concerned and share.share >= _WORTH_NAMING and location.quantity != "deviation":
            yield share_evidence(share, location, findings)
    near = {*reach, *path}
    yield from (series_evidence(row) for row in _telling(decisive(findings, suspect, path)))
    for family in [
        r
        for r in findings.families
        if r.value.exception and {findings.element(x) for x in r.value.services} & near
    ][:_FAMILIES]:
        yield family_evidence(family)
    fresh = [
        r
        for r in findings.templates
        if r.value.kind is Change.NEW and findings.element(r.value.service) in near
    ]
    for template in fresh[:_LOGS]:
        yield log_evidence(template)


def _telling(rows: Sequence[Row[SeriesChange]]) -> list[Row[SeriesChange]]:
    """The clearest series of each kind that tells most, what users lose before what machines feel."""
    first: dict[tuple[SignalKind, int], Row[SeriesChange]] = {}
    for row in rows:
        first.setdefault((row.value.kind, row.value.direction), row)
    return [first[key] for key in _TELLING if key in first][:_SERIES]


def _against(
    suspect: Suspect, findings: Findings, location: Location, rivals: Sequence[Suspect]
) -> Iterator[Evidence]:
    """What speaks against it: places that it does not explain, and a rival that came as close."""
    reach = {suspect.element, *suspect.reach}
    for share in location.shares:
        outside = share.element not in reach and share.caller not in reach
        if outside and share.share >= 2 * _WORTH_NAMING and location.quantity != "deviation":
            found = share_evidence(share, location, findings)
            yield as_evidence(_claim_of(found), found.signal, supports=False)
    if suspect.change is None:
        return
    for rival in rivals:
        if (
            rival.change is not None
            and rival.change.value.id != suspect.change.value.id
            and rival.score > suspect.score
        ):
            found = change_evidence(rival.change)
            yield as_evidence(_claim_of(found), found.signal, supports=False)
            return


def _claim_of(evidence: Evidence) -> Claim:
    return Claim(evidence.template, evidence.bindings)


def _distinct(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Each sentence once, the first time it occurs."""
    first: dict[str, Evidence] = {}
    for one in evidence:
        first.setdefault(one.claim, one)
    return tuple(first.values())
