"""Memory: incidents that engineers judged come back as hypotheses to test when something similar happens.

Whether an incident is similar is computed: the component that was the cause exists now, and of what can be
compared at least half agrees on average: where the symptom is felt and of which kind, which log templates are new,
which kinds of series moved where (each by the overlap coefficient, the common part of the smaller set). A memory
names nothing by itself: only rows of now that bear out the mechanism at that component make it a hypothesis, it is
marked, and it never outranks what the engine found. What was said then is quoted as data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean

from andon.investigation.case import Case
from andon.investigation.evidence import plain
from andon.investigation.findings import Findings
from andon.investigation.mechanisms import Mechanism, mechanism
from andon.investigation.narration import hypothesis, with_samples
from andon.investigation.ranking import MOST
from andon.investigation.report import Hypothesis, Report, SymptomKind
from andon.investigation.suspects import Suspect, suspect_for
from andon.investigation.toolbox import Toolbox
from andon.investigation.touches import touched
from andon.investigation.verification import verify
from andon.telemetry import ChangeEvent, Window, isoformat

__all__ = ["SIMILAR", "Memory", "Signature", "recalled", "signature_of", "similarity"]

SIMILAR = 0.5
"""The similarity from which on an incident is brought back: half of what can be compared agrees. A judgement."""
_SHARE = 0.1
"""The part of what is left for something else that one memory takes at most."""
_OF_LEADER = 0.5
"""The part of the least likely hypothesis that a memory may have at most, so that it comes after all of them."""
_KEPT = 2
"""Memories that are brought back at once, the most similar first."""
_TEMPLATES = 200
"""Log templates that are kept of an incident."""
_QUOTED = 300
"""Characters that are quoted of what was said then."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What an incident looked like: where it was felt and how, new log templates, and what moved (element, kind, direction)."""

    components: tuple[str, ...]
    kind: SymptomKind
    templates: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """An incident that was judged: its run, when it was, the cause that was confirmed, and what fixed it.

    `component` is empty where the verdict says only that no hypothesis was right.
    """

    run: str
    incident: Window
    component: str
    name: str
    mechanism: str
    signature: Signature
    change: str = ""
    fixed: str = ""
    note: str = ""
    wrong: tuple[tuple[str, str], ...] = field(default=())
    """Component and mechanism of hypotheses that were not right."""


def signature_of(findings: Findings) -> Signature:
    """What an incident looks like, for comparing it with others."""
    templates = dict.fromkeys(row.value.template for row in findings.templates if row.value.kind == "new")
    moved = {
        (findings.element(r.value.service), r.value.kind.value, r.value.direction) for r in findings.series
    }
    return Signature(
        findings.symptom.components,
        findings.symptom.kind,
        tuple(templates)[:_TEMPLATES],
        tuple(sorted(moved)),
    )


def similarity(then: Signature, now: Signature) -> float:
    """How alike two incidents look, in [0, 1]: the mean of what can be compared of symptom, logs and series."""
    where = bool({*then.components} & {*now.components}) or then.components == now.components
    parts = [(where + (then.kind == now.kind)) / 2]
    pairs = ({*then.templates}, {*now.templates}), ({*then.moved}, {*now.moved})
    parts += [len(a & b) / min(len(a), len(b)) for a, b in pairs if a and b]
    return mean(parts)


def recalled(report: Report, case: Case, memories: Sequence[Memory], box: Toolbox) -> Report:
    """The report with similar incidents of before brought back: as hypotheses to test, or as notes where nothing of now supports them.

    The order of what is in the report does not change. What a memory gets is taken from `something_else`.
    """
    now = signature_of(case.findings)
    for memory in _similar(memories, report, case, now):
        suspect = _suspected(memory, case)
        if any(_same(one, memory) for one in report.hypotheses):
            report = _marked(report, memory)
        elif suspect is None or not suspect.fit.hits or not report.hypotheses:
            report = replace(report, notes=(*report.notes, _only_noted(memory, suspect, case)))
        else:
            report = _with(report, memory, suspect, case, box)
    checked, _ = verify(report, box.ledger)
    return checked


def _similar(memories: Sequence[Memory], report: Report, case: Case, now: Signature) -> list[Memory]:
    """Earlier incidents that look alike, the most similar first, each cause once."""
    held = case.findings.model.topology.by_id.keys() | set(case.findings.model.element_of.values())
    earlier = [
        m
        for m in memories
        if m.component in held and m.run != report.run and m.incident.end <= report.incident.start
    ]
    excluded = {*case.question.exclude}
    earlier = [m for m in earlier if not excluded & {m.component, m.name}]
    scored = [(similarity(m.signature, now), m.incident.end, m) for m in earlier]
    scored.sort(key=lambda one: (-one[0], -one[1], one[2].run))
    first: dict[tuple[str, str], Memory] = {}
    for score, _, memory in scored:
        if score >= SIMILAR:
            first.setdefault((memory.component, memory.mechanism), memory)
    return list(first.values())[:_KEPT]


