from __future__ import annotations

from dataclasses import replace

import pytest

from andon.investigation.memory import SIMILAR, Memory, Signature, recalled, signature_of, similarity
from andon.investigation.question import Question
from andon.investigation.report import Report, SymptomKind
from andon.investigation.verification import check_evidence
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Window
from andon.testing import MemorySource
from unit.investigation.incident import ONSET, START
from unit.investigation.shop import looked, looked_at, shop

DAY = 86_400.0
THEN = Window(START - 30 * DAY, START - 30 * DAY + 300)


def memory(**given: object) -> Memory:
    """An incident of a month before that looked like this one."""
    fields = {
        "run": "20260520-100000-aaaa",
        "incident": THEN,
        "component": "charlie",
        "name": "Orders database",
        "mechanism": "code-exception",
        "signature": signature_of(looked()[0].case.findings),
        "fixed": "rolled back to 1.3",
    }
    return Memory(**(fields | given))


def recall(*memories: Memory) -> Report:
    held, box = looked()
    return recalled(held.report, held.case, memories, box)


def engine_order(report: Report) -> list[tuple[str, str, str | None, float]]:
    return [
        (h.component, h.mechanism, h.change, h.likelihood)
        for h in report.hypotheses
        if h.found_by != ("memory",)
    ]


def test_an_incident_of_before_comes_back_as_a_hypothesis_to_test() -> None:
    report = recall(memory())
    (brought,) = [h for h in report.hypotheses if h.found_by == ("memory",)]
    assert (brought.component, brought.mechanism) == ("charlie", "code-exception")
    assert "2026-05-20" in brought.statement
    assert "this fixed it: “rolled back to 1.3”" in brought.remedy
    assert brought.next_check.command


def test_it_never_leads_and_changes_nothing_of_the_order() -> None:
    before = looked()[0].report
    after = recall(memory(), memory(mechanism="resource-exhaustion", run="b"))
    assert engine_order(after) == engine_order(before)
    assert "memory" not in after.hypotheses[0].found_by
    likelihoods = [h.likelihood for h in after.hypotheses]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert sum(likelihoods) + after.something_else == pytest.approx(1)
    assert after.something_else < before.something_else
    assert after.headline == before.headline


def test_its_evidence_is_of_now_and_borne_out() -> None:
    report = recall(memory())
    box = looked()[1]
    (brought,) = [h for h in report.hypotheses if h.found_by == ("memory",)]
    assert brought.evidence
    assert all(check_evidence(one, box.ledger) is None for one in brought.evidence)
    assert report.verified and not report.dropped_claims


def test_what_the_engine_names_as_well_is_marked_with_both() -> None:
    leader = looked()[0].report.hypotheses[0]
    report = recall(memory(mechanism=leader.mechanism))
    assert report.hypotheses[0].found_by == ("engine", "memory")
    assert report.hypotheses[0].likelihood == leader.likelihood
    assert "rolled back to 1.3" in report.hypotheses[0].remedy
    assert len(report.hypotheses) == len(looked()[0].report.hypotheses)


def test_a_cause_that_shows_only_through_its_change_is_recognised_again() -> None:
    held, box = looked()
    without = replace(held.case, suspects=())
    leader = held.report.hypotheses[0]
    rest = replace(held.report, hypotheses=held.report.hypotheses[1:], something_else=0.9)
    rest = replace(rest, hypotheses=(replace(leader, component="bravo", likelihood=0.1),))
    report = recalled(rest, without, [memory(mechanism=leader.mechanism)], box)
    (brought,) = [h for h in report.hypotheses if h.found_by == ("memory",)]
    assert brought.change == leader.change


def test_where_nothing_of_now_supports_it_there_is_only_a_note() -> None:
    report = recall(memory(component="search", name="Search service", mechanism="certificate-expired"))
    assert all("memory" not in h.found_by for h in report.hypotheses)
    note = report.notes[-1]
    assert "the signs of certificate expired or invalid are not seen at Search service now" in note
    assert "Search service was its cause" in note
    assert "this fixed it: “rolled back to 1.3”" in note
    unknown = recall(memory(mechanism="other"))
    assert all("memory" not in h.found_by for h in unknown.hypotheses)
    assert "by which signs other shows at Orders database is not known" in unknown.notes[-1]


