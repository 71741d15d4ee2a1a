from __future__ import annotations

import asyncio
from typing import Any

import pytest

from andon.intake.access import Access, Address
from andon.mcp.guard import Guard, names_of

HOST = ("host", "127.0.0.1:8848")
TOKEN = ("authorization", "Bearer right")


def status(*headers: tuple[str, str], kind: str = "http") -> int:
    """The status of a request with these headers; 200 where the application behind was reached."""
    sent: list[Any] = []

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(application, Access("right"), names_of(Address("127.0.0.1", 8848)))
    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers]}
    asyncio.run(guard(scope, None, send))
    return int(sent[0]["status"])


def test_who_knows_name_and_token_is_let_in():
    assert status(HOST, TOKEN) == 200
    assert status(("host", "LocalHost:8848"), TOKEN) == 200
    assert status(HOST, TOKEN, ("origin", "http://localhost:8848")) == 200


@pytest.mark.parametrize(
    "token",
    ["", "Bearer", "Bearer wrong", "Bearer right2", "Basic right", "right", "Bearer righ", "Bearer ríght"],
)
def test_a_wrong_token(token: str):
    assert status(HOST, ("authorization", token)) == 401


def test_no_token_and_two():
    assert status(HOST) == 401
    assert status(HOST, TOKEN, ("authorization", "Bearer wrong")) == 401


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8848", "127.0.0.1:9999", "127.0.0.1:8848.evil.example", "", "127.0.0.1:"],
)
def test_another_name(host: str):
    assert status(("host", host), TOKEN) == 421


def test_no_name_and_two():
    assert status(TOKEN) == 421
    assert status(HOST, HOST, TOKEN) == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", ""])
def test_pages_of_other_sites(origin: str):
    assert status(HOST, TOKEN, ("origin", origin)) == 403


def test_what_is_no_request_passes():
    assert status(kind="lifespan") == 200


def test_names():
    assert names_of(Address("::1", 1)) >= {"[::1]:1", "localhost:1"}
    assert names_of(Address("10.0.0.5", 1), ("Ops.example",)) == {
        "10.0.0.5",
        "10.0.0.5:1",
        "ops.example",
        "ops.example:1",
    }