def _suspected(memory: Memory, case: Case) -> Suspect | None:
    """The cause of then, weighed by the rows of now, with the change of now that fits best, if any does.

    None where its mechanism is none that leaves known signs.
    """
    try:
        known = mechanism(memory.mechanism)
    except KeyError:
        return None
    findings, location, element = case.findings, case.location, memory.component
    weighed = [s for s in case.suspects if (s.element, s.mechanism.slug) == (element, known.slug)]
    rows = [None, *(row for row in findings.events if _could(row.value, known, element, findings))]
    weighed += [suspect_for(findings, location, element, known, row) for row in rows]
    return max(weighed, key=lambda s: (bool(s.fit.hits), s.score, s.fit.score))


def _could(event: ChangeEvent, known: Mechanism, element: str, findings: Findings) -> bool:
    """Whether a change of now can have set the mechanism off at the element."""
    if event.error or event.read_only or not known.set_off_by(event):
        return False
    return any(element in touch.reach for touch in touched(event, findings.model, {}))


def _same(one: Hypothesis, memory: Memory) -> bool:
    return (one.component, one.mechanism) == (memory.component, memory.mechanism)


def _marked(report: Report, memory: Memory) -> Report:
    """The report with the hypotheses that are the cause of then marked, and what fixed it then quoted."""
    told = tuple(
        replace(
            one, found_by=(*one.found_by, "memory"), remedy=" ".join((one.remedy, _fixed(memory))).strip()
        )
        if _same(one, memory) and "memory" not in one.found_by
        else one
        for one in report.hypotheses
    )
    return replace(report, hypotheses=told)


def _with(report: Report, memory: Memory, suspect: Suspect, case: Case, box: Toolbox) -> Report:
    """The report with the cause of then beside those of now."""
    if len(report.hypotheses) >= MOST:
        return replace(report, notes=(*report.notes, _only_noted(memory, suspect, case)))
    least = min(one.likelihood for one in report.hypotheses)
    likelihood = min(_SHARE * report.something_else, _OF_LEADER * least)
    brought = with_samples(_hypothesis(memory, suspect, likelihood, case), box)
    return replace(
        report,
        hypotheses=(*report.hypotheses, brought),
        something_else=report.something_else - likelihood,
    )


def _hypothesis(memory: Memory, suspect: Suspect, likelihood: float, case: Case) -> Hypothesis:
    """What the memory suggests, with rows of now as its only evidence."""
    told = hypothesis(suspect, likelihood, case.findings, case.location, ())
    name = case.findings.model.name(memory.component)
    statement = (
        f"As in the incident of {isoformat(memory.incident.start)}: at {name}, {suspect.mechanism.statement}."
    )
    evidence = {hit.evidence.claim: hit.evidence for hit in suspect.fit.hits}
    return replace(
        told,
        statement=statement,
        statement_template=plain(statement),
        statement_bindings={},
        evidence=tuple(evidence.values()),
        found_by=("memory",),
        remedy=" ".join((told.remedy, _fixed(memory))).strip(),
    )


def _fixed(memory: Memory) -> str:
    """What fixed it then, quoted."""
    when = isoformat(memory.incident.start)
    parts = []
    if memory.fixed:
        parts.append(
            f"In the incident of {when} an engineer said that this fixed it: “{_quoted(memory.fixed)}”."
        )
    if memory.note:
        parts.append(f"They noted: “{_quoted(memory.note)}”.")
    return " ".join(parts) or f"It was the confirmed cause of the incident of {when}."


def _only_noted(memory: Memory, suspect: Suspect | None, case: Case) -> str:
    """Sentences on an incident that looked similar and is not among the hypotheses."""
    what = f"An incident of {isoformat(memory.incident.start)} (run {memory.run}) looked similar; {memory.name} was its cause"
    if suspect is not None and suspect.fit.hits:
        check = f"see whether it is again: {suspect.mechanism.title.lower()}"
        return f"{what}, {check}. {_fixed(memory)}"
    name = case.findings.model.name(memory.component)
    if suspect is None:
        unseen = f"by which signs {_quoted(memory.mechanism) or 'it'} shows at {name} is not known"
    else:
        unseen = f"the signs of {suspect.mechanism.title.lower()} are not seen at {name} now"
    return " ".join((f"{what}; {unseen}.", *_same_lines(memory, name, case), _fixed(memory)))


def _same_lines(memory: Memory, name: str, case: Case) -> Iterator[str]:
    """The first line that was new then and is new at the component now: no sign that is known, and worth a look."""
    then = {*memory.signature.templates}
    for row in case.findings.fresh_templates_of.get(memory.component, ()):
        if row.value.kind == "new" and row.value.template in then:
            yield f"New in the log of {name} now as then: “{_quoted(row.value.template)}”."
            return


def _quoted(words: str) -> str:
    """Words of a person as data: one line without control characters, clipped."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    line = line.replace("“", "'").replace("”", "'")
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"
