from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import pytest

from andon.app.leading import REPORT, desk_at, found
from andon.errors import StorageError
from andon.investigation.agent.mind import Mind
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.llm.guard import Access
from andon.storage import Ledger
from andon.testing.characters import Competent
from unit.investigation.agent.desks import HEADING, held, looked_at

Journal = list[tuple[str, Mapping[str, Any]]]


def led(journal: Journal, mind: Mind | None = None) -> Any:
    memory = held()
    box = Toolbox([memory], Ledger())
    return found(
        HEADING,
        Question("alpha fails"),
        box,
        [memory.info()],
        lambda *e: journal.append(e),
        lambda: nullcontext(mind),
    )


def reports(journal: Journal) -> list[Any]:
    return [REPORT.validate_python(payload) for type_, payload in journal if type_ == "report"]


def test_the_engine_alone_writes_one_report() -> None:
    journal: Journal = []
    report = led(journal)
    assert reports(journal) == [report] and report.agent is None


def test_the_engines_report_stands_before_the_model_begins() -> None:
    journal: Journal = []
    report = led(journal, Mind(Access(Competent())))
    first, last = reports(journal)
    assert first.agent is None and first.hypotheses[0].component == "charlie"
    assert last == report and report.agent is not None
    types = [type_ for type_, _ in journal]
    assert types.index("report") < types.index("called")


def test_what_is_kept_of_the_engine_survives_whatever_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise StorageError("the disk is full")

    monkeypatch.setattr("andon.investigation.agent.loop.deliberate", broken)
    journal: Journal = []
    with pytest.raises(StorageError):
        led(journal, Mind(Access(Competent())))
    (report,) = reports(journal)
    assert report.hypotheses[0].component == "charlie"


def test_a_desk_goes_on_from_a_look() -> None:
    box, looked, info = looked_at(held())
    desk = desk_at(HEADING, looked, box, [info])
    assert desk.report is looked.report
    again = desk.relook(Question("alpha fails", exclude=("charlie",)))
    assert all(h.component != "charlie" for h in again.report.hypotheses)
    assert desk.everywhere is not None and desk.widen() is False
