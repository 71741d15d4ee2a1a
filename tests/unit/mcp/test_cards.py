from __future__ import annotations

from dataclasses import replace

from andon.investigation.report import Coverage, Report
from andon.investigation.verification import Failure
from andon.mcp.cards import Answer, answered, run_card, short_report, verdict
from andon.storage import RunSummary
from andon.telemetry import Status


def test_a_short_report_holds_what_counts_and_no_exhibits(report: Report):
    card = short_report(report)
    assert (card.run, card.headline, card.verified) == (report.run, report.headline, True)
    first, told = card.hypotheses[0], report.hypotheses[0]
    assert (first.component, first.likelihood, first.change) == (told.component, told.likelihood, told.change)
    assert [one.claim for one in first.evidence] == [one.claim for one in told.evidence]
    assert first.evidence[0].observations == list(told.evidence[0].observations)
    assert len(first.refutations) == len(told.refutations)
    assert len(card.model_dump_json()) < 40_000


def test_gaps_are_told_once_and_what_is_empty_is_none(report: Report):
    rows = (
        Coverage("logs", "loki", "q", Status.DENIED, 0, "403"),
        Coverage("logs", "loki", "r", Status.DENIED, 0, "403"),
        Coverage("traces", "tempo", "q", Status.EMPTY, 0),
        Coverage("metrics", "prom", "q", Status.TRUNCATED, 9),
    )
    assert short_report(replace(report, coverage=rows)).gaps == [
        "logs of loki: denied, 403",
        "metrics of prom: truncated",
    ]


def test_a_verdict_lists_what_fails(report: Report):
    assert verdict(report, ()).verified
    found = verdict(report, (Failure("a", "b"),))
    assert not found.verified
    assert found.failures[0].reason == "b"


def test_a_run_is_listed_with_its_time():
    card = run_card(RunSummary("r", 0.0, "why", "done"))
    assert (card.created, card.question) == ("1970-01-01T00:00:00Z", "why")


def test_a_card_without_a_text_leaves_it_to_the_door():
    card = Answer(run="r", text="t", rows=[])
    assert answered(card).content == []
    assert answered(card, "t").content[0].text == "t"
    assert answered(card).structured_content == {"run": "r", "text": "t", "rows": []}
