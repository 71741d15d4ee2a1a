"""The demo estate as one thing: start it, change it through its control plane, stop it."""

from __future__ import annotations

import random
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from andon.demo.certificates import install
from andon.demo.cloudtrail import Trail
from andon.demo.conditions import impose
from andon.demo.control_client import ControlPlane
from andon.demo.extras import require
from andon.demo.faults import FAULTS, Call, Change
from andon.demo.hosts import Hosts
from andon.demo.inventory import SECRETS, SECURITY_GROUPS, SERVICES
from andon.demo.settings import EstateSettings, free_ports
from andon.demo.supervisor import DeploymentAgent, Supervisor
from andon.demo.watch import Watch
from andon.demo.wire import call as request
from andon.demo.work_orders import Maintenance
from andon.errors import AndonError, UsageError

__all__ = ["Estate"]

_RECEIVER = "telemetry-receiver"


class Estate:
    """A connected-car system of real processes on loopback.

    `load` is requests a second of each of the two apps, `affected` (0 to 1) the share of customers with each
    unusual trait. Use it as a context manager: whatever happens inside, SIGTERM and Ctrl-C included, its
    processes are gone afterwards, and so is its folder. Raises MissingExtra without the `demo` extra,
    AndonError when a process does not start.
    """

    def __init__(self, *, load: float = 2.5, affected: float = 0.5) -> None:
        self._load = load
        self._affected = affected
        self._folder = Path()
        self._supervisor: Supervisor | None = None
        self._agent: DeploymentAgent | None = None
        self._watch: Watch | None = None
        self._hosts: Hosts | None = None
        self._settings: EstateSettings | None = None
        self._previous_sigterm: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous_sigterm = signal.signal(signal.SIGTERM, _exit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            if self._previous_sigterm is not None:
                signal.signal(signal.SIGTERM, self._previous_sigterm)
                self._previous_sigterm = None

    @property
    def settings(self) -> EstateSettings:
        if self._settings is None:
            raise AndonError("the estate is not started")
        return self._settings

    @property
    def control_plane(self) -> ControlPlane:
        return ControlPlane(self.settings.ports["control-plane"])

    @property
    def trail(self) -> Trail:
        return Trail(self.settings.trail)

    @property
    def pids(self) -> dict[str, int]:
        """The processes that run now, by service."""
        return self._supervisor.pids if self._supervisor else {}

    @property
    def failures(self) -> list[AndonError]:
        """Deployments that did not come up."""
        return list(self._agent.failures) if self._agent else []

    def start(self, seed: int) -> None:
        """Starts every process, stage by stage; the customers and their habits follow from the seed."""
        for module in ("amqtt.broker", "paho.mqtt.client"):
            require(module)
        self._folder = Path(tempfile.mkdtemp(prefix="andon-estate-"))
        (self._folder / "telemetry").mkdir()
        (self._folder / "logs").mkdir()
        install(self._folder)
        self._settings = self._new_settings(seed)
        self._settings.write(self._folder / "settings.json")
        self._supervisor = Supervisor(self._folder / "settings.json", self._folder / "logs")
        self._agent = DeploymentAgent(self._settings.ports["agent"], self._supervisor)
        threading.Thread(target=self._agent.serve_forever, daemon=True).start()
        for stage in range(4):
            batch = [(s.name, s.version) for s in SERVICES.values() if s.stage == stage]
            self._supervisor.start(batch)
        self._watch = Watch(self._supervisor, self._settings.ports[_RECEIVER])
        self._watch.start()
        self._hosts = Hosts(self._folder, seed, lambda: self.pids, self._settings.ports[_RECEIVER])
        self._hosts.start()

    def perform(self, change: Change) -> list[str]:
        """Makes the calls of a change, whatever its `at`, and lets happen what befalls; the ids of its events.

        Raises AndonError when the control plane refuses what it should do, or does what it should refuse.
        """
        events = []
        for call in change.calls:
            event, answer = self.call(call)
            if ("error" in answer) != change.refused:
                raise AndonError(f"{call.name} on {change.component}: unexpected answer {answer}")
            events.append(event)
        events += [Maintenance(self._folder).close(order) for order in change.orders]
        for happening in change.happenings:
            impose(self._folder, happening.service, happening.condition, happening.value)
        return events

    def call(self, call: Call) -> tuple[str, dict[str, Any]]:
        """One call of the control plane: its CloudTrail event id, and the answer."""
        return self.control_plane.call(call.identity, call.account, call.source, call.name, call.parameters)

    def inject(self, fault: str) -> list[str]:
        """Breaks the estate now; no event for a control. Raises UsageError for an unknown fault."""
        if fault not in FAULTS:
            raise UsageError(f"there is no fault {fault!r}", hint=f"one of: {', '.join(FAULTS)}")
        culprits = FAULTS[fault].draw(random.Random(self.settings.seed), 0).culprits
        return [event for culprit in culprits for event in self.perform(culprit.change)]

    def forget(self) -> None:
        """Empties what the receiver has written so far: the noise of starting is not part of a recording."""
        request(self.settings.ports[_RECEIVER], "POST", "/reset", {})

    def settle(self) -> Path:
        """Ends all processes but the receiver, callers first, each sending what it holds; the telemetry folder."""
        if self._hosts is not None:
            self._hosts.stop()
        for stage in (3, 2, 1):
            if self._supervisor is not None:
                self._supervisor.stop(
                    [service.name for service in SERVICES.values() if service.stage == stage]
                )
        return self.settings.telemetry

    def stop(self) -> None:
        """Ends all processes and removes the folder; may be called twice."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        if self._hosts is not None:
            self._hosts.stop()
            self._hosts = None
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None
        if self._agent is not None:
            self._agent.shutdown()
            self._agent.server_close()
            self._agent = None
        if self._settings is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._settings = None

    def _new_settings(self, seed: int) -> EstateSettings:
        names = [*SERVICES, *(group.listener for group in SECURITY_GROUPS), "agent", "dns"]
        return EstateSettings(
            folder=str(self._folder),
            seed=seed,
            load=self._load,
            affected=self._affected,
            ports=dict(zip(names, free_ports(len(names)), strict=True)),
            db_admin_password=secrets.token_urlsafe(24),
            secrets={name: secrets.token_urlsafe(24) for name in SECRETS},
        )


def _exit(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
