from __future__ import annotations

import pytest

from andon.investigation.agent.citations import Citations
from andon.investigation.agent.desk import Desk
from andon.investigation.engine import look
from andon.investigation.talking.answers import CAN_BE_ASKED, answer
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from unit.investigation.shop import case, desk, looked


def text_of(question: str) -> str:
    return "\n".join(said.text for said in answer(question, desk()))


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("why the database and not the payment service?", "Orders database is ahead"),
        ("why not the payment service", "Payment service is not named"),
        ("why the orders database", "Orders database:"),
        ("compare the database and the checkout service", "place"),
        ("is it the database or the payment service", "is ahead"),
        ("is it the database?", "Orders database: bad deploy"),
        ("why not the database?", "Orders database: bad deploy"),
        ("is it the db?", "Orders database: bad deploy"),
        ("why not the deploy?", "Bad deploy at Orders database: 78 %, the first of the report"),
        ("why bad deploy?", "Bad deploy at Orders database: 78 %, the first of the report"),
        ("was it really a bad deploy?", "Bad deploy at Orders database: 78 %"),
        ("why not the flag?", "Orders database is ahead"),
        ("why not deploy-6?", "No suspect: deploy on alpha"),
        ("show me the errors", "NullPointerException"),
        ("what errors are there at the search service?", "No error in the logs of Search service"),
        ("why not the moon?", "Nothing here is called “moon”"),
        ("why not the gateway?", "Payment gateway (payGate), API gateway (apiGate)"),
        ("why?", "deploy on charlie at 10:14:55"),
        ("what changed", "deploy on charlie"),
        ("what changed at the checkout service?", "deploy on alpha"),
        ("which deploys were there", "id=deploy-7"),
        ("show the logs of the orders database", "NullPointerException"),
        ("show traces of bravo", "bravo"),
        ("show metrics", "series changed"),
        ("any alerts?", "alerts"),
        ("when did it begin?", "It began about 10:1"),
        ("since when", "The incident is 2026-06-19T10:1"),
        ("who is affected", "felt at Checkout service"),
        ("what is the blast radius?", "The trouble reaches"),
        ("what should I do?", "If it is confirmed"),
        ("how do I fix it", "If it is confirmed"),
        ("what should I check next", "Confirm or rule out"),
        ("how sure are you?", "is left for something else"),
        ("what did you not see?", "metrics of prod (turns) was empty"),
        ("what speaks against it?", "Did the trouble begin before the change?"),
        ("what happened", "Most likely"),
        ("what is the root cause", "Most likely"),
        ("what about the payment service?", "Payment service is not named in the report"),
        ("who calls the payment service", "Calls from alpha to bravo"),
        ("what does the payment service depend on", "Payment service → Orders database"),
    ],
)
def test_a_question_is_answered_from_the_ledger(question: str, holds: str) -> None:
    assert holds in text_of(question)


@pytest.mark.parametrize(
    "question",
    [
        "why the database and not the payment service?",
        "what changed",
        "show the logs",
        "show traces",
        "why",
        "when did it begin",
    ],
)
def test_every_reference_stands_for_a_row_that_says_so(question: str) -> None:
    at = desk()
    told = answer(question, at)
    cited = [(said, ref) for said in told for ref in said.refs]
    assert cited
    fresh = Citations(at.box.ledger)
    for said, ref in cited:
        claim = at.citations.read(ref).evidence.claim
        assert claim in said.text or said.text in claim
        if not ref.rpartition(":")[2].startswith("share"):
            assert fresh.read(ref).evidence.claim == claim


def test_a_name_that_may_be_several_is_asked_back() -> None:
    (said,) = answer("show the logs of the gateway", desk())
    assert "Payment gateway (payGate)" in said.text and "API gateway (apiGate)" in said.text


def test_a_name_that_there_is_not_gets_similar_ones() -> None:
    (said,) = answer("show the logs of the databse", desk())
    assert "similar: Orders database" in said.text


@pytest.mark.parametrize("question", ["what is the weather", "sing", "42", "¿qué pasó?"])
def test_anything_else_gets_an_honest_list(question: str) -> None:
    told = text_of(question)
    assert "do not understand" in told
    assert all(one in told for one in CAN_BE_ASKED)


def test_the_ledger_answers_without_sources() -> None:
    held, box = looked()
    replayed = Toolbox([], box.ledger)
    again = look(Heading("run"), held.case.question, replayed, held.case.infos)
    at = Desk(replayed, again.case, again.report, lambda question: again)
    assert answer("what changed", at) == answer("what changed", desk())
    assert case().suspects
