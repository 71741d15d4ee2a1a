"""To find a cause with all minds that there are: the engine first, then the model that goes on from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import orjson
from pydantic import TypeAdapter

from andon.app.aids import Aids, equipped
from andon.connectors import SourceInfo
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.mind import Mind
from andon.investigation.engine import Journal, Looked, look, look_everywhere
from andon.investigation.memory import recalled
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.investigation.tools.knowledge import gathered, suggested
from andon.investigation.writing import Heading
from andon.storage import canonical

__all__ = ["REPORT", "desk_at", "found"]

REPORT = TypeAdapter(Report)
"""A report as plain values, and back."""


def found(
    heading: Heading,
    question: Question,
    box: Toolbox,
    infos: Sequence[SourceInfo],
    journal: Journal,
    opened: Callable[[], AbstractContextManager[Mind | None]] = nullcontext,
    aids: Aids | None = None,
) -> Report:
    """The report of a run. The engine's stands in the journal before the model is opened, so it survives whatever follows."""
    aids = aids or Aids()
    looked = look(heading, question, box, infos, journal)
    report = _kept(_completed(looked.report, looked, box, aids), journal)
    with opened() as model:
        mind = equipped(model, aids, box)
        if mind is None:
            return report
        from andon.investigation.agent.loop import deliberate

        report = deliberate(heading, looked, box, mind, lambda: desk_at(heading, looked, box, infos), journal)
        return _kept(_completed(report, looked, box, aids), journal)


def _completed(report: Report, looked: Looked, box: Toolbox, aids: Aids) -> Report:
    """The report with what the past and the documents add, and what was not at hand: hypotheses to test, where to read on."""
    report = recalled(report, looked.case, aids.memories, box) if aids.memories else report
    report = replace(report, coverage=gathered(report.coverage), notes=(*report.notes, *aids.notes))
    if not aids.documents:
        return report
    read = {
        (one.component, one.mechanism): one.text for one in suggested(box, aids.library, report.hypotheses)
    }
    told = (replace(h, runbook=read.get((h.component, h.mechanism), "")) for h in report.hypotheses)
    return replace(report, hypotheses=tuple(told))


def _kept(report: Report, journal: Journal) -> Report:
    """Writes the report into the journal, and gives it as whoever reads the journal gets it."""
    packed = canonical(REPORT.dump_python(report, mode="json"))
    journal("report", orjson.loads(packed))
    read: Report = REPORT.validate_python(orjson.loads(packed))
    return read


def desk_at(heading: Heading, looked: Looked, box: Toolbox, infos: Sequence[SourceInfo]) -> Desk:
    """A desk at which one conversation goes on from a look."""
    return Desk(
        box,
        looked.case,
        looked.report,
        relook=lambda question: look(heading, question, box, infos),
        everywhere=lambda question: look_everywhere(heading, question, box, infos),
    )
