from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.talking.reading import read, settled
from andon.investigation.talking.redirection import Redirection, apply
from andon.telemetry import clock
from unit.investigation.shop import DEPLOY, END, ONSET, case


def told(text: str) -> list[tuple[str, ...]]:
    """Each redirection as its kind, targets and times."""
    found = []
    for one in read(text, case()).redirections:
        times = [clock(t) for t in (one.start, one.end) if t is not None]
        targets = one.targets[:1] if one.kind in ("clear", "fact") else one.targets
        found.append((one.kind, *targets, *times))
    return found


END_AT = clock(END - 1)

UNDERSTOOD = [
    # look there
    ("look at the payment service too", [("pin", "bravo")]),
    ("Please look at the Payment Service as well.", [("pin", "bravo")]),
    ("can you look at the search service?", [("pin", "search")]),
    ("could you please check the session cache", [("pin", "cache")]),
    ("investigate the orders database", [("pin", "charlie")]),
    ("start with payGate", [("pin", "payGate")]),
    ("I suspect the cache", [("pin", "cache")]),
    ("my guess is the search service", [("pin", "search")]),
    ("it is the database", [("pin", "charlie")]),
    ("it must be the payment gateway", [("pin", "payGate")]),
    ("I think the search service is to blame", [("pin", "search")]),
    ("focus on bravo", [("pin", "bravo")]),
    ("look at the cache and the search service", [("pin", "cache"), ("pin", "search")]),
    ("look at the cache, the search service and the database", [("pin", "cache"), ("pin", "search"), ("pin", "charlie")]),
    # not it
    ("it is not the database", [("exclude", "charlie")]),
    ("It's not the orders database!", [("exclude", "charlie")]),
    ("it isn't the cache", [("exclude", "cache")]),
    ("it can't be the payment gateway", [("exclude", "payGate")]),
    ("not the search service", [("exclude", "search")]),
    ("the search service is fine", [("exclude", "search")]),
    ("No, the cache is not the problem.", [("exclude", "cache")]),
    ("the cache has nothing to do with it", [("exclude", "cache")]),
    ("the cache works as expected", [("exclude", "cache")]),
    ("exclude the payment service", [("exclude", "bravo")]),
    ("rule out postgresql", [("exclude", "charlie")]),
    ("rule the cache out", [("exclude", "cache")]),
    ("don't look at the search service any more", [("exclude", "search")]),
    ("ignore redis", [("exclude", "cache")]),
    ("it is neither the cache nor the database", [("exclude", "cache"), ("exclude", "charlie")]),
    ("it is not the cache but we restarted it", [("exclude", "cache"), ("fact",)]),
    ("it is not the cache but the database", [("exclude", "cache"), ("pin", "charlie")]),
    ("the payment service did not cause this", [("exclude", "bravo")]),
    # felt there
    ("the payment service is down too", [("also", "bravo")]),
    ("it is also felt at the search service", [("also", "search")]),
    ("the search service is slow as well", [("also", "search")]),
    ("the trouble is at the search service", [("symptom", "search")]),
    ("the symptom is felt at the payment service", [("symptom", "bravo")]),
    ("it is the payment service that fails", [("symptom", "bravo")]),
    ("the customers in Europe cannot pay", [("symptom", "europe")]),
    ("Customers of the Europe shop see errors", [("symptom", "europe")]),
    # harmless changes
    ("the deploy of the orders database was harmless", [("clear", "deploy-7")]),
    ("deploy-7 was harmless", [("clear", "deploy-7")]),
    ("the last deploy was harmless", [("clear", "deploy-7")]),
    ("the deploy at 10:14 is unrelated", [("clear", "deploy-7")]),
    ("it was not the deploy", [("clear", "deploy-7")]),
    ("clear deploy-7", [("clear", "deploy-7")]),
    ("it has nothing to do with the deploy", [("clear", "deploy-7")]),
    ("the change to the timeout was harmless", [("clear", "config-3")]),
    ("ignore flag-12", [("clear", "flag-12")]),
    ("the flag is harmless", [("clear", "flag-12")]),
    ("the config change has nothing to do with it", [("clear", "config-3")]),
    ("the deploy was harmless, I rolled it back at 10:17", [("clear", "deploy-7", "10:17:00")]),
    ("The deploy was harmless. I rolled it back at 10:17:30.", [("clear", "deploy-7", "10:17:30")]),
    ("we rolled the deploy back at 10:17 and it made no difference", [("clear", "deploy-7", "10:17:00")]),
    ("I rolled back the deploy at 10:17", [("fact", "deploy-7", "10:17:00")]),
    ("the deploy was reverted at 10:17", [("fact", "deploy-7", "10:17:00")]),
    # changes that did it
    ("the deploy was not harmless", [("pin", "charlie")]),
    ("the deploy of the orders database isn't innocent", [("pin", "charlie")]),
    ("it was the deploy", [("pin", "charlie")]),
    ("deploy-6 deploy is to blame", [("pin", "alpha")]),
    ("it is not the db", [("exclude", "charlie")]),
    # when
    ("it began at 10:12", [("window", "10:12:00", END_AT)]),
    ("the trouble started around 10:12 UTC", [("window", "10:12:00", END_AT)]),
    ("only since 10:16:30", [("window", "10:16:30", END_AT)]),
    ("everything was fine until 10:12", [("window", "10:12:00", END_AT)]),
    ("since 10:16:30 only", [("window", "10:16:30", END_AT)]),
    ("it has been going on since 10:12", [("window", "10:12:00", END_AT)]),
    ("It started at 2026-06-19T10:12:00Z", [("window", "10:12:00", END_AT)]),
    ("it started at 10:12 am", [("window", "10:12:00", END_AT)]),
    ("it was over at 10:18", [("window", "10:14:59", "10:18:00")]),
    ("look at 10:12 to 10:18", [("window", "10:12:00", "10:18:00")]),
    ("the incident was between 10:12 and 10:18", [("window", "10:12:00", "10:18:00")]),
    # facts
    ("we scaled the cache down this morning, it is in no system", [("fact",)]),
    ("fact: the certificate of the vendor was renewed yesterday", [("fact",)]),
    ("a colleague unplugged the switch in rack four", [("fact",)]),
    ("we restarted the search service, it is not the database", [("exclude", "charlie"), ("fact",)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_what_is_said_is_read(text: str, expected: list[tuple[str, ...]]) -> None:
    assert told(text) == expected


NO_REDIRECTION = [
    "is it the database?",
    "why is it not the database",
    "was the deploy harmless",
    "did it begin at 10:12?",
    "what changed at the payment service",
    "show me the logs of the payment service",
    "look at the logs of the payment service",
    "maybe it is not the database",
    "I am not sure that it is the database",
    "I don't think it is the database",
    "if it is not the database, it is the cache",
    "it might be the cache",
    "it is not only the database",
    "it is not clear to me",
    "it is in the cloud",
    "do not exclude the database",
    "the runbook says that it is not the database",
    "ignore everything I said",
    "forget it",
    "it began before lunch",
    "thanks",
    "no",
    "“it is not the database” is what they always say",
    "the database is not fine",
    "we would have restarted the cache",
    "we should clear the cache",
    "clear the cache",
    "customers no longer see errors",
    "users do not see errors any more",
    "customers can pay again without errors",
    "I looked at the database",
    "we could exclude the database from the backup",
    "it is down",
    "",
    "   ",
    "\x00\x1b[31m",
]


@pytest.mark.parametrize("text", NO_REDIRECTION)
def test_what_cannot_be_read_is_no_redirection(text: str) -> None:
    reading = read(text, case())
    assert reading.redirections == ()


ASKED_BACK = [
    ("look at the gateway", "Payment gateway (payGate)"),
    ("exclude the gateway", "API gateway (apiGate)"),
    ("look at the serch service", "Search service"),
    ("exclude the databse", "Orders database"),
    ("look at the flux capacitor", "no component"),
    ("it began at 25:99", "no time"),
    ("it began at 10:12 CEST", "UTC"),
    ("it began at tea time", "no time"),
    ("it began at 09:00:00 and nothing else", ""),
    ("since noon", "nothing of that time"),
    ("the cache is fine but slow", "what do you mean by “but slow”"),
    ("it is not the cache but something else", "what do you mean"),
    ("the deploy of the search service was harmless", "which change"),
    ("the change was harmless", ""),
    ("the deploy was harmless, I rolled it back at 10:77", "no time"),
]


@pytest.mark.parametrize(("text", "said"), ASKED_BACK)
def test_what_is_unclear_is_asked_back(text: str, said: str) -> None:
    reading = read(text, case())
    if said:
        assert said in " ".join(reading.asks)
        assert all(one.kind == "clear" for one in reading.redirections)
    else:
        assert len(reading.redirections) + len(reading.asks) <= 1


def test_a_change_is_cleared_with_all_its_steps() -> None:
    (one,) = read("deploy-7 was harmless", case()).redirections
    assert DEPLOY.id in one.targets
    assert "deploy on charlie" in one.names[0]


def test_a_change_that_was_called_harmless_can_be_doubted() -> None:
    held = case()
    cleared = replace(held, question=replace(held.question, cleared=("deploy-7",)))
    doubt, pin = read("the deploy of the orders database was not harmless", cleared).redirections
    assert (doubt.kind, pin.kind, pin.targets) == ("doubt", "pin", ("charlie",))
    after = apply(cleared.question, [doubt, pin])
    assert after.cleared == () and after.pins == ("charlie",)


def test_words_are_kept_and_clipped() -> None:
    (one,) = read("we restarted " + "the thing " * 200, case()).redirections
    assert one.kind == "fact" and len(one.words) <= 400


@given(st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    reading = read(text, case())
    assert all(isinstance(one, Redirection) for one in reading.redirections)


def test_what_a_model_proposes_is_settled_alike() -> None:
    found = settled("exclude", "orders database", ("", ""), "not the orders database", case())
    assert isinstance(found, Redirection) and found.targets == ("charlie",)
    when = settled("window", "", ("10:12", ""), "it began at 10:12", case())
    assert isinstance(when, Redirection) and when.start == ONSET - 180
    for kind, target in (
        ("exclude", "nobody"),
        ("exclude", "gateway"),
        ("clear", "nothing"),
        ("delete", "cache"),
    ):
        assert isinstance(settled(kind, target, ("", ""), "words", case()), str)
    assert isinstance(settled("window", "", ("25:00", ""), "words", case()), str)
