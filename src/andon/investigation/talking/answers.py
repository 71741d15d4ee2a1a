"""Answers without a model: common questions of an engineer, answered by rule from the ledger.

Each answer is made of sentences computed from rows, with their references, or from the report. What no rule
understands is answered with what can be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from andon.investigation.agent.desk import Desk
from andon.investigation.agent.prompt import reference
from andon.investigation.agent.questions import Questions
from andon.investigation.findings import Model
from andon.investigation.report import Evidence, Hypothesis, Report
from andon.investigation.talking.changes_compared import changes_compared, is_of_changes
from andon.investigation.talking.comparing import compared, told_of
from andon.investigation.talking.naming import bare, components_meant, listed, mentioned, similar
from andon.investigation.talking.said import Said, lines_of, percent
from andon.telemetry import Status, clock

__all__ = ["CAN_BE_ASKED", "answer"]

CAN_BE_ASKED = (
    "why X and not Y",
    "what changed (at X)",
    "show logs, errors, metrics, traces, changes or alerts (of X)",
    "when did it begin",
    "who is affected",
    "what should I check or do",
    "what speaks for it, what against it",
    "how sure are you",
    "what did you not see",
    "what about X",
)
"""What is understood without a model."""

_ROWS = 6
"""Rows of an answer that lists them."""
_FEW = 3
"""Rows of each signal where a component is told of as a whole."""
_NAMES = 8
_CLOSE = 0.75
"""How alike a name must be to be offered for one that there is not."""
_CHECKS = 2
"""Hypotheses whose next check is told."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, the desk, the components that it speaks of, and the groups of the pattern that matched."""

    text: str
    desk: Desk
    about: tuple[str, ...]
    groups: Mapping[str, str | None] = field(default_factory=dict)


def answer(text: str, desk: Desk) -> tuple[Said, ...]:
    """The answer to a question; what can be asked where no rule understands it."""
    model = desk.case.findings.model
    about = mentioned(text, model)
    plain = " ".join(text.split())
    if (not about or _WHY.search(plain)) and (unclear := _unclear(plain, model)):
        return (Said(unclear),)
    for pattern, reply in _RULES:
        match = pattern.search(plain)
        if match is not None:
            told = tuple(reply(_Asked(plain, desk, about, match.groupdict())))
            if told:
                return told
    if about:
        return tuple(_whole(_Asked(plain, desk, about)))
    return (
        Said(
            "I do not understand that without a language model. You can ask: " + "; ".join(CAN_BE_ASKED) + "."
        ),
        Said(
            "Or redirect the run: “look at X too”, “it is not X”, “the deploy was harmless”, “it began at 10:20”."
        ),
    )


_OF = re.compile(
    r"\b(?:of|at|in|from|for|about|to) (?P<x>(?:the )?[\w.:/-]+(?: [\w.:/-]+){0,3}?)(?= ?[?.,!]|$)",
    re.IGNORECASE,
)

_WHY = re.compile(
    r"^(?:so |and |but |then )?(?:why (?:is it |was it |isn't it |wasn't it )?(?:not )?|(?:is|was|could|can|may|might) it (?:be |not be )?)"
    r"(?P<x>(?:the )?[\w.:/-]+(?: [\w.:/-]+){0,3}?) ?[?.!]*$",
    re.IGNORECASE,
)


def _unclear(text: str, model: Model) -> str:
    """What to ask back where a question names a component that is not one, or may be several."""
    match = _WHY.search(text) or _OF.search(text)
    phrase = match["x"] if match else ""
    if is_of_changes(phrase):
        return ""
    meant = components_meant(phrase, model)
    if len(meant) > 1:
        return f"Which “{phrase}” do you mean: {listed([f'{model.name(e)} ({e})' for e in meant], _NAMES)}?"
    near = similar(phrase, model, _CLOSE) if phrase and not meant else ()
    return f"There is no component “{phrase}”; similar: {', '.join(near)}." if near else ""


