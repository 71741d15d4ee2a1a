"""The server against the official client over stdio and HTTP, and our client against our server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from andon.connectors.lent import Lender, open_lenders
from andon.connectors.secrets import Vault
from andon.storage import Store
from andon.telemetry import Status

DOOR = Path(__file__).parents[2] / "examples" / "door-unlock.zip"
ANDON = [sys.executable, "-m", "andon", "mcp", "--source", str(DOOR)]
TOKEN = "the-right-token"
CALLS: dict[str, dict[str, Any]] = {
    "runs": {}, "report": {"form": "json"}, "verify": {}, "architecture": {"run": "latest"},
    "metrics": {"run": "latest"}, "logs": {"run": "latest"}, "log_lines": {"run": "latest", "text": "timed out"},
    "traces": {"run": "latest"}, "changes": {"run": "latest"}, "alerts": {"run": "latest"},
    "instruments": {"run": "latest"}, "series": {"run": "latest", "ref": "metrics-2:series.0"},
    "row": {"run": "latest", "ref": "metrics-2:series.0"}, "suspects": {"run": "latest"},
    "rerank": {"run": "latest", "pin": ["iosBff"]},
}  # fmt: skip


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ANDON_")}


@dataclass(frozen=True)
class Served:
    """A server over HTTP."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://").removesuffix("/mcp")

    def post(self, body: bytes = b"{}", **headers: str) -> int:
        told = {
            "authorization": f"Bearer {TOKEN}",
            "content-type": "application/json",
            "accept": "*/*",
        } | headers
        return httpx2.post(self.url, content=body, headers=told, trust_env=False).status_code


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    environment = _environment() | {"ANDON_HOME": str(home), "ANDON_MCP_TOKEN": TOKEN}
    process = subprocess.Popen(
        [*ANDON, "--http", "--port", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment, cwd=home,
    )  # fmt: skip
    assert process.stderr is not None and process.stdout is not None
    try:
        first = process.stderr.readline()
        assert first.startswith("MCP on http://127.0.0.1:"), first
        yield Served(first.split()[-1], home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert TOKEN not in told
    assert "Traceback" not in told


def over_http(
    served: Served, asking: Callable[[Client], Coroutine[Any, Any, Any]], mode: str = "auto"
) -> Any:
    async def asked() -> Any:
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(served.url, http_client=http), mode=mode) as client,
        ):
            return await asking(client)

    return asyncio.run(asked())


def over_stdio(home: Path, asking: Callable[[Client], Coroutine[Any, Any, Any]], mode: str = "auto") -> Any:
    async def asked() -> Any:
        server = StdioServerParameters(
            command=ANDON[0], args=ANDON[1:], cwd=home, env={"ANDON_HOME": str(home)}
        )
        async with Client(server, mode=mode) as client:
            return await asking(client)

    return asyncio.run(asked())


async def everything(client: Client) -> None:
    """An investigation, then every other tool, every resource and the prompt."""
    progress: list[str | None] = []

    async def told(_done: float, _total: float | None, words: str | None) -> None:
        progress.append(words)

    found = await client.call_tool("investigate", {"question": "doors do not unlock"}, progress_callback=told)
    assert found.structured_content is not None and found.structured_content["hypotheses"]
    assert "weighing the suspects" in progress
    tools = {tool.name for tool in (await client.list_tools()).tools}
    assert tools == {"investigate", *CALLS}
    for name, arguments in CALLS.items():
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, result.content)
        assert result.structured_content is not None
    for wrong in ({"run": "nope"}, {"run": 5}, {"run": "latest", "bogus": 1}):
        assert (await client.call_tool("report", wrong)).is_error
    assert (await client.call_tool("investigate", {"question": "why", "sources": ["/etc"]})).is_error
    for uri in (
        "andon://runs",
        *(f"andon://runs/latest/{end}" for end in ("report", "report.md", "report.html")),
    ):
        assert (await client.read_resource(uri)).contents[0].text
    prompt = await client.get_prompt("investigate", {"question": "why"})
    assert "why" in prompt.messages[0].content.text


def test_everything_over_stdio_after_a_handshake(tmp_path: Path):
    over_stdio(tmp_path, everything, "legacy")


