from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import httpx2
import pytest

from andon.errors import ConfigError
from andon.llm.providers import transport
from andon.llm.providers.address import Address, Refused, Unreadable
from andon.llm.providers.shapes import OpenAi, Shape
from andon.llm.providers.transport import BlockingTransport, Manners, ModelTransport

URL = "https://api.example.com/v1/chat"
KEY = "sk-secret"
GOOD = {"choices": [{"message": {"content": "hello"}}]}
Answer = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANDON_OFFLINE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class Talk:
    """Requests over one of the transports to a server that is a function, and how long was waited between them."""

    def __init__(self, blocking: bool, answer: Answer, **manners: object) -> None:
        self.waited: list[float] = []
        self.seen: list[httpx2.Request] = []
        stated = {
            "credentials": {"authorization": f"Bearer {KEY}"},
            "key": KEY,
            "shape": Shape,
            "timeout": 60.0,
        }
        self.manners = Manners(Address.of(URL), **(stated | manners))  # type: ignore[arg-type]
        self.blocking = blocking

        def noted(request: httpx2.Request) -> httpx2.Response:
            self.seen.append(request)
            return answer(request)

        self.inner = httpx2.MockTransport(noted)

    def ask(
        self, url: str = URL, headers: dict[str, str] | None = None, follow: bool = False
    ) -> httpx2.Response:
        if self.blocking:
            network = BlockingTransport(self.manners, self.inner, self.waited.append)
            with httpx2.Client(transport=network, follow_redirects=follow) as client:
                return client.post(url, json={"model": "m"}, headers=headers)
        return asyncio.run(self._ask(url, headers, follow))

    async def _ask(self, url: str, headers: dict[str, str] | None, follow: bool) -> httpx2.Response:
        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        network = ModelTransport(self.manners, self.inner, sleep)
        async with httpx2.AsyncClient(transport=network, follow_redirects=follow) as client:
            return await client.post(url, json={"model": "m"}, headers=headers)


@pytest.fixture(params=[False, True], ids=["async", "blocking"])
def talk(request: pytest.FixtureRequest) -> Callable[..., Talk]:
    return lambda answer, **manners: Talk(request.param, answer, **manners)


def good(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=GOOD)


def test_an_answer_comes_back(talk: Callable[..., Talk]):
    assert talk(good).ask().json() == GOOD


def test_the_key_is_put_in_and_whatever_else_named_one_is_dropped(talk: Callable[..., Talk]):
    asking = talk(good)
    asking.ask(
        headers={
            "Authorization": "Bearer placeholder",
            "x-api-key": "other",
            "x-stainless-os": "Linux",
            "cookie": "a=b",
        }
    )
    assert dict(asking.seen[0].headers) == {
        "host": "api.example.com",
        "accept": "*/*",
        "content-type": "application/json",
        "user-agent": "andon",
        "accept-encoding": "identity",
        "authorization": f"Bearer {KEY}",
        "content-length": str(len(asking.seen[0].content)),
    }


def test_headers_that_are_named_go_along(talk: Callable[..., Talk]):
    asking = talk(good, also=frozenset(["openai-project"]))
    asking.ask(headers={"OpenAI-Project": "p1"})
    assert asking.seen[0].headers["openai-project"] == "p1"


def test_no_other_address_is_asked(talk: Callable[..., Talk]):
    asking = talk(good)
    with pytest.raises(Refused):
        asking.ask("https://other.example.com/v1/chat")
    assert asking.seen == []


@pytest.mark.parametrize("target", ["https://other.example.com/", "/v1/elsewhere"])
def test_redirects_are_refused_even_where_the_client_would_follow(talk: Callable[..., Talk], target: str):
    asking = talk(lambda _: httpx2.Response(307, headers={"location": target}))
    with pytest.raises(Refused, match=r"sends us elsewhere \(307\)"):
        asking.ask(follow=True)
    assert len(asking.seen) == 1


