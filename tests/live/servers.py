"""Real servers for tests: started on a free port in a temporary folder, awaited, stopped.

def test_it(tmp_path):
    port = free_port()
    argv = [installed("prometheus"), f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={tmp_path}"]
    with running(argv, f"http://127.0.0.1:{port}/-/ready", folder=tmp_path) as server:
        ...
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

__all__ = ["RunningServer", "answers", "awaited", "free_port", "installed", "listens", "running"]

PATIENCE = 60.0
"""Seconds that a server may take to be ready; the machine may be busy with other things."""
FAREWELL = 10.0
"""Seconds that a server may take to stop before it is killed."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that was started here: where it writes what it says, and its process id."""

    log: Path
    pid: int

    def said(self, last: int = 2000) -> str:
        """The end of what it wrote to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-last:]


def installed(*names: str) -> str:
    """The path of the first of these programs that is there; skips the test when none is."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"{' or '.join(names)} is not installed here")
    return found


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    argv: Sequence[str],
    ready: str | Callable[[], bool],
    *,
    folder: Path,
    env: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> Iterator[RunningServer]:
    """Runs the program while the block lasts; `ready` is an address that answers with 2xx, or a question.

    `folder` is where it runs and where its output is kept, `env` is added to the environment. The test fails
    with the end of the output when it is not ready in time or ends before.
    """
    log = folder / f"{Path(argv[0]).name}-{free_port()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(argv),
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = RunningServer(log, process.pid)
    is_ready = ready if callable(ready) else lambda: answers(ready)
    try:
        awaited(lambda: process.poll() is not None or is_ready(), f"{argv[0]} is ready", patience, server)
        if process.poll() is not None:
            pytest.fail(f"{argv[0]} ended with {process.returncode}:\n{server.said()}")
        yield server
    finally:
        _stop(process)


def awaited(
    question: Callable[[], bool], what: str, patience: float = PATIENCE, server: RunningServer | None = None
) -> None:
    """Waits until the question is answered with yes; fails the test, naming `what`, when that takes too long."""
    ends = time.monotonic() + patience
    while not question():
        if time.monotonic() > ends:
            pytest.fail(f"after {patience:.0f} s: not {what}\n{server.said() if server else ''}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether a GET of the address is answered with success."""
    try:
        return bool(httpx2.get(url, timeout=2.0, trust_env=False).is_success)
    except httpx2.HTTPError:
        return False


def listens(port: int) -> bool:
    """Whether somebody accepts TCP connections on this port of the loopback interface."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and what it started: its process group, which is its own."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(FAREWELL)
            return
