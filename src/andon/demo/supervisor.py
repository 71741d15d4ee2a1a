"""Starts, replaces and stops the processes of an estate, and leaves none behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import andon
from andon.demo.wire import JsonHandler, JsonServer
from andon.errors import AndonError

__all__ = ["DeploymentAgent", "Supervisor"]

_READY_SECONDS = 30.0
_TERM_SECONDS = 4.0


class Supervisor:
    """Each child runs `python -m andon.demo` in a session of its own and says `ready` on stdout.

    A child's stdin is a pipe that this process holds: should this process die, the pipe ends and the child
    stops by itself. Thread-safe.
    """

    def __init__(self, settings: Path, logs: Path) -> None:
        self._settings = settings
        self._logs = logs
        self._lock = threading.Lock()
        self._stopped = False
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._all: list[subprocess.Popen[bytes]] = []

    @property
    def pids(self) -> dict[str, int]:
        with self._lock:
            return {name: child.pid for name, child in self._children.items()}

    def start(self, services: Iterable[tuple[str, str]]) -> None:
        """Starts (name, version) pairs at once and waits until all are ready. Raises AndonError."""
        started = [(name, self._spawn(name, version)) for name, version in services]
        for name, child in started:
            self._await_ready(name, child)
            with self._lock:
                self._children[name] = child

    def replace(self, name: str, version: str) -> None:
        """Rolls a service over: the new process first, then an end to the old one. Raises AndonError."""
        fresh = self._spawn(name, version)
        self._await_ready(name, fresh)
        with self._lock:
            old = self._children.get(name)
            self._children[name] = fresh
        if old is not None:
            _end([old])

    def stop(self, names: Iterable[str] | None = None) -> None:
        """Ends the named children, or all of them and for good."""
        with self._lock:
            if names is None:
                self._stopped = True
                ending = [child for child in self._all if child.poll() is None]
            else:
                ending = [self._children[name] for name in names if name in self._children]
        _end(ending)

    def _spawn(self, name: str, version: str) -> subprocess.Popen[bytes]:
        root = str(Path(andon.__file__).parents[1])
        search = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        command = [sys.executable, "-m", "andon.demo", name, str(self._settings), version]
        with self._lock, (self._logs / f"{name}.log").open("ab") as log:
            if self._stopped:
                raise AndonError(f"{name} is not started: the estate is stopping")
            child = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": search, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
            self._all.append(child)
        return child

    def _await_ready(self, name: str, child: subprocess.Popen[bytes]) -> None:
        said: list[bytes] = []
        stdout = child.stdout
        if stdout is None:
            raise AndonError(f"{name} has no stdout")
        listener = threading.Thread(target=lambda: said.append(stdout.readline()), daemon=True)
        listener.start()
        listener.join(_READY_SECONDS)
        if said != [b"ready\n"]:
            _end([child])
            log = (self._logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            raise AndonError(f"{name} of the demo estate did not start", hint=log[-2000:])


class DeploymentAgent(JsonServer):
    """Takes `POST /deployments` of the control plane and rolls the service over in the background."""

    def __init__(self, port: int, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.failures: list[AndonError] = []
        super().__init__(("127.0.0.1", port), _AgentHandler)

    def deploy(self, service: str, version: str) -> None:
        try:
            self.supervisor.replace(service, version)
        except AndonError as error:
            self.failures.append(error)


class _AgentHandler(JsonHandler):
    server: DeploymentAgent

    def respond(self) -> None:
        order = json.loads(self.body())
        roll = (str(order["service"]), str(order["version"]))
        threading.Thread(target=self.server.deploy, args=roll, daemon=True).start()
        self.reply(202, {})


def _end(children: Iterable[subprocess.Popen[bytes]]) -> None:
    """SIGTERM, a few seconds, SIGKILL; returns when every one of them is gone."""
    children = list(children)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _TERM_SECONDS
    for child in children:
        try:
            child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for child in children:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
