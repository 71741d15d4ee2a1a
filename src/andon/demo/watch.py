"""The watch over the services: what exceeds its memory is killed, what died is started again.

It tells what a host's kernel and an orchestrator's agent would write to the log of the container.
"""

from __future__ import annotations

import signal
import threading
import time

from andon.demo import otlp
from andon.demo.emitter import ERROR, WARN
from andon.demo.inventory import SERVICES
from andon.demo.memory import LIMIT, resident_bytes
from andon.demo.supervisor import Supervisor
from andon.demo.wire import call
from andon.errors import AndonError

__all__ = ["Watch"]

_LOOK_SECONDS = 0.25
_RESTART_SECONDS = 2.0


class Watch(threading.Thread):
    """Looks after the children of a supervisor a few times a second, until `stop`."""

    def __init__(self, supervisor: Supervisor, receiver: int) -> None:
        super().__init__(name="watch", daemon=True)
        self._supervisor = supervisor
        self._receiver = receiver
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            for name, pid in self._supervisor.pids.items():
                if SERVICES[name].module.startswith("andon.demo.services."):
                    self._limit(name, pid)
            for name, code in self._supervisor.fallen():
                threading.Thread(target=self._revive, args=(name, code), daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _limit(self, name: str, pid: int) -> None:
        resident = resident_bytes(pid)
        if resident > LIMIT and self._supervisor.kill(name, pid):
            kibibytes = resident // 1024
            self._tell(
                name,
                ERROR,
                f"Memory cgroup out of memory: Killed process {pid} (python3) "
                f"total-vm:{kibibytes * 5}kB, anon-rss:{kibibytes}kB, file-rss:0kB, shmem-rss:0kB, "
                "UID:1000 oom_score_adj:0",
            )

    def _revive(self, name: str, code: int) -> None:
        killed = code == -signal.SIGKILL
        reason = (
            "OutOfMemoryError: Container killed due to memory usage"
            if killed
            else "Essential container exited"
        )
        self._tell(
            name,
            ERROR,
            f"task of service {name} stopped: {reason} (exit code {128 - code if code < 0 else code})",
        )
        time.sleep(_RESTART_SECONDS)
        try:
            if self._supervisor.revive(name):
                self._tell(name, WARN, f"(service {name}) has started 1 tasks to replace the stopped one")
        except AndonError as error:
            self._tell(name, ERROR, f"(service {name}) is unable to place a task: {error}")

    def _tell(self, name: str, severity: int, body: str) -> None:
        service = SERVICES[name]
        record = {
            "timeUnixNano": str(time.time_ns()),
            "severityNumber": severity,
            "severityText": otlp.SEVERITY_TEXT[severity],
            "body": {"stringValue": body},
            "attributes": otlp.attributes({"log.source": "ecs-agent"}),
        }
        resource = otlp.resource(name, self._supervisor.version(name), service.account_id)
        try:
            call(self._receiver, "POST", "/v1/logs", otlp.logs_request(resource, [record]), timeout=2)
        except OSError:
            return
