from __future__ import annotations

import pytest

from andon.telemetry import Window
from unit.investigation.incident import DEPLOY, END, ONSET, START, ask, source


@pytest.mark.parametrize("wrong_by", [-300, -60, 0, 60, 120])
def test_a_time_that_was_told_wrong_leads_to_the_same_cause(wrong_by: float) -> None:
    report, _ = ask(source(), incident=Window(ONSET + wrong_by, END))
    assert report.hypotheses[0].change == DEPLOY.id


def test_what_had_turned_before_the_stated_time_is_not_taken_for_quiet() -> None:
    report, _ = ask(source(), incident=Window(ONSET + 120, END))
    assert report.incident.start == pytest.approx(ONSET, abs=30)
    assert report.baseline == Window(START, report.incident.start)
    assert "you said so, but" in report.notes[0] and "turned for the worse before that" in report.notes[0]


def test_a_baseline_that_is_stated_is_left_alone() -> None:
    quiet, incident = Window(START, START + 600), Window(ONSET + 120, END)
    report, _ = ask(source(), incident=incident, baseline=quiet)
    assert (report.incident, report.baseline) == (incident, quiet)


def test_a_quiet_system_keeps_the_stated_incident() -> None:
    stated = Window(ONSET, END)
    report, _ = ask(source(faulty=False), incident=stated)
    assert (report.incident, report.baseline) == (stated, Window(START, ONSET))
