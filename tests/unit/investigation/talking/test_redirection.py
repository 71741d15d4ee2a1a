from __future__ import annotations

import pytest

from andon.errors import UsageError
from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.investigation.talking.reading import read
from andon.investigation.talking.redirection import Redirection, apply, described
from unit.investigation.shop import END, ONSET, case, looked_at, shop

ASKED = Question("checkout fails")


def after(text: str, question: Question = ASKED) -> Question:
    return apply(question, read(text, case()).redirections)


def test_each_kind_changes_the_question() -> None:
    assert after("look at the cache too").pins == ("cache",)
    assert after("it is not the cache").exclude == ("cache",)
    assert after("the cache is down too").also == ("cache",)
    began = after("it began at 10:12").incident
    assert began is not None and (began.start, round(began.end)) == (ONSET - 180, END - 1)
    felt = after("the customers in Europe cannot pay")
    assert (felt.text, felt.components, felt.kind) == (
        "the customers in Europe cannot pay", ("europe",), SymptomKind.UNAVAILABLE,
    )  # fmt: skip
    cleared = after("the deploy was harmless, I rolled it back at 10:17")
    assert cleared.cleared == ("deploy-7",)
    assert cleared.undone == (("deploy-7", ONSET + 120),)
    assert cleared.facts == ("the deploy was harmless, I rolled it back at 10:17",)
    assert after("we restarted the cache").facts == ("we restarted the cache",)


def test_a_harmless_change_without_a_time_states_nothing_else() -> None:
    cleared = after("the deploy was harmless")
    assert (cleared.cleared, cleared.undone, cleared.facts) == (("deploy-7",), (), ())


@pytest.mark.parametrize(
    ("text", "pins", "exclude"),
    [
        ("look at the cache. It is not the cache.", (), ("cache",)),
        ("it is not the cache. Look at the cache.", ("cache",), ()),
    ],
)
def test_of_two_that_contradict_each_other_the_later_holds_and_says_so(
    text: str, pins: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    redirections = read(text, case()).redirections
    question = apply(ASKED, redirections)
    assert (question.pins, question.exclude) == (pins, exclude)
    told = described(redirections, ASKED)
    assert "this holds now" not in told[0] and "this holds now" in told[1]


def test_what_was_said_in_an_earlier_question_is_taken_back() -> None:
    before = Question("checkout fails", exclude=("cache", "search"))
    assert after("look at the cache", before).exclude == ("search",)
    (told,) = described(read("look at the cache", case()).redirections, before)
    assert "this holds now" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("look at the cache too", "look at Session cache first"),
        ("it is not the cache", "Session cache is not the cause"),
        ("the cache is down too", "felt at Session cache too"),
        ("the trouble is at the cache", "the symptom is felt at Session cache"),
        ("it began at 10:12", "10:12:00 to 10:19:59 UTC"),
        ("the deploy was harmless", "harmless: deploy on charlie at 10:14:55 (id deploy-7)"),
        ("the deploy was harmless, I rolled it back at 10:17", "undone at 10:17:00 UTC"),
        ("we restarted the cache", "no evidence: “we restarted the cache”"),
    ],
)
def test_a_redirection_is_told_in_words(text: str, words: str) -> None:
    (told,) = described(read(text, case()).redirections, ASKED)
    assert words in told


def test_a_redirection_that_lacks_what_it_needs_is_refused() -> None:
    with pytest.raises(UsageError):
        apply(ASKED, [Redirection("window")])


def test_a_redirection_ranks_again_at_once() -> None:
    first = looked_at(shop())[0].report.hypotheses[0]
    assert (first.component, first.change) == ("charlie", "deploy-7")
    cleared, _ = looked_at(shop(), after("the deploy was harmless"))
    assert "deploy-7" not in {h.change for h in cleared.report.hypotheses}
    excluded, _ = looked_at(shop(), after("it is not the database"))
    assert "charlie" not in {h.component for h in excluded.report.hypotheses}


def test_a_fact_is_told_and_counts_for_nothing() -> None:
    plain, _ = looked_at(shop())
    stated, _ = looked_at(shop(), after("we scaled the cache down this morning"))
    assert [(h.component, h.likelihood) for h in stated.report.hypotheses] == [
        (h.component, h.likelihood) for h in plain.report.hypotheses
    ]
    assert any("Stated by the engineer, and no evidence: “we scaled" in note for note in stated.report.notes)
    claims = [e.claim for h in stated.report.hypotheses for e in h.evidence]
    assert not any("scaled" in claim for claim in claims)


def test_a_doubt_takes_back_what_was_called_harmless() -> None:
    clear = Redirection("clear", ("deploy-7",), ("deploy on charlie",))
    doubt = Redirection("doubt", ("deploy-7",), ("deploy on charlie",))
    held = apply(Question("", cleared=("deploy-7",)), [doubt])
    assert held.cleared == ()
    (told,) = described([doubt], Question("", cleared=("deploy-7",)))
    assert told.startswith("not harmless: deploy on charlie") and "said the opposite before" in told
    assert apply(held, [clear]).cleared == ("deploy-7",)
