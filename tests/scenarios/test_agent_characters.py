"""Whatever a model is like, the report is right or honestly poorer, and never wrong because of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from andon.connectors.files import FilesSource
from andon.investigation.report import Report
from andon.investigation.verification import verify
from andon.llm.meter import Allowance
from andon.testing.characters import (
    MALFORMATIONS,
    Character,
    Competent,
    Contrary,
    Dying,
    Hallucinating,
    Lazy,
    Looping,
    Malformed,
    Slow,
)
from scenarios.small_incidents import Case, case_of, cases, incident, source

BUNDLE = Path(__file__).resolve().parents[2] / "examples" / "door-unlock.zip"
CLEAR = (2, 3, 4)
"""Small incidents of which the engine is sure, one of each kind."""
UNSURE = 0
"""One in which two causes are about as likely."""


@cache
def _door() -> Case:
    held = FilesSource.open(BUNDLE)
    return case_of(held, held.info().symptom, incident(0))


def _clear() -> list[Case]:
    return [_door(), *(cases(5)[number] for number in CLEAR)]


def _stands(report: Report, case: Case) -> None:
    """The same first cause as the engine's, and every claim borne out."""
    first, engine = report.hypotheses[0], case.looked.report.hypotheses[0]
    assert (first.component, first.mechanism, first.change) == (
        engine.component,
        engine.mechanism,
        engine.change,
    )
    assert report.verified and not verify(report, case.box.ledger)[1]
    assert {e.claim for e in engine.evidence} <= {e.claim for e in first.evidence}
    assert report.agent is not None


def _is_the_engines(report: Report, case: Case) -> None:
    """Nothing of the model is in the report but the account of what it did."""
    engine = case.looked.report
    told = replace(report, agent=None, coverage=engine.coverage)
    assert told == replace(engine, agent=None)


@pytest.mark.parametrize("number", range(4))
def test_the_competent_one_confirms_the_engine_with_evidence_of_its_own_reading(number: int) -> None:
    case = _clear()[number]
    report = case.deliberated(Competent())
    _stands(report, case)
    agent, first = report.agent, report.hypotheses[0]
    assert agent and agent.agrees and not agent.stopped and agent.agreement == 1.0
    assert first.found_by == ("engine", "model")
    assert first.reading.count(".") >= 2, "both sentences are borne out"
    assert agent.calls >= 5 and agent.requests >= 3
    assert agent.tokens_in > agent.tokens_out > 0
    assert any("Does another place" in one.attempt for one in first.refutations)


def test_what_is_sent_back_is_mended() -> None:
    """A row that cannot support a cause is left out the second time, and the disproof is made up for."""

    class Hasty(Competent):
        def turn(self, now):  # type: ignore[no-untyped-def]
            return super().turn(replace(now, turn=2) if now.turn < 2 and not now.objections else now)

    case = _clear()[1]
    report = case.deliberated(Hasty())
    _stands(report, case)
    assert report.agent and report.agent.requests >= 3
    assert report.hypotheses[0].reading


@pytest.mark.parametrize("number", range(4))
def test_the_lazy_one_adds_nothing_and_spoils_nothing(number: int) -> None:
    case = _clear()[number]
    report = case.deliberated(Lazy())
    _stands(report, case)
    assert report.agent and report.agent.requests == 2 and report.agent.calls == 0


def test_whoever_gives_no_evidence_at_all_has_no_vote() -> None:
    class Idle(Lazy):
        def turn(self, now):  # type: ignore[no-untyped-def]
            return super().turn(replace(now, turn=0))

    case = cases(5)[UNSURE]
    report = case.deliberated(Idle())
    _is_the_engines(report, case)
    assert report.agent and "nothing that was measured" in report.agent.dropped[0]


@pytest.mark.parametrize("spiteful", [False, True])
@pytest.mark.parametrize("number", range(4))
def test_where_the_engine_is_sure_one_wrong_vote_changes_nothing(number: int, spiteful: bool) -> None:
    case = _clear()[number]
    report = case.deliberated(Contrary(spiteful=spiteful))
    _stands(report, case)
    assert report.hypotheses[0].likelihood >= 0.6
    assert report.agent and not (report.agent.agrees and report.agent.model_first)


def test_where_it_is_not_the_report_shows_that_they_disagree() -> None:
    case = cases(5)[UNSURE]
    report = case.deliberated(Contrary())
    engine = case.looked.report.hypotheses[0]
    assert report.agent and not report.agent.agrees
    assert engine.component in report.agent.engine_first
    assert engine.component not in report.agent.model_first
    named = {(one.component, one.mechanism) for one in report.hypotheses}
    assert (engine.component, engine.mechanism) in named


