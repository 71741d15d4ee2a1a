from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from andon.demo import supervisor as module
from andon.demo.supervisor import DeploymentAgent, Supervisor
from andon.errors import AndonError

IDLE = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.fixture
def supervisor(tmp_path, monkeypatch) -> Iterator[Supervisor]:
    """Its services only say that they are ready and wait for the end of stdin."""
    real = subprocess.Popen
    monkeypatch.setattr(
        module.subprocess, "Popen", lambda _command, **options: real([sys.executable, "-c", IDLE], **options)
    )
    supervisor = Supervisor(tmp_path / "settings.json", tmp_path)
    yield supervisor
    supervisor.stop()


def fallen(supervisor: Supervisor) -> list[tuple[str, int]]:
    deadline = time.monotonic() + 5
    while not (found := supervisor.fallen()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def test_a_killed_service_is_reported_once_and_revived_in_its_version(supervisor):
    supervisor.start([("svc", "1.2.0")])
    pid = supervisor.pids["svc"]
    assert not supervisor.kill("svc", pid + 1)
    assert supervisor.kill("svc", pid)
    assert fallen(supervisor) == [("svc", -9)]
    assert supervisor.fallen() == []
    assert supervisor.revive("svc")
    assert supervisor.version("svc") == "1.2.0"
    assert supervisor.pids["svc"] != pid


def test_who_was_told_to_end_is_neither_fallen_nor_revived(supervisor):
    supervisor.start([("svc", "1.2.0")])
    supervisor.stop(["svc"])
    assert supervisor.fallen() == []
    assert not supervisor.revive("svc")


def test_the_agent_replaces_and_restarts(supervisor):
    supervisor.start([("svc", "1.2.0")])
    agent = DeploymentAgent(0, supervisor)
    first = supervisor.pids["svc"]
    agent.deploy("svc", "1.3.0")
    second = supervisor.pids["svc"]
    agent.restart("svc")
    assert len({first, second, supervisor.pids["svc"]}) == 3
    assert supervisor.version("svc") == "1.3.0"
    assert agent.failures == []
    agent.server_close()


def test_nothing_starts_after_the_end(supervisor):
    supervisor.stop()
    with pytest.raises(AndonError, match="the estate is stopping"):
        supervisor.start([("svc", "1.2.0")])
