from __future__ import annotations

import pytest

from andon.config import Settings
from andon.errors import RunNotFound, StorageError, UsageError
from andon.investigation.report import Report
from andon.mcp import desks
from andon.mcp.desks import Desks
from andon.mcp.records import Records
from andon.mcp.scope import Scope
from andon.storage import Store


@pytest.fixture
def opened(settings: Settings) -> Desks:
    return Desks(settings, Records(settings, Scope.of(settings)))


def test_rows_carry_the_reference_and_the_whole_sentence(opened: Desks, report: Report):
    answer = opened.ask("latest", lambda ask: ask.metrics())
    assert answer.run == report.run
    assert answer.text.startswith("<data>\nmetrics: ")
    assert len(answer.rows) > 3
    for row in answer.rows:
        assert f"[{row.ref}] " in answer.text
        assert row.claim


def test_a_question_about_a_row_of_an_answer(opened: Desks):
    row = opened.ask("latest", lambda ask: ask.changes()).rows[0]
    assert row.claim in opened.ask("latest", lambda ask: ask.row(row.ref)).text


def test_what_no_ledger_holds_is_no_row(opened: Desks):
    answer = opened.ask("latest", lambda _: "[metrics-1:series.999999] made up\n[nonsense] too")
    assert answer.rows == []


def test_a_question_that_the_run_did_not_ask_is_not_answered_and_not_kept(
    opened: Desks, settings: Settings, report: Report
):
    answer = opened.ask("latest", lambda ask: ask.log_lines("never asked"))
    assert "did not answer" in answer.text
    store = Store(settings.home)
    assert not [o for o in store.observations(report.run) if "never asked" in str(o.query)]
    store.close()


def test_a_desk_is_built_once_and_anew_when_it_has_grown(opened: Desks, monkeypatch: pytest.MonkeyPatch):
    first = opened.ask("latest", lambda ask: str(id(ask.desk))).text
    assert opened.ask("latest", lambda ask: str(id(ask.desk))).text == first
    monkeypatch.setattr(desks, "_GROWN", 0)
    kept = [opened.ask("latest", lambda ask: ask.log_lines("a") and str(id(ask.desk))) for _ in range(2)]
    assert kept[0].text != kept[1].text


def test_components_are_named_by_id_name_or_service(opened: Desks, report: Report):
    first = report.hypotheses[0]
    assert opened.elements("latest", [first.name, first.component.upper()]) == (first.component,) * 2
    assert opened.elements("nope", []) == ()
    with pytest.raises(UsageError, match="there is no component 'nosuch'"):
        opened.elements("latest", [first.component, "nosuch"])


def test_an_unknown_run(opened: Desks):
    with pytest.raises(RunNotFound):
        opened.ask("nope", lambda ask: ask.metrics())


def test_a_run_that_asked_nothing(opened: Desks, settings: Settings):
    store = Store(settings.home)
    run = store.create_run("stopped at once")
    store.close()
    with pytest.raises(StorageError, match="nothing to ask about"):
        opened.ask(run, lambda ask: ask.metrics())
