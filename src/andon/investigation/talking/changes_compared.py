"""Changes compared: why a change, or a way to fail, is suspected less than the leader, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from andon.investigation.agent.desk import Desk
from andon.investigation.findings import Row
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.suspects import Suspect, suspect_for
from andon.investigation.talking.comparing import best_at, decision, tried_against, weighed
from andon.investigation.talking.naming import bare, changes_meant, names_a_change
from andon.investigation.talking.said import Said, percent
from andon.telemetry import ChangeEvent, clock

__all__ = ["changes_compared", "is_of_changes"]

_ADVERB = re.compile(r"^(?:(?:really|actually|perhaps|maybe|just|simply|a|an) +)+", re.IGNORECASE)
_ROWS = 4
"""Changes that are no suspects and are told one by one."""


def is_of_changes(phrase: str) -> bool:
    """Whether a phrase speaks of changes (the deploy, the flag) or names a way to fail (bad deploy)."""
    return bool(phrase) and (names_a_change(phrase) or bool(_mechanism(phrase)))


def changes_compared(phrase: str, desk: Desk) -> Iterator[Said]:
    """The best suspect that a phrase means beside the leader; where none is suspected, the changes themselves."""
    slug = _mechanism(phrase)
    rows = _of_kind(phrase, desk) if slug else changes_meant(_ADVERB.sub("", phrase), desk.case)
    suspects = [*desk.case.suspects, *_only_named(desk)]
    meant = [s for s in suspects if slug and s.mechanism.slug == slug]
    meant = meant or [s for s in suspects if _is_of(s, rows)]
    best = max(meant, key=lambda s: s.score, default=None)
    if best is None:
        yield from _unsuspected(phrase, rows, desk)
        return
    leader = _leading(desk)
    named = [h for h in desk.report.hypotheses if h.key == best.key]
    name = desk.case.findings.model.name(best.element)
    likely = percent(named[0].likelihood) if named else "not named in the report"
    first = ", the first of the report" if named and named[0] is desk.report.hypotheses[0] else ""
    yield Said(f"{best.mechanism.title} at {name}: {likely}{first}.")
    yield from weighed(desk, best)
    yield from tried_against(named)
    if leader is None or leader.key == best.key:
        return
    ahead = desk.report.hypotheses[0]
    yield Said(
        f"The first of the report is {ahead.mechanism_title.lower()} at {ahead.name}: {percent(ahead.likelihood)}."
    )
    yield from weighed(desk, leader)
    yield from tried_against([ahead])
    yield decision(desk, leader, best)


def _mechanism(phrase: str) -> str:
    """The mechanism that is named in full; empty where none is."""
    said = _words(_ADVERB.sub("", phrase))
    return next((m.slug for m in load_mechanisms() if said in (_words(m.title), _words(m.slug))), "")


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", bare(text).casefold()))


def _only_named(desk: Desk) -> Iterator[Suspect]:
    """Hypotheses that are none of the engine's suspects, weighed as those are."""
    known, findings = {s.key for s in desk.case.suspects}, desk.case.findings
    mechanisms = {m.slug: m for m in load_mechanisms()}
    for one in desk.report.hypotheses:
        if one.key not in known and one.mechanism in mechanisms:
            change = next((r for r in findings.events if one.change in (r.value.id, r.value.commit)), None)
            yield suspect_for(findings, desk.case.location, one.component, mechanisms[one.mechanism], change)


def _is_of(suspect: Suspect, rows: Sequence[Row[ChangeEvent]]) -> bool:
    return suspect.change is not None and suspect.change.value.id in {row.value.id for row in rows}


def _of_kind(phrase: str, desk: Desk) -> tuple[Row[ChangeEvent], ...]:
    """The changes of the kind that a mechanism's name speaks of: deploys, for a bad deploy."""
    nouns = [word for word in bare(phrase).replace("-", " ").split() if names_a_change(word)]
    return changes_meant(" ".join(nouns), desk.case) if nouns else ()


def _leading(desk: Desk) -> Suspect | None:
    """The suspect behind the first hypothesis, or what would be the best one there."""
    if not desk.report.hypotheses:
        return None
    key = desk.report.hypotheses[0].key
    return next((s for s in desk.case.suspects if s.key == key), None) or best_at(desk, key[0])


def _unsuspected(phrase: str, rows: Sequence[Row[ChangeEvent]], desk: Desk) -> Iterator[Said]:
    """That no suspect is meant, and when each of the changes happened."""
    said = bare(phrase)[:80]
    if not rows:
        yield Said(f"No suspect: nothing that was seen is “{said}”; `what changed` lists what was.")
        return
    cleared = {*desk.case.question.cleared}
    onset = desk.case.findings.symptom.onset or desk.case.findings.windows.incident.start
    for row in sorted(rows, key=lambda r: (r.value.time > onset, abs(r.value.time - onset)))[:_ROWS]:
        cited, lag = desk.citations.cite(row), onset - row.value.time
        when = f"{lag:.0f} s before" if lag >= 0 else f"{-lag:.0f} s after"
        yours = "; you called it harmless" if {row.value.id, row.value.commit} & cleared else ""
        told = f"it happened at {clock(row.value.time)}, {when} the onset at {clock(onset)}{yours}"
        yield Said(f"No suspect: {cited.evidence.claim}; {told}.", (cited.ref,))
    if len(rows) > _ROWS:
        yield Said(f"{len(rows) - _ROWS} more.")
