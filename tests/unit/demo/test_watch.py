from __future__ import annotations

import signal

import pytest

from andon.demo import watch
from andon.demo.memory import LIMIT
from andon.demo.watch import Watch

AUTH = "auth-service"


class Services:
    """A supervisor of one service whose process a test kills and revives."""

    def __init__(self) -> None:
        self.killed: list[tuple[str, int]] = []
        self.revived: list[str] = []

    def kill(self, name: str, pid: int) -> bool:
        self.killed.append((name, pid))
        return True

    def revive(self, name: str) -> bool:
        self.revived.append(name)
        return True

    def version(self, _name: str) -> str:
        return "2.7.4"


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """The log lines that the watch sends."""
    told: list[str] = []

    def send(_port, _method, _path, request, **_):
        (group,) = request["resourceLogs"]
        told.append(group["scopeLogs"][0]["logRecords"][0]["body"]["stringValue"])

    monkeypatch.setattr(watch, "call", send)
    monkeypatch.setattr(watch, "_RESTART_SECONDS", 0)
    return told


def test_a_process_above_its_limit_is_killed_and_the_kernel_says_so(told, monkeypatch):
    services = Services()
    monkeypatch.setattr(watch, "resident_bytes", lambda pid: LIMIT + 1 if pid == 7 else LIMIT)
    guard = Watch(services, 9)
    guard._limit(AUTH, 6)
    assert (services.killed, told) == ([], [])
    guard._limit(AUTH, 7)
    assert services.killed == [(AUTH, 7)]
    assert "out of memory: Killed process 7" in told[0]


@pytest.mark.parametrize(
    ("code", "said"), [(-signal.SIGKILL, "OutOfMemoryError"), (1, "Essential container exited")]
)
def test_what_fell_is_started_again(told, code, said):
    services = Services()
    Watch(services, 9)._revive(AUTH, code)
    assert services.revived == [AUTH]
    assert said in told[0]
    assert ("137" in told[0]) == (code < 0)
    assert "has started 1 tasks" in told[1]