def _compared(asked: _Asked) -> Iterator[Said]:
    """Why one and not the other; with one name, why that one, against the leader where it is another."""
    model = asked.desk.case.findings.model
    for group in ("x", "y"):
        phrase = _PRONOUN.sub("", (asked.groups.get(group) or "").strip("?. "))
        if is_of_changes(phrase) and not components_meant(phrase, model):
            yield from changes_compared(phrase, asked.desk)
            return
    named = [_single(asked.groups.get(group), model) for group in ("x", "y")]
    first, second = named
    if first is None and second is None:
        first = asked.about[0] if asked.about else None
    leader = asked.desk.report.hypotheses[0].component if asked.desk.report.hypotheses else None
    if first is None and second is None:
        yield from _evidence(asked)
        return
    first = first or leader
    if second is None and leader is not None and first != leader:
        second = leader
    yield from compared(asked.desk, [*dict.fromkeys(one for one in (first, second) if one is not None)])


_PRONOUN = re.compile(r"^(?:is it|was it|is|was|not|it) +", re.IGNORECASE)


def _blamed(asked: _Asked) -> Iterator[Said]:
    """Is it X, why not X: as it is compared; that there is no X is said."""
    phrase = asked.groups.get("y") or ""
    if asked.about or is_of_changes(phrase.strip("?. ")) or not set(_words(phrase)) - _VAGUE:
        yield from _compared(asked)
        return
    yield Said(
        f"Nothing here is called “{bare(phrase)[:80]}”, no component and no change; ask `what about X`."
    )