@pytest.mark.parametrize("spiteful", [False, True])
def test_a_look_of_its_own_gives_a_model_no_more_than_a_vote(spiteful: bool) -> None:
    """Whom the model alone names starts low, also when it had the engine look as if the symptom were felt there."""
    case = cases(5)[2]
    report = case.deliberated(Contrary(spiteful=spiteful))
    alone = [one for one in report.hypotheses if one.found_by == ("model",)]
    assert all(one.likelihood < 0.1 for one in alone)
    words = " ".join(r.attempt for one in report.hypotheses for r in one.refutations)
    assert "nothing of that name" not in words


@pytest.mark.parametrize("honesty", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("number", range(4))
def test_the_hallucinating_one_changes_no_cause(number: int, honesty: float) -> None:
    case = _clear()[number]
    for seed in range(3):
        report = case.deliberated(Hallucinating(seed, honesty))
        _stands(report, case)
        assert report.agent and (report.agent.dropped or honesty > 0.5)


@pytest.mark.parametrize(
    ("times", "spent", "most"), [(1, "8 requests to the model", 8), (30, "60 calls of tools", 3)]
)
def test_the_looping_one_ends_with_its_allowance(times: int, spent: str, most: int) -> None:
    case = _door()
    report = case.deliberated(Looping(times), allowance=Allowance(requests=8))
    _is_the_engines(report, case)
    assert report.agent and report.agent.stopped == f"its allowance of {spent} was used up"
    assert report.agent.requests == most


def test_tokens_bound_it_too() -> None:
    report = _door().deliberated(Looping(), allowance=Allowance(tokens=5_000))
    assert report.agent and report.agent.stopped == "its allowance of 5,000 tokens was used up"


_UNANSWERABLE = ("list", "deep")
"""Ways of which the library cannot even tell the model what was wrong."""


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("way", MALFORMATIONS)
def test_the_malformed_one_leaves_the_engines_report_and_says_why(way: str) -> None:
    case = cases(5)[2]
    report = case.deliberated(Malformed(way))
    _is_the_engines(report, case)
    agent = report.agent
    assert agent and not agent.model_first
    assert way == "json-as-text" or agent.stopped, "all but one way are no conclusion at all"


@pytest.mark.parametrize("way", [way for way in MALFORMATIONS if way not in (*_UNANSWERABLE, "json-as-text")])
def test_whoever_comes_to_his_senses_is_heard(way: str) -> None:
    case = cases(5)[2]
    report = case.deliberated(Malformed(way, Competent()), allowance=Allowance(tokens=10**7))
    _stands(report, case)
    assert report.agent and not report.agent.stopped and report.hypotheses[0].reading


@pytest.mark.parametrize("since", [0, 2])
def test_the_slow_one_is_not_waited_for(since: int) -> None:
    case = cases(5)[2]
    report = case.deliberated(Slow(60.0, since), allowance=Allowance(seconds=0.6))
    _is_the_engines(replace(report, hypotheses=case.looked.report.hypotheses), case)
    _stands(report, case)
    assert report.agent and report.agent.stopped == "its allowance of 0.6 seconds was used up"


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("peer closed connection without sending complete message body"),
        ValueError("no JSON"),
        ExceptionGroup("in a task", [OSError("broken pipe")]),
    ],
)
def test_the_dying_one_leaves_what_was_found(after: int, error: Exception) -> None:
    case = cases(5)[2]
    report = case.deliberated(Dying(after, error))
    _stands(report, case)
    assert report.agent and type(error).__name__ in report.agent.stopped
    assert report.agent.requests == after + 1
    assert not report.hypotheses[0].reading


def test_whoever_dies_after_a_conclusion_was_sent_back_keeps_what_stood_of_it() -> None:
    class Doomed(Dying):
        def turn(self, now):  # type: ignore[no-untyped-def]
            return super().turn(replace(now, turn=2))

    case = cases(5)[2]
    report = case.deliberated(Doomed(1))
    _stands(report, case)
    assert report.agent and report.agent.stopped
    assert report.hypotheses[0].found_by == ("engine", "model")


@pytest.mark.parametrize("model", [Competent, lambda: Hallucinating(1), Contrary])
def test_several_samples_end_early_and_agree(model: type[Character]) -> None:
    case = cases(5)[2]
    report = case.deliberated(model(), samples=9)
    _stands(report, case)
    assert report.agent and 3 <= report.agent.samples <= 9


def test_nothing_is_named_on_a_quiet_day_whoever_is_asked() -> None:
    quiet = replace(source(incident(0)), span_list=(), series=(), events=())
    calm = replace(
        quiet, log_records=type(quiet.log_records).of([r for r in quiet.log_records if "handled" in r.body])
    )
    case = case_of(calm, "search fails", incident(0))
    assert not case.looked.report.hypotheses
    for model in (Competent(), Lazy(), Contrary(), Hallucinating(3), Malformed("prose")):
        assert not case.deliberated(model).hypotheses
