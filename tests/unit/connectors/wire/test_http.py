from __future__ import annotations

import gzip
import json
import ssl
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import AsyncClient, Response

from andon.connectors import Session, Unanswered
from andon.connectors.wire import HttpConfig, Wire
from andon.connectors.wire.http import _retry_after
from andon.telemetry import Status
from andon.testing.imitation import Asked, Fault, Imitation, Told, _send, json_told


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
    with Echo(Told(200, b"x" * 100_000), compress=True) as server, pytest.raises(Unanswered, match="larger"):
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
    page = Told(200, b"<html>\n" + b"sign in " * 100)
    with Echo(page) as server, pytest.raises(Unanswered, match="not JSON") as caught:
        wire(server, session).get("/").json()
    assert len(caught.value.message) < 300


def test_only_what_succeeded_is_kept(session):
    with Echo(Told(404, b'"gone"'), Told(204)) as server:
        one = wire(server, session)
        understood = frozenset([404])
        assert one.get("/", accept=understood).status == 404
        assert one.get("/", accept=understood).status == 204
        assert one.get("/", accept=understood).body == b""
        assert len(server.asked) == 2


def test_two_addresses_of_one_source_are_not_taken_for_one(session):
    with Echo(Told(200, b'"left"')) as left, Echo(Told(200, b'"right"')) as right:
        assert [wire(server, session).get("/").json() for server in (left, right)] == ["left", "right"]


def test_a_body_counts_once_and_as_it_arrives(session):
    with Echo(Told(200, b"x" * 3000), Told(500, b"y" * 500), Told(200, b"z")) as server:
        one = wire(server, session)
        one.get("/a")
        assert session.spent("echo") == 3000
        one.get("/b")
        assert session.spent("echo") == 3501
    with Imitation(fault=Fault.RESET) as server, pytest.raises(Unanswered):
        wire(server, session, limits={"retries": 0}).get("/c")
    assert session.spent("echo") == 3501 + len(b'{"status":"success","data":')


def test_answers_at_the_same_time_share_one_budget(session):
    gate = threading.Barrier(4, timeout=10)

    class Together(Imitation):
        def answer(self, asked: Asked) -> Told:
            gate.wait()
            return Told(200, b"x" * 3000)

    def ask(one: Wire, path: str) -> object:
        try:
            return one.get(path).size
        except Unanswered as gap:
            return gap.status

    with Together() as server:
        one = wire(server, session, limits={"bytes": 5000})
        found = session.together([partial(ask, one, f"/{n}") for n in range(4)], 4)
        assert sorted(map(str, found)) == ["3000", *["truncated"] * 3]


def test_a_packed_answer_that_grows_without_end_is_left_early(session):
    bomb = gzip.compress(gzip.compress(b"0" * (256 << 20), 1), 9)
    answer = Told(200, bomb, {"content-encoding": "gzip, gzip"})
    with Echo(answer) as server, pytest.raises(Unanswered, match="larger than"):
        wire(server, session, limits={"answer_bytes": 1 << 20, "retries": 0}).get("/")
    assert session.spent("echo") < 4 << 20


