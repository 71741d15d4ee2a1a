"""Starts, replaces and stops the processes of an estate, and leaves none behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
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
        self._ended: set[str] = set()
        self._versions: dict[str, str] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._all: list[subprocess.Popen[bytes]] = []

    @property
    def pids(self) -> dict[str, int]:
        with self._lock:
            return {name: child.pid for name, child in self._children.items()}

    def start(self, services: Iterable[tuple[str, str]]) -> None:
        """Starts (name, version) pairs at once and waits until all are ready. Raises AndonError."""
        started = [(name, version, self._spawn(name, version)) for name, version in services]
        for name, version, child in started:
            self._await_ready(name, child)
            self._install(name, version, child)

    def replace(self, name: str, version: str) -> None:
        """Rolls a service over: the new process first, then an end to the old one. Raises AndonError."""
        fresh = self._spawn(name, version)
        self._await_ready(name, fresh)
        old = self._install(name, version, fresh)
        if old is not None:
            _end([old])

    def restart(self, name: str) -> None:
        """Ends a service, and starts the same version when it is gone. Raises AndonError."""
        version = self.version(name)
        self.stop([name])
        self.start([(name, version)])

    def version(self, name: str) -> str:
        """The version of a service that was started last."""
        with self._lock:
            return self._versions[name]

    def kill(self, name: str, pid: int) -> bool:
        """SIGKILL, if that process still is the service; whether it was."""
        with self._lock:
            child = self._children.get(name)
            if child is None or child.pid != pid or child.poll() is not None:
                return False
            child.kill()
            return True

    def fallen(self) -> list[tuple[str, int]]:
        """Services that ended without being told to, each reported once, with their exit codes."""
        with self._lock:
            names = [
                name
                for name, child in self._children.items()
                if child.poll() is not None and name not in self._ended
            ]
            ended = [(name, self._children.pop(name)) for name in names]
        for _, child in ended:
            _close_pipes(child)
        return [(name, child.wait()) for name, child in ended]

    def revive(self, name: str) -> bool:
        """Starts a fallen service anew, unless it was ended or replaced meanwhile. Raises AndonError."""
        with self._lock:
            if self._stopped or name in self._ended or name in self._children:
                return False
            version = self._versions[name]
        self.start([(name, version)])
        return True

    def stop(self, names: Iterable[str] | None = None) -> None:
        """Ends the named children, or all of them and for good."""
        with self._lock:
            if names is None:
                self._stopped = True
                ending = [child for child in self._all if child.poll() is None]
            else:
                names = list(names)
                self._ended.update(names)
                ending = [self._children[name] for name in names if name in self._children]
        _end(ending)

    def _install(
        self, name: str, version: str, child: subprocess.Popen[bytes]
    ) -> subprocess.Popen[bytes] | None:
        """Makes this process the service; the one before it."""
        with self._lock:
            old = self._children.get(name)
            self._children[name], self._versions[name] = child, version
            self._ended.discard(name)
            return old

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
    """Takes orders of the control plane and carries them out in the background.

    `POST /deployments` rolls a service over, `POST /restarts` ends it and starts it again.
    """

    def __init__(self, port: int, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.failures: list[AndonError] = []
        super().__init__(("127.0.0.1", port), _AgentHandler)

    def deploy(self, service: str, version: str) -> None:
        self._attempt(lambda: self.supervisor.replace(service, version))

    def restart(self, service: str) -> None:
        self._attempt(lambda: self.supervisor.restart(service))

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except AndonError as error:
            self.failures.append(error)


class _AgentHandler(JsonHandler):
    server: DeploymentAgent

    def respond(self) -> None:
        order = json.loads(self.body())
        service = str(order["service"])
        if self.path == "/restarts":
            act = partial(self.server.restart, service)
        else:
            act = partial(self.server.deploy, service, str(order["version"]))
        threading.Thread(target=act, daemon=True).start()
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
        _close_pipes(child)


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
