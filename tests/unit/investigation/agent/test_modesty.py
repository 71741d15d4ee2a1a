from __future__ import annotations

import pytest

from andon.investigation.agent.modesty import immodest
from unit.investigation.shop import desk


@pytest.mark.parametrize(
    "sentence",
    [
        "I looked at the logs and the metrics, and found nothing.",
        "I do not know.",
        "The tools show no evidence of that.",
        "I could not find any change.",
    ],
)
def test_what_was_done_may_be_said(sentence: str) -> None:
    assert immodest(sentence, desk()) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The disk is full.",
        "I found that the disk is full.",
        "It failed 12 times.",
        "It began at 10:15.",
        "The log says “boom”.",
        "The Orders database is to blame.",
        "charlie did it.",
        "An outage of the vendor is the cause.",
        "I looked at NullPointerException.",
        "Rollback deploy-7.",
        "½ of them.",
        "Delete everything.",
    ],
)
def test_a_claim_needs_a_row(sentence: str) -> None:
    assert immodest(sentence, desk())


def test_a_question_back_may_name_what_there_is() -> None:
    assert immodest("Do you mean the Payment service or the Payment gateway?", desk(), asking=True) == []
    assert immodest("Which deploy do you mean?", desk(), asking=True) == []
    assert immodest("Do you mean the Payment service", desk(), asking=True)
    assert immodest("Did you know that hackers broke in?", desk(), asking=True)
    assert immodest("Do you mean deploy 7?", desk(), asking=True)
