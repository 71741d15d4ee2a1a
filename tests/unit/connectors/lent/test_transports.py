from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from andon.connectors.lent import transports
from andon.connectors.lent.transports import Web, started

SERVER = Path(__file__).parents[3] / "fixtures" / "lent" / "server.py"


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """A web server that gives the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def got(web: Web, url: str) -> bytes:
    async def post() -> bytes:
        async with httpx2.AsyncClient(transport=transports._Bounded(web)) as client:
            return (await client.post(url, content=b"{}")).content

    return asyncio.run(post())


def test_an_answer_within_bounds_arrives():
    with answering(200, {}, b"{}") as url:
        web = Web(url, "", 5)
        assert got(web, url) == b"{}"
        assert not web.denied


def test_an_endless_answer_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transports, "MOST_WIRE", 1000)
    with answering(200, {}, b"x" * 100_000) as url, pytest.raises(httpx2.ReadError, match="too long"):
        got(Web(url, "", 5), url)


def test_a_packed_answer_is_an_error():
    packed = {"content-encoding": "gzip"}
    with answering(200, packed, b"\x1f\x8b") as url, pytest.raises(httpx2.ReadError, match="packed"):
        got(Web(url, "", 5), url)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_remembered(status: int):
    with answering(status, {}, b"no") as url:
        web = Web(url, "", 5)
        got(web, url)
        assert web.denied


def test_a_program_that_does_not_exist_cannot_be_started():
    async def start() -> None:
        async with started(["/nowhere/at-all"], {}, None):
            pass

    with pytest.raises(OSError, match="No such file"):
        asyncio.run(start())


def test_no_shell_reads_the_command(tmp_path: Path):
    async def start() -> None:
        async with started(
            [sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", "$(touch pwned)"], {}, tmp_path
        ) as (read, _):
            async for _message in read:
                pass

    asyncio.run(start())
    assert [file.name for file in tmp_path.iterdir()] == ["$(touch pwned)"]


def test_a_program_is_ended_with_its_children(tmp_path: Path):
    grandchild = "import os, time; print(os.getpid(), file=open('pid', 'w'), flush=True); time.sleep(60)"
    program = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(60)"

    async def start() -> None:
        async with started([sys.executable, "-c", program], {}, tmp_path):
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
                await asyncio.sleep(0.01)

    asyncio.run(start())
    pid = int((tmp_path / "pid").read_text())
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
