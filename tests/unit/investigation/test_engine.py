from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest

from andon.connectors import Signal
from andon.errors import SourceError, UsageError
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.investigation.verification import check_evidence, verify
from andon.storage import Ledger
from andon.telemetry import Status, Topology, Window
from andon.testing import MemorySource
from unit.investigation.incident import DEPLOY, END, ONSET, START, ask, source


@cache
def answer() -> tuple[Report, Ledger]:
    return ask(source())


def test_the_first_hypothesis_names_the_failing_service_and_its_deploy() -> None:
    report, _ = answer()
    first = report.hypotheses[0]
    assert (first.component, first.name, first.change) == ("charlie", "Charlie", DEPLOY.id)
    assert first.likelihood > sum(h.likelihood for h in report.hypotheses[1:])
    assert "Charlie" in report.headline


def test_the_incident_is_found_where_it_is() -> None:
    report, _ = answer()
    assert report.incident.start == pytest.approx(ONSET, abs=60)
    assert report.incident.end == pytest.approx(END, abs=60)
    assert report.baseline.end <= report.incident.start
    assert report.symptom.abnormal
    assert report.symptom.components == ("alpha",)


def test_likelihoods_add_up_and_descend() -> None:
    report, _ = answer()
    likelihoods = [h.likelihood for h in report.hypotheses]
    assert sum(likelihoods) + report.something_else == pytest.approx(1)
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert all(0 < likelihood < 1 for likelihood in likelihoods)


def test_the_path_leads_from_the_cause_to_the_symptom() -> None:
    report, _ = answer()
    assert report.hypotheses[0].path == ("charlie", "bravo", "alpha")
    assert {"bravo", "alpha"} <= set(report.blast_radius)
    assert "charlie" not in report.blast_radius


def test_all_evidence_is_borne_out_by_the_ledger() -> None:
    report, ledger = answer()
    evidence = [e for hypothesis in report.hypotheses for e in hypothesis.evidence]
    assert len(evidence) >= 3
    assert all(check_evidence(one, ledger) is None for one in evidence)
    assert {o for one in evidence for o in one.observations} <= {o.id for o in ledger}
    assert (report.verified, report.dropped_claims) == (True, ())
    again, failures = verify(report, ledger)
    assert failures == ()
    assert again.hypotheses == report.hypotheses


def test_every_observation_has_a_row_of_coverage() -> None:
    report, ledger = answer()
    assert [row.observation for row in report.coverage] == [o.id for o in ledger]


def test_a_quiet_system_is_not_blamed() -> None:
    report, _ = ask(source(faulty=False))
    assert report.hypotheses == ()
    assert report.something_else == 1
    assert not report.symptom.abnormal
    assert "nothing abnormal" in report.headline.casefold()


def test_denied_logs_are_reported_and_do_not_stop_it() -> None:
    report, _ = ask(source(statuses={Signal.LOGS: Status.DENIED}))
    assert {row.status for row in report.coverage if row.tool == "logs"} == {Status.DENIED}
    assert report.hypotheses[0].component == "charlie"
    assert report.something_else > answer()[0].something_else


@pytest.mark.parametrize("signal", [s for s in Signal if s is not Signal.ALERTS])
def test_no_failing_signal_stops_it(signal: Signal) -> None:
    report, ledger = ask(source(statuses={signal: Status.FAILED}))
    assert Status.FAILED in {row.status for row in report.coverage}
    assert all(check_evidence(e, ledger) is None for h in report.hypotheses for e in h.evidence)


@pytest.mark.parametrize("excluded", ["charlie", "Charlie"])
def test_what_is_excluded_is_not_named(excluded: str) -> None:
    report, _ = ask(source(), exclude=(excluded,))
    assert "charlie" not in {h.component for h in report.hypotheses}
    assert sum(h.likelihood for h in report.hypotheses) + report.something_else == pytest.approx(1)


def test_a_pinned_component_rises() -> None:
    def likelihood(report: Report) -> float:
        return sum(h.likelihood for h in report.hypotheses if h.component == "charlie")

    pinned, _ = ask(source(), pins=("charlie",))
    assert likelihood(pinned) >= likelihood(answer()[0])


def test_it_works_without_any_architecture() -> None:
    report, _ = ask(source(model=Topology()), "requests fail")
    assert (report.hypotheses[0].component, report.hypotheses[0].change) == ("charlie", DEPLOY.id)


def test_the_same_telemetry_gives_the_same_answer() -> None:
    report, _ = ask(source())
    assert [(h.component, h.likelihood, h.statement) for h in report.hypotheses] == [
        (h.component, h.likelihood, h.statement) for h in answer()[0].hypotheses
    ]


def test_a_run_replays_from_its_ledger_alone() -> None:
    held, ledger = source(), answer()[1]
    before = len(ledger)
    report = investigate("again", Question("alpha fails"), Toolbox([], ledger), [held.info()])
    assert len(ledger) == before
    assert report.hypotheses == answer()[0].hypotheses


def test_every_step_is_written_to_the_journal() -> None:
    steps: list[tuple[str, Any]] = []
    held = source()
    investigate(
        "run",
        Question("alpha fails"),
        Toolbox([held], Ledger()),
        [held.info()],
        lambda *step: steps.append(step),
    )
    assert steps[0] == ("asked", {"question": "alpha fails"})
    assert len({name for name, _ in steps}) == len(steps) >= 4


def test_a_source_that_holds_nothing_is_refused() -> None:
    with pytest.raises(SourceError):
        ask(MemorySource())


def test_a_component_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="zulu"):
        ask(source(), components=("zulu",))


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "{0.__class__} {n} <script>"},
        {"actor": "\ud800"},
        {"parameters": {"n": 2**70}},
        {"action": "deploy \x00\x1b[31m"},
    ],
)
def test_hostile_change_events_are_quoted_and_harm_nothing(change: dict[str, Any]) -> None:
    report, ledger = ask(source(events=(dataclasses.replace(DEPLOY, **change),)))
    assert (report.hypotheses[0].component, report.hypotheses[0].change) == ("charlie", DEPLOY.id)
    assert report.verified
    assert all(check_evidence(e, ledger) is None for h in report.hypotheses for e in h.evidence)


@pytest.mark.parametrize("change", [{"time": ONSET + 200}, {"error": "AccessDenied"}])
def test_a_change_that_came_too_late_or_was_refused_is_not_blamed(change: dict[str, Any]) -> None:
    report, _ = ask(source(events=(dataclasses.replace(DEPLOY, **change),)))
    assert report.hypotheses[0].component == "charlie"
    assert DEPLOY.id not in {h.change for h in report.hypotheses}


def test_nothing_is_named_when_every_component_is_excluded() -> None:
    report, _ = ask(source(), exclude=("alpha", "bravo", "charlie"))
    assert (report.hypotheses, report.something_else) == ((), 1)
    assert "wrong" in report.headline


@pytest.mark.parametrize(
    "window", [Window(END + 1000, END + 2000), Window(ONSET, ONSET), Window(START, START + 300)]
)
def test_a_stated_time_in_which_nothing_happened(window: Window) -> None:
    report, _ = ask(source(), incident=window)
    assert (report.hypotheses, report.incident) == ((), window)