def test_offline_nothing_is_sent(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    asking = talk(good)
    with pytest.raises(Refused, match="ANDON_OFFLINE"):
        asking.ask()
    assert asking.seen == []


def test_it_waits_as_the_server_asks_and_sends_the_same_again(talk: Callable[..., Talk]):
    answers = [
        httpx2.Response(429, headers={"retry-after": "7"}),
        httpx2.Response(529),
        httpx2.Response(200, json=GOOD),
    ]
    asking = talk(lambda _: answers.pop(0))
    assert asking.ask().json() == GOOD
    assert asking.waited[0] == 7.0 and len(asking.waited) == 2
    assert len({request.content for request in asking.seen}) == 1


def test_at_the_end_the_last_answer_is_given(talk: Callable[..., Talk]):
    asking = talk(lambda _: httpx2.Response(503, json={"error": "busy"}))
    assert asking.ask().status_code == 503
    assert len(asking.seen) == 6


def test_a_connection_that_breaks_is_tried_again_a_few_times(talk: Callable[..., Talk]):
    def broken(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    asking = talk(broken)
    with pytest.raises(httpx2.ConnectError):
        asking.ask()
    assert len(asking.seen) == 3


def test_a_server_that_is_too_slow_is_not_asked_again(talk: Callable[..., Talk]):
    def late(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("late")

    asking = talk(late)
    with pytest.raises(httpx2.ReadTimeout):
        asking.ask()
    assert len(asking.seen) == 1


def test_an_attempt_has_only_the_time_that_is_left(talk: Callable[..., Talk]):
    asking = talk(good, timeout=5.0)
    asking.ask()
    times = asking.seen[0].extensions["timeout"]
    assert 4.0 < times["read"] <= 5.0 and times["connect"] <= 5.0


def test_what_a_server_echoes_of_the_key_is_blotted_out(talk: Callable[..., Talk]):
    def echo(request: httpx2.Request) -> httpx2.Response:
        sent = request.headers["authorization"]
        return httpx2.Response(401, json={"error": f"no: {sent}"}, headers={"x-echo": sent})

    answer = talk(echo).ask()
    assert answer.json() == {"error": "no: Bearer [key]"} and answer.headers["x-echo"] == "Bearer [key]"


def test_a_key_that_is_a_word_like_any_other_is_left_in_answers(talk: Callable[..., Talk]):
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"content": "EMPTY"})

    asking = talk(answer, key="EMPTY", credentials={"authorization": "Bearer EMPTY"})
    assert asking.ask().json() == {"content": "EMPTY"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>sign in</html>", "not JSON"),
        (b"", "empty"),
        (b'{"choices": []}', "another shape"),
        (b"[1]", "another shape"),
    ],
)
def test_a_success_that_is_no_answer_is_unreadable(talk: Callable[..., Talk], body: bytes, told: str):
    with pytest.raises(Unreadable, match=told):
        talk(lambda _: httpx2.Response(200, content=body), shape=OpenAi).ask()


def test_an_answer_that_is_far_too_large_is_not_read_to_its_end(
    talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(transport, "MOST", 10)
    with pytest.raises(Unreadable, match="larger than 10 bytes"):
        talk(good).ask()


def test_a_packed_answer_is_unpacked_once(talk: Callable[..., Talk]):
    packed = gzip.compress(b'{"a": 1}')
    answer = talk(lambda _: httpx2.Response(200, content=packed, headers={"content-encoding": "gzip"})).ask()
    assert answer.json() == {"a": 1} and "content-encoding" not in answer.headers


def test_a_stream_passes_piece_by_piece(talk: Callable[..., Talk]):
    stream = {"content-type": "text/event-stream; charset=utf-8"}
    answer = talk(lambda _: httpx2.Response(200, content=b"data: 1\n\ndata: 2\n\n", headers=stream)).ask()
    assert answer.text == "data: 1\n\ndata: 2\n\n"


def test_a_stream_ends_when_the_time_is_over(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(transport.time, "monotonic", lambda: now[0])

    def slow(_: httpx2.Request) -> httpx2.Response:
        now[0] = 61.0
        return httpx2.Response(200, content=b"data: 1\n\n", headers={"content-type": "text/event-stream"})

    with pytest.raises(httpx2.ReadTimeout, match="within 60 s"):
        talk(slow).ask()


def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:pw@proxy:1")
    with pytest.raises(ConfigError, match="proxy") as raised:
        Manners(Address.of(URL), 1.0).proxy()
    assert "pw" not in raised.value.message + raised.value.hint


def test_the_key_is_not_in_the_repr():
    assert KEY not in repr(Manners(Address.of(URL), 1.0, {"authorization": KEY}, KEY))