_VAGUE = frozenset("it that this them one other another else something anything so the a".split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _errors(asked: _Asked) -> Iterator[Said]:
    """Errors in logs that are new or more, and new kinds of them, of the components that are named or of all."""
    findings, desk = asked.desk.case.findings, asked.desk
    services = {s for e in asked.about for s in desk.services(e)}
    told = [r for r in findings.templates if r.value.error and r.value.kind in ("new", "more")]
    told = [r for r in told if not asked.about or r.value.service in services]
    told.sort(
        key=lambda r: (r.value.kind != "new", r.value.q_value, -r.value.incident_count, r.value.template_id)
    )
    for row in told[:_ROWS]:
        cited = desk.citations.cite(row)
        yield Said(cited.evidence.claim, (cited.ref,))
    if not told:
        where = listed([findings.model.name(e) for e in asked.about], _NAMES)
        yield Said(
            f"No error in the logs{' of ' + where if where else ''} is new or more frequent in the incident."
        )
    elif len(told) > _ROWS:
        yield Said(f"{len(told) - _ROWS} more.")


def _single(phrase: str | None, model: Model) -> str | None:
    if not phrase:
        return None
    meant = components_meant(phrase.rstrip("?. "), model) or mentioned(phrase, model)
    return meant[0] if len(meant) == 1 else None


def _listing(name: str) -> Callable[[_Asked], Iterator[Said]]:
    """Rows of one signal, of the components that were named or of all."""

    def reply(asked: _Asked) -> Iterator[Said]:
        ask = getattr(Questions(asked.desk), name)
        if name == "alerts":
            yield from lines_of(ask())
            return
        for element in asked.about or ("",):
            yield from lines_of(ask(element) if name == "architecture" else ask(element, top=_ROWS))

    return reply


def _began(asked: _Asked) -> Iterator[Said]:
    report = asked.desk.report
    symptom, windows = report.symptom, asked.desk.case.findings.windows
    if symptom.onset is None:
        yield Said("No onset was found: nothing turned for the worse beyond chance.")
    else:
        low, high = symptom.onset_low or symptom.onset, symptom.onset_high or symptom.onset
        yield Said(f"It began about {clock(symptom.onset)} UTC (between {clock(low)} and {clock(high)}).")
    by = f" [{windows.observation}]" if windows.observation else ""
    yield Said(f"The incident is {windows.incident}: {windows.why}{by}.")
    leader = report.hypotheses[0] if report.hypotheses else None
    timed = (
        [e for e in leader.evidence if "since" in e.template or "from about" in e.template] if leader else []
    )
    yield from _cited(timed[:_FEW], asked.desk)


def _affected(asked: _Asked) -> Iterator[Said]:
    report, model = asked.desk.report, asked.desk.case.findings.model
    felt = ", ".join(report.symptom.names) or "the entry points of the system"
    yield Said(f"The symptom ({report.symptom.kind}) is felt at {felt}.")
    reached = [model.name(e) for e in report.blast_radius]
    if reached:
        yield Said(f"The trouble reaches {listed(reached, _NAMES)}.")
    for element in report.symptom.components:
        yield from lines_of(Questions(asked.desk).traces(element, top=_FEW))


def _next(asked: _Asked) -> Iterator[Said]:
    hypotheses = _meant(asked)
    if not hypotheses and asked.about:
        names = [asked.desk.case.findings.model.name(e) for e in asked.about]
        yield Said(f"The report names no cause at {listed(names, _NAMES)}.")
    elif not hypotheses:
        yield Said("No cause is named, so there is none to check. Say where it is felt, or since when.")
    for one in hypotheses[:_CHECKS]:
        yield Said(f"{one.next_check.why}: `{one.next_check.command}`")
        yield Said(f"If it is confirmed: {one.remedy}")


def _evidence(asked: _Asked) -> Iterator[Said]:
    """What speaks for the first hypothesis (or that of the component that is named), and what against it."""
    for one in _meant(asked)[:1]:
        yield Said(f"{percent(one.likelihood)} {one.mechanism_title} at {one.name}: {one.statement}")
        speaking = [e for e in one.evidence if e.supports][: _ROWS - 1]
        against = [e for e in one.evidence if not e.supports][:_FEW]
        yield from _cited(speaking, asked.desk)
        yield from (Said(f"Against it: {said.text}", said.refs) for said in _cited(against, asked.desk))
        for tried in one.refutations:
            yield Said(
                f"{tried.attempt} {tried.outcome}{'' if tried.survived else ' (this speaks against it)'}."
            )


def _meant(asked: _Asked) -> Sequence[Hypothesis]:
    """The hypotheses of the component that is named, or all."""
    found = [h for h in asked.desk.report.hypotheses if h.component in asked.about]
    return found or ([] if asked.about else asked.desk.report.hypotheses)


def _cited(evidence: Sequence[Evidence], desk: Desk) -> Iterator[Said]:
    for one in evidence:
        ref = reference(one, desk.citations)
        yield Said(one.claim, (ref,) if ref != "-" else ())


def _sure(asked: _Asked) -> Iterator[Said]:
    report = asked.desk.report
    if not report.hypotheses:
        yield Said(report.headline)
    for one in report.hypotheses[:_FEW]:
        yield Said(f"{percent(one.likelihood)} {one.mechanism_title} at {one.name}.")
    yield Said(f"{percent(report.something_else)} is left for something else, or for what was not seen.")
    failed = [t for h in report.hypotheses[:1] for t in h.refutations if not t.survived]
    tried = len(report.hypotheses[0].refutations) if report.hypotheses else 0
    if tried:
        yield Said(f"{tried} attempts were made to refute the first, {len(failed)} of them spoke against it.")
    yield from _lacking(report)


def _unseen(asked: _Asked) -> Iterator[Said]:
    report, findings = asked.desk.report, asked.desk.case.findings
    yield from _lacking(report)
    silent = [
        e.name
        for e in findings.model.topology.elements
        if e.id in findings.model.services_of and e.id not in findings.observed
    ]
    if silent:
        yield Said(f"No telemetry came from {listed(silent, _NAMES)}.")
    unseen = [f"{d.source} → {d.destination}" for d in report.drift if d.kind == "declared-not-seen"]
    if unseen:
        yield Said(f"Declared, and never seen to call: {listed(unseen, _NAMES)}.")


def _lacking(report: Report) -> Iterator[Said]:
    gaps = [row for row in report.coverage if row.status is not Status.OK]
    for row in gaps[:_ROWS]:
        note = f": {row.note}" if row.note else ""
        yield Said(f"{row.tool} of {row.source} ({row.query}) was {row.status}{note}.")
    if not gaps:
        yield Said(f"All {len(report.coverage)} queries were answered in full.")
    elif len(gaps) > _ROWS:
        yield Said(f"{len(gaps) - _ROWS} more queries were not answered in full.")


def _cause(asked: _Asked) -> Iterator[Said]:
    yield Said(asked.desk.report.headline)
    yield from _evidence(asked)


def _whole(asked: _Asked) -> Iterator[Said]:
    """All there is of the components that are named, a little of each signal."""
    for element in asked.about:
        yield from told_of(asked.desk, element)
        ask = Questions(asked.desk)
        for signal in (ask.traces, ask.metrics, ask.logs, ask.changes):
            rows = [said for said in lines_of(signal(element, top=_FEW)) if said.refs]
            yield from rows[:_FEW]


_NOT = r"(?:(?:,|\b) ?(?:and|but|rather than|instead of)? ?not|rather than|instead of|(?:and|,) why not)"
_RULES: Sequence[tuple[re.Pattern[str], Callable[[_Asked], Iterator[Said]]]] = tuple(
    (re.compile(pattern, re.IGNORECASE), reply)
    for pattern, reply in (
        (r"\b(?:not|n't) (?:see|seen|look|looked|know|asked?|checked?)\b|\b(?:missing|lacking|gaps?|coverage|blind)\b", _unseen),
        (rf"\bwhy\b (?:is it |was it |do you (?:think|say|blame|suspect|name)(?: that)?(?: it is| it's)? ?)?(?P<x>.+?) ?{_NOT} (?P<y>.+)", _compared),
        (r"\bwhy (?:is it not|isn't it|was it not|wasn't it|not|isn't|is not) (?P<y>.+)", _blamed),
        (r"\b(?:compare|difference between) (?P<x>.+?) (?:and|with|to|or) (?P<y>.+)", _compared),
        (r"\bis it (?P<x>.+?) or (?P<y>.+)", _compared),
        (r"^(?:is|was|could|can|may|might) it (?:be |not be )?(?P<y>(?!.*\b(?:over|gone|still|safe|sure|certain|clear)\b).+)", _blamed),
        (r"\bhow (?:sure|certain|confident|likely|probable)|\bconfiden(?:ce|t)|\bare you (?:sure|certain)|\blikelihoods?\b|\bprobabilit", _sure),
        (r"\bwhen\b.*\b(?:beg[iau]n|start|onset|happen|broke)|\bsince when\b|\bhow long\b|\bonset\b", _began),
        (r"\b(?:affected|impact(?:ed)?|blast radius|suffers?|who feels|how many (?:users|customers)|reaches)\b|\bwh(?:o|ich (?:users|customers|people)) (?:is|are)\b", _affected),
        (r"\bwhat (?:should|can|could|must|shall|do|would) (?:i|we|you)\b|\bnext\b|\bremed(?:y|ies)\b|\bhow (?:do|can|should|to|could)\b.*\b(?:fix|check|confirm|repair|mitigate|solve|verify)|\bhow to\b|\bmitigat", _next),
        (r"\b(?:show|list|give|which|what|any|see|are there)\b.*\berrors?\b|^(?:the |new )*errors?\b", _errors),
        (r"\b(?:logs?|log lines?|messages?|exceptions?|stack ?traces?)\b", _listing("logs")),
        (r"\b(?:traces?|spans?|calls?|latenc(?:y|ies)|failures)\b", _listing("traces")),
        (r"\b(?:metrics?|series|charts?|graphs?|cpu|memory|saturation)\b", _listing("metrics")),
        (r"\balerts?\b|\balarms?\b", _listing("alerts")),
        (r"^(?:so )?why (?P<x>(?:the |a )?[\w -]*\b(?:deploy|deployment|release|rollout|flag|commit|config|change)) ?[?.!]*$", _compared),
        (r"\b(?:what|which|who|anything|something)\b.*\bchang|\bchanges?\b|\bdeploy(?:s|ed|ments?)?\b|\brollouts?\b|\breleases?\b|\bcommits?\b", _listing("changes")),
        (r"\bevidence\b|\b(?:speaks?|spoke) (?:for|against)\b|\bagainst (?:it|that|this)\b|\bprove|\bproof\b|\brefut|\bdisprove", _evidence),
        (r"\b(?:depends?|dependenc(?:y|ies)|who calls|callers?|architecture|downstream|upstream)\b", _listing("architecture")),
        (r"\bwhy\b(?P<x>.*)", _compared),
        (r"\b(?:root )?cause\b|\bwhat (?:is|was|went|'s|happened)\b.*\b(?:wrong|it|going on|problem|happened)\b|\bsummar|\bculprit\b|\bhypothes[ie]s\b|\bwhat happened\b", _cause),
    )
)  # fmt: skip