def test_everything_over_http_without_one(served: Served):
    over_http(served, everything, "auto")


def test_http_after_a_handshake(served: Served):
    assert over_http(served, lambda client: client.call_tool("runs"), "legacy").structured_content


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_who_lets_go_ends_the_investigation(served: Served, tmp_path: Path, transport: str):
    home = served.home if transport == "http" else tmp_path

    async def asking(client: Client) -> None:
        begun = asyncio.Event()

        async def told(*_: Any) -> None:
            begun.set()

        calling = asyncio.create_task(
            client.call_tool("investigate", {"question": "let go"}, progress_callback=told)
        )
        await begun.wait()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        for _ in range(500):
            if states(home)["let go"] != "running":
                break
            await asyncio.sleep(0.02)

    over_http(served, asking) if transport == "http" else over_stdio(home, asking)
    assert states(home)["let go"] == "interrupted"


def states(home: Path) -> dict[str, str]:
    store = Store(home)
    try:
        return {run.question: run.state for run in store.runs()}
    finally:
        store.close()


def test_many_clients_at_once(served: Served):
    async def asked() -> list[Any]:
        async def one(number: int) -> Any:
            headers = {"authorization": f"Bearer {TOKEN}"}
            async with (
                httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as http,
                Client(streamable_http_client(served.url, http_client=http)) as client,
            ):
                return (await client.call_tool("runs", {"limit": 1 + number})).structured_content

        return await asyncio.gather(*(one(number) for number in range(10)))

    assert len({json.dumps(found["total"]) for found in asyncio.run(asked())}) == 1


def test_who_is_not_let_in(served: Served):
    assert served.post() in (200, 400)
    assert served.post(authorization="Bearer wrong") == 401
    assert served.post(authorization="") == 401
    assert served.post(host="evil.example") == 421
    assert served.post(host="localhost:1") == 421
    assert served.post(origin="http://evil.example") == 403
    assert served.post(origin=f"http://{served.host}") in (200, 400)


def test_bodies_without_end_are_refused(served: Served):
    assert served.post(b"x" * (2 << 20)) == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b'{"jsonrpc": "2.0", "id": 1, "method": "nope"}', b"[" * 100_000]
)
def test_what_is_no_message_is_refused_and_the_server_goes_on(served: Served, body: bytes):
    assert 400 <= served.post(body) < 500 or body.endswith(b"}")
    over_http(served, lambda client: client.list_tools())


def test_stdout_carries_nothing_but_the_protocol(tmp_path: Path):
    """What is no message leaves nothing else there either."""
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "investigate", "arguments": {"question": "doors", "sources": ["/etc"]}}},
    ]  # fmt: skip
    sent = "\n".join(["no message", *map(json.dumps, messages)]) + "\n"
    process = subprocess.Popen(
        ANDON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=_environment() | {"ANDON_HOME": str(tmp_path)},
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(sent)
    process.stdin.flush()
    answers: list[dict[str, Any]] = []
    while not answers or answers[-1].get("id") != 2:
        answers.append(json.loads(process.stdout.readline()))
    rest, told = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, ""), told
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert answers[-1]["result"]["isError"]


def borrowed(served: Served, variable: str) -> Iterator[Lender]:
    entry = {"url": served.url, "auth": {"bearer": f"${{env:{variable}}}"}, "tools": ["runs", "report"]}
    with open_lenders({"other": entry}, Vault()) as (lender,):
        yield lender


def test_our_client_borrows_from_our_server(served: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTHER_TOKEN", TOKEN)
    for lender in borrowed(served, "OTHER_TOKEN"):
        assert [tool.name for tool in lender.tools] == ["other_runs", "other_report"]
        answer = lender.call("runs", {"limit": 1})
        assert answer.status is Status.OK
        assert answer.lines[0].startswith('{"runs":')
        assert lender.call("report", {"run": "nope"}).status is Status.FAILED


def test_our_client_is_denied_with_a_wrong_token(served: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTHER_TOKEN", "a-wrong-token")
    for lender in borrowed(served, "OTHER_TOKEN"):
        assert lender.tools == ()
        assert str(lender.problems[0]) == "other: access was denied"
        assert "a-wrong-token" not in str(lender.problems)