def pool(line: str) -> MemorySource:
    """The shop whose orders database logs a line of its own from the onset on."""
    at = [LogRecord(ONSET + second, ERROR, "charlie", line) for second in range(0, 300, 2)]
    quiet = [
        LogRecord(START + second, INFO, s, "handled request")
        for second in range(1200)
        for s in ("alpha", "charlie")
    ]
    return shop(log_records=Logs.of([*quiet, *at]))


def test_a_cause_with_its_line_and_its_deploy_of_now_is_a_hypothesis() -> None:
    held, box = looked_at(pool("connection pool exhausted: all 200 connections are taken"))
    then = signature_of(held.case.findings)
    leader = replace(held.report.hypotheses[0], mechanism="bad-deploy")
    rest = replace(held.report, hypotheses=(leader,), something_else=1 - leader.likelihood)
    bare = replace(held.case, suspects=())
    given = memory(mechanism="connection-pool-exhausted", signature=then, fixed="pool back to 200")
    report = recalled(rest, bare, [given], box)
    (brought,) = [h for h in report.hypotheses if h.found_by == ("memory",)]
    assert (brought.mechanism, brought.change) == ("connection-pool-exhausted", "deploy-7")
    assert "pool back to 200" in brought.remedy
    assert any("connection pool exhausted" in one.claim for one in brought.evidence)


def test_a_line_of_then_that_is_new_now_is_told_with_what_fixed_it() -> None:
    held, box = looked_at(pool("basin dry, nobody may draw"))
    given = memory(
        mechanism="connection-pool-exhausted",
        signature=signature_of(held.case.findings),
        fixed="pool back to 200",
    )
    note = recalled(held.report, held.case, [given], box).notes[-1]
    assert "the signs of connection pool exhausted are not seen at Orders database now" in note
    assert "New in the log of Orders database now as then: “basin dry" in note
    assert "pool back to 200" in note and "nothing" not in note


@pytest.mark.parametrize(
    "given",
    [
        {"component": "gone", "name": "Gone"},
        {"component": ""},
        {"incident": Window(START + 900, START + 1200)},
        {"incident": Window(START + DAY, START + 2 * DAY)},
        {"run": "run"},
        {
            "signature": Signature(
                ("search",), SymptomKind.SLOW, ("other words",), (("search", "latency", 1),)
            )
        },
    ],
)
def test_what_is_not_earlier_not_there_or_not_similar_is_not_brought_back(given: dict[str, object]) -> None:
    report = recall(memory(**given))
    assert report.hypotheses == looked()[0].report.hypotheses
    assert report.notes == looked()[0].report.notes


def test_what_is_excluded_stays_out() -> None:
    held, box = looked_at(shop(), Question("checkout fails", exclude=("charlie",)))
    report = recalled(held.report, held.case, [memory()], box)
    assert all(h.component != "charlie" for h in report.hypotheses)


def test_a_quiet_system_is_not_blamed_for_what_once_was() -> None:
    held, box = looked_at(
        shop(log_records=shop(faulty=False).log_records, span_list=shop(faulty=False).span_list)
    )
    report = recalled(
        held.report, held.case, [memory(), memory(signature=signature_of(held.case.findings))], box
    )
    assert report.hypotheses == held.report.hypotheses == ()


def test_words_of_then_are_data() -> None:
    report = recall(memory(fixed="“ignore\x1b[31m all\nrules” " + "x" * 999, note="{run} {0}"))
    (brought,) = [h for h in report.hypotheses if h.found_by == ("memory",)]
    assert "\x1b" not in brought.remedy and "\n" not in brought.remedy
    assert len(brought.remedy) < 1500
    assert "“{run} {0}”" in brought.remedy
    named = recall(memory(name="{odd} name"))
    assert named.verified


def test_similarity_is_the_mean_of_what_can_be_compared() -> None:
    one = Signature(("a",), SymptomKind.SLOW, ("t1", "t2"), (("a", "latency", 1), ("b", "errors", 1)))
    assert similarity(one, one) == 1
    assert similarity(one, replace(one, kind=SymptomKind.WRONG, components=("z",))) == pytest.approx(2 / 3)
    assert similarity(one, replace(one, templates=("t2", "t9"))) == pytest.approx(2.5 / 3)
    assert similarity(one, Signature(("a",), SymptomKind.SLOW)) == 1
    other = Signature(("z",), SymptomKind.WRONG, ("t9",), (("z", "errors", 1),))
    assert similarity(one, other) == 0 < SIMILAR
    assert similarity(one, other) == similarity(other, one)
