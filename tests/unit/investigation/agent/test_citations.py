from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.agent.citations import Citations, Unborne, ref_of
from andon.investigation.agent.questions import Questions
from andon.investigation.toolbox import KNOWLEDGE, LENT
from andon.storage import Ledger
from andon.telemetry import Status, Window
from unit.investigation.agent.desks import change_row, desk, held, log_row, looked_at, series_row


def test_a_reference_stands_for_the_sentence_of_its_row_whatever_a_model_put_around_it() -> None:
    one = desk()
    cited = series_row(one, "heap.used")
    assert cited.evidence.claim == "heap.used of charlie rose from 120 to 370 MBy, from about 10:15:00 on"
    assert (cited.services, cited.direction) == (("charlie",), 1)
    for written in (f"[{cited.ref}]", f" {cited.ref} ", f"({cited.ref}).", f"`{cited.ref}`", f"{cited.ref};"):
        assert one.citations.read(written).ref == cited.ref


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "metrics",
        "metrics-2",
        "metrics-2:",
        "metrics-2:series",
        "metrics-2:series.",
        "metrics-2:series.-1",
        "metrics-2:series.1e3",
        "metrics-2:series.0.name",
        "metrics-2:series.99999999999999999999",
        "METRICS-2:series.0",
        "metrics-2:series.٠",
        "metrics-٢:series.0",
        "metrics-2:__class__.0",
        "metrics-2:series.0\nmetrics-2:series.1",
        "metrics-2:series.0, metrics-2:series.1",
        "../../etc/passwd",
        "metrics-2:series.0" * 500,
        "\x00",
    ],
)
def test_what_is_no_reference_stands_for_nothing(ref: str) -> None:
    one = desk()
    Questions(one).metrics()
    with pytest.raises(Unborne) as refused:
        one.citations.read(ref)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        ("metrics-2:series.3", "no such row"),
        ("metrics-2:series.9999999", "no such row"),
        ("metrics-77:series.0", "no observation"),
        ("metrics-2:nodes.0", "cannot be cited"),
        ("metrics-2:points", "cannot be cited that way"),
        ("traces-2:series.0", "cannot be cited"),
        ("architecture-1:elements.0", "cannot be cited"),
        ("logs-1:lines.0", "cannot be cited"),
        ("infrastructure-1:events.3", "no such row"),
    ],
)
def test_a_row_that_there_is_not_or_of_another_kind_stands_for_nothing(ref: str, why: str) -> None:
    one = desk()
    Questions(one).traces()
    with pytest.raises(Unborne, match=why):
        one.citations.read(ref)


@given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,8}-\d{1,3}:[a-z]{1,8}(\.\d{1,9})?", fullmatch=True))
def test_no_text_breaks_the_reader(text: str) -> None:
    citations = desk().citations
    try:
        cited = citations.read(text)
    except Unborne:
        return
    assert cited.evidence.claim and cited.evidence.observations


def test_documents_cannot_be_cited_and_lines_of_lent_tools_can() -> None:
    ledger = Ledger()
    what = {"window": None, "status": Status.OK, "count": 1}
    ledger.record(KNOWLEDGE, "runbooks", {"q": 1}, content={"passages": [{"text": "restart it"}]}, **what)  # type: ignore[arg-type]
    ledger.record(LENT, "docs", {"q": 1}, content={"tool": "find", "lines": ["disk 97 %"]}, **what)  # type: ignore[arg-type]
    ledger.record(LENT, "docs", {"q": 2}, content=None, **what)  # type: ignore[arg-type]
    citations = Citations(ledger)
    with pytest.raises(Unborne, match="no evidence of what happened now"):
        citations.read("knowledge-1:passages.0")
    cited = citations.read("lent-1:lines.0")
    assert "disk 97 %" in cited.evidence.claim and cited.services == ()
    for ref in ("lent-1:lines.1", "lent-1:lines", "lent-2:lines.0"):
        with pytest.raises(Unborne):
            citations.read(ref)


def test_what_got_no_answer_cannot_be_cited() -> None:
    ledger = Ledger()
    ledger.record("metrics", "prod", {}, window=Window(0, 1), status=Status.FAILED, count=0, content=None)
    with pytest.raises(Unborne, match="got no answer"):
        Citations(ledger).read("metrics-1:series.0")


def test_references_outlive_another_look_and_are_the_same_in_every_conversation() -> None:
    at = looked_at(held())
    first, second = desk(at), desk(at)
    before = {
        ref_of(r.observation, r.path): first.citations.cite(r).evidence for r in first.case.findings.series
    }
    assert "from" not in Questions(first).look_again(start="10:16:00", end="10:19:00")[:6]
    for ref, evidence in before.items():
        assert first.citations.read(ref).evidence == evidence
        assert second.citations.read(ref).evidence == evidence
    fresh = [row for row in first.case.findings.series if ref_of(row.observation, row.path) not in before]
    assert fresh, "the second look measured another window"
    assert second.citations.cite(fresh[0]).evidence == first.citations.cite(fresh[0]).evidence


def test_what_is_told_of_a_whole_observation_has_one_reference() -> None:
    one = desk()
    cited = log_row(one, "NullPointer")
    ledger = one.box.ledger
    other = replace(cited.evidence, claim="Something else of it")
    first = one.citations.register(ledger["logs-1"], "share", other, ("charlie",))
    assert one.citations.register(ledger["logs-1"], "share", other, ("charlie",)) is first
    assert one.citations.register(ledger["logs-1"], "share", cited.evidence, ()) is cited
    assert one.citations.read(first.ref) is first


def test_the_direction_is_that_of_what_is_told() -> None:
    one = desk()
    assert series_row(one, "threads.idle").direction == -1
    assert series_row(one, "queue.depth").direction == 0
    assert log_row(one, "NullPointer").direction == 1
    assert change_row(one, "deploy-7").direction == 0
