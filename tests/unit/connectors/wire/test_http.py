from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from andon.connectors import Session, Unanswered
from andon.connectors.wire import HttpConfig, Wire
from andon.telemetry import Status
from andon.testing.imitation import Asked, Fault, Imitation, Told, json_told


class Echo(Imitation):
    """Answers with what it was asked; `answers` are given first."""

    answers: list[Told]

    def __init__(self, *answers: Told, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.answers = list(answers)

    def answer(self, asked: Asked) -> Told:
        with self.lock:
            if self.answers:
                return self.answers.pop(0)
        return json_told({"path": asked.path, "params": asked.params, "body": asked.body.decode()})


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(20.0) as opened:
        yield opened


def wire(server: Imitation, session: Session, *, rate: float | None = None, **options: object) -> Wire:
    limits = {"timeout": 5.0} | dict(options.pop("limits", {}))  # type: ignore[call-overload]
    config = HttpConfig.model_validate({"kind": "echo", "url": server.url, "limits": limits, **options})
    return Wire(session, "echo", config, rate=rate)


def test_what_is_sent_arrives(session):
    with Echo() as server:
        one = wire(server, session, auth={"username": "u", "password": "${env:HOME}"})
        reply = one.post("/q", {"a": "ä &=", "b": 1}, form={"query": "up{a='b'}"})
        assert reply.json()["params"] == [["a", "ä &="], ["b", "1"]]
        assert "query=up%7B" in reply.json()["body"]
        assert one.post("/q", json={"x": [1]}).json()["body"] == '{"x":[1]}'
        assert server.asked[0].headers["authorization"].startswith("Basic ")


def test_identical_requests_are_sent_once_unless_fresh(session):
    with Echo() as server:
        one = wire(server, session)
        for _ in range(3):
            one.get("/a", {"q": "1"})
        one.get("/a", {"q": "2"})
        one.get("/a", {"q": "1"}, fresh=True)
        assert len(server.asked) == 3


def test_it_tries_again_where_that_may_help(session):
    busy = Told(429, b"", {"retry-after": "0"})
    with Echo(busy, Told(503), Told(500)) as server:
        assert wire(server, session).get("/").status == 200
        assert len(server.asked) == 4


def test_it_does_not_try_again_what_will_not_change(session):
    with Echo(
        Told(400, b"parse error at char 3"), Told(302, b"", {"location": "http://elsewhere"})
    ) as server:
        with pytest.raises(Unanswered, match="400: parse error at char 3"):
            wire(server, session).get("/")
        with pytest.raises(Unanswered, match="sends us elsewhere"):
            wire(server, session).get("/b")
        assert len(server.asked) == 2


def test_it_does_not_wait_longer_than_there_is_time(session):
    with Echo(Told(429, b"", {"retry-after": "3600"})) as server:
        began = time.monotonic()
        with pytest.raises(Unanswered, match="too many requests"):
            wire(server, session).get("/")
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("status", "expected"), [(401, Status.DENIED), (403, Status.DENIED), (404, Status.FAILED)]
)
def test_statuses_are_told_apart(status, expected, session):
    with Echo(Told(status, b"no")) as server, pytest.raises(Unanswered) as caught:
        wire(server, session).get("/")
    assert caught.value.status is expected


def test_accepted_statuses_come_back(session):
    with Echo(Told(404, b'"gone"')) as server:
        reply = wire(server, session).get("/", accept=frozenset([404]))
        assert (reply.status, reply.json()) == (404, "gone")


def test_one_answer_and_all_answers_are_bounded(session):
    big = Told(200, b"x" * 3000)
    with Echo(big, big, Told(200, b"y" * 1500), big) as server:
        one = wire(server, session, limits={"answer_bytes": 2000, "bytes": 7000, "retries": 0})
        for path in "ab":
            with pytest.raises(Unanswered, match="larger than 2,000 bytes") as caught:
                one.get(f"/{path}")
            assert caught.value.status is Status.TRUNCATED
        with pytest.raises(Unanswered, match="larger than"):
            one.get("/c")
        with pytest.raises(Unanswered, match="budget of 7,000 bytes"):
            one.get("/d")


def test_a_packed_answer_counts_unpacked(session):
    with Echo(Told(200, b"x" * 100_000), compress=True) as server:
        with pytest.raises(Unanswered, match="larger"):
            wire(server, session, limits={"answer_bytes": 50_000}).get("/")


def test_requests_at_once_and_a_second_are_limited(session):
    with Echo() as server:
        one = wire(server, session, rate=20.0)
        began = time.monotonic()
        session.together([lambda n=n: one.get(f"/{n}") for n in range(6)], 6)
        assert time.monotonic() - began >= 5 / 20.0


def test_secrets_are_hidden_in_what_is_told(session, monkeypatch):
    monkeypatch.setenv("DOOR_TOKEN", "open sesame")
    with Echo(fault=Fault.UNAUTHORIZED) as server, pytest.raises(Unanswered) as caught:
        wire(server, session, auth={"bearer": "${env:DOOR_TOKEN}"}).get("/")
    assert "open sesame" not in str(caught.value) and "***" in str(caught.value)


def test_a_secret_that_is_not_there_is_a_gap_and_not_the_end(session, monkeypatch):
    monkeypatch.delenv("DOOR_TOKEN", raising=False)
    with Echo() as server, pytest.raises(Unanswered, match="DOOR_TOKEN is not set"):
        wire(server, session, auth={"bearer": "${env:DOOR_TOKEN}"}).get("/")


def test_the_clock_is_noted(session):
    with Echo(skew=-90.0) as server:
        one = wire(server, session)
        one.get("/")
        assert one.skew == pytest.approx(-90, abs=3)


def test_what_is_no_json_is_quoted(session):
    with Echo(Told(200, b"<html>\n" + b"sign in " * 100)) as server:
        with pytest.raises(Unanswered, match="not JSON") as caught:
            wire(server, session).get("/").json()
    assert len(caught.value.message) < 300