@pytest.mark.parametrize(
    ("stated", "waits"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("9" * 400, float("inf")),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        (formatdate(0, usegmt=True), 0.0),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
def test_what_is_asked_for_by_retry_after(stated, waits):
    assert _retry_after(Response(429, headers={"retry-after": stated}), 0.0) == waits


def test_a_date_to_wait_for_is_one_of_the_sources_clock():
    ahead = formatdate(time.time() + 3600 + 10, usegmt=True)
    assert _retry_after(Response(429, headers={"retry-after": ahead}), 3600.0) == pytest.approx(10, abs=2)


def test_the_date_of_a_copy_or_of_nothing_is_no_clock(session):
    class Dated(Echo):
        def _tell(self, handler: Any, told: Told, asked: Asked) -> None:
            _send(handler, told.status, told.body, told.headers)

    old = {"date": formatdate(0, usegmt=True)}
    with Dated(Told(200, b"1", old | {"age": "60"}), Told(200, b"2", {"date": "late"})) as server:
        one = wire(server, session)
        one.get("/a")
        one.get("/b")
        assert one.skew is None


@pytest.mark.parametrize("spelled", [str, quote, lambda text: json.dumps(text)[1:-1]])
@pytest.mark.parametrize("before", [0, 185, 70_000])
def test_not_even_a_part_of_a_secret_is_told(session, monkeypatch, spelled, before):
    monkeypatch.setenv("DOOR_TOKEN", 'open  "sesame"/47-11')
    echo = b"-" * before + f"you sent {spelled(chr(34).join(['open  ', 'sesame', '/47-11']))}".encode()
    with Echo(Told(400, echo), Told(200, echo)) as server:
        one = wire(server, session, auth={"bearer": "${env:DOOR_TOKEN}"})
        for ask in (lambda: one.get("/a"), lambda: one.get("/b").json()):
            with pytest.raises(Unanswered) as caught:
                ask()
            assert "open" not in str(caught.value) and "47-11" not in str(caught.value)
        assert "sesame" not in repr(one.get("/c"))


def test_a_password_is_hidden_as_it_is_sent(session, monkeypatch):
    monkeypatch.setenv("DOOR_TOKEN", "open sesame")
    with Echo(fault=Fault.FORBIDDEN) as server, pytest.raises(Unanswered) as caught:
        wire(server, session, auth={"username": "ali", "password": "${env:DOOR_TOKEN}"}).get("/")
    assert "Basic ***" in str(caught.value)
    assert server.asked[0].headers["authorization"].removeprefix("Basic ") not in str(caught.value)


@pytest.mark.parametrize("value", ["töken", "to\nken", "to\x00ken"])
def test_a_secret_that_no_header_can_carry_is_told_and_not_repeated(session, monkeypatch, value):
    monkeypatch.setattr("andon.connectors.secrets._from_environment", lambda name: value)
    with Echo() as server, pytest.raises(Unanswered, match="characters that HTTP cannot carry") as caught:
        wire(server, session, auth={"bearer": "${env:DOOR_TOKEN}"}).get("/")
    assert "ken" not in caught.value.message.replace("authorization", "")
    assert not server.asked


@pytest.mark.parametrize("params", [{"q": "x" * 70_000}, {"q": "\ud800"}])
def test_a_request_that_cannot_be_sent_is_a_gap(session, params):
    with Echo() as server, pytest.raises(Unanswered, match="cannot be sent"):
        wire(server, session).get("/", params)


def test_a_source_that_stalls_may_hang(session):
    with (
        Echo(fault=Fault.STALLED) as server,
        pytest.raises(Unanswered, match=r"no whole answer|stopped answering") as caught,
    ):
        wire(server, session, limits={"timeout": 0.2}).get("/")
    assert "may hang or be overloaded" in caught.value.hint


def test_https_to_a_port_that_speaks_http_says_so(session):
    with Echo() as server, pytest.raises(Unanswered, match="speaks plain http") as caught:
        Wire(session, "s", HttpConfig(kind="s", url=server.url.replace("http:", "https:"))).get("/")
    assert "write http://" in caught.value.hint


def test_what_tls_says_after_the_handshake_is_told(session, monkeypatch):
    """With TLS 1.3 a server asks for our certificate when the answer is read; the client lets that error through."""

    def late(self, *args, **options):
        raise ssl.SSLError(1, "tlsv13 alert certificate required")

    monkeypatch.setattr(AsyncClient, "stream", late)
    with Echo() as server, pytest.raises(Unanswered, match="cannot be trusted") as caught:
        wire(server, session).get("/")
    assert "tls.cert" in caught.value.hint


def test_a_header_without_end_is_refused(session):
    with Echo(Told(200, b"1", {"x-long": "x" * 200_000})) as server, pytest.raises(Unanswered):
        wire(server, session, limits={"retries": 0}).get("/")


def test_a_connection_that_was_closed_while_idle_is_opened_again(session):
    class Forgetful(Echo):
        def _tell(self, handler: Any, told: Told, asked: Asked) -> None:
            super()._tell(handler, told, asked)
            handler.close_connection = True  # Without having said so.

    with Forgetful() as server:
        one = wire(server, session)
        assert [one.get(f"/{n}").status for n in range(5)] == [200] * 5


def test_a_head_request_has_no_body(session):
    with Echo() as server:
        assert wire(server, session).send("HEAD", "/").body == b""


def test_a_password_that_is_no_text_is_told(session, monkeypatch):
    monkeypatch.setattr("andon.connectors.secrets._from_environment", lambda name: "open\udcff")
    with Echo() as server, pytest.raises(Unanswered, match="not UTF-8"):
        wire(server, session, auth={"username": "ali", "password": "${env:DOOR_TOKEN}"}).get("/")


def test_a_proxy_is_asked_instead(session):
    with Echo(Told(200, b"1", {"age": "5"}), Told(407, b"who?")) as proxy:
        one = wire(Echo(), session, url="http://plant.invalid", proxy=proxy.url)
        assert one.get("/a").body == b"1"
        with pytest.raises(Unanswered, match="407: who"):
            one.get("/b")
        assert [asked.headers["host"] for asked in proxy.asked] == ["plant.invalid"] * 2
