"""To judge a run: what an engineer found to be the cause is kept, and comes back when something similar happens."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from andon.app.conversing import looked_again
from andon.app.runs import open_store, report_of
from andon.config import Settings
from andon.errors import UsageError
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.disproof import OTHER, change_row
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.memory import Memory, signature_of
from andon.investigation.report import Hypothesis, Report
from andon.investigation.talking.naming import components_meant
from andon.storage.verdicts import keep_verdict

__all__ = ["Judgement", "judge"]

_MEMORY = TypeAdapter(Memory)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an engineer says of a run: the cause by name or by the number of a hypothesis, or that none was right."""

    cause: str = ""
    mechanism: str = ""
    change: str = ""
    hypothesis: int = 0
    wrong: bool = False
    fixed: str = ""
    note: str = ""


def judge(prefix: str, said: Judgement, settings: Settings) -> Memory:
    """Keeps a verdict on a run, and returns what is remembered of it.

    Raises RunNotFound, StorageError for a run without a report, UsageError for what there is not.
    """
    _consistent(said)
    report = report_of(prefix, settings)
    with looked_again(report.run, settings) as desk, open_store(settings) as store:
        memory = _remembered(said, report, desk)
        keep_verdict(store, report.run, _MEMORY.dump_python(memory, mode="json"))
    return memory


def _consistent(said: Judgement) -> None:
    ways = [bool(said.cause), said.hypothesis > 0, said.wrong and not said.cause]
    if sum(ways) != 1 or said.hypothesis < 0:
        raise UsageError(
            "say what the cause was: --cause COMPONENT, --hypothesis N, or --wrong when none was right",
            hint="`andon show RUN` numbers the hypotheses",
        )
    if said.hypothesis and said.wrong:
        raise UsageError("--hypothesis says that one was right, --wrong that none was")


def _remembered(said: Judgement, report: Report, desk: Desk) -> Memory:
    right = _numbered(said.hypothesis, report) if said.hypothesis else None
    component = right.component if right else _component(said.cause, desk) if said.cause else ""
    named = [right] if right else [h for h in report.hypotheses if h.component == component]
    mechanism = _mechanism(said.mechanism) or next(
        (h.mechanism for h in named), OTHER.slug if component else ""
    )
    change = _change(said.change, desk) or next(
        (h.change or "" for h in named if h.mechanism == mechanism), ""
    )
    wrong = [(h.component, h.mechanism) for h in report.hypotheses if said.wrong or h.component != component]
    return Memory(
        run=report.run,
        incident=report.incident,
        component=component,
        name=desk.case.findings.model.name(component) if component else "",
        mechanism=mechanism,
        signature=signature_of(desk.case.findings),
        change=change,
        fixed=said.fixed.strip(),
        note=said.note.strip(),
        wrong=tuple(wrong),
    )


def _numbered(number: int, report: Report) -> Hypothesis:
    if number > len(report.hypotheses):
        raise UsageError(f"there is no hypothesis {number}: the report names {len(report.hypotheses)}")
    return report.hypotheses[number - 1]


def _component(text: str, desk: Desk) -> str:
    """The component that is meant; the one of which an instance runs rather than the instance. Raises UsageError."""
    meant = components_meant(text, desk.case.findings.model)
    found = meant[0] if len(meant) == 1 else desk.element(text)
    if found is None:
        raise UsageError(desk.unknown(text), hint="`andon show RUN` names those that matter")
    return found


def _mechanism(text: str) -> str:
    known = [m.slug for m in load_mechanisms()] + [OTHER.slug]
    if text and text not in known:
        raise UsageError(f"there is no mechanism {text!r}", hint=f"one of {', '.join(known)}")
    return text


def _change(text: str, desk: Desk) -> str:
    row = change_row(desk, text) if text else None
    if text and row is None:
        raise UsageError(
            f"there is no change with the id {text!r}", hint='`andon ask-run RUN "what changed"` lists them'
        )
    return (row.value.commit or row.value.id) if row else ""
