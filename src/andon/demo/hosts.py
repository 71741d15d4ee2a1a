"""The hosts that the services run on: who else takes their CPU, and what a node agent reports of them.

Each service has a host of its own. A neighbour that takes the CPU is real for the process: it is stopped and
continued (SIGSTOP, SIGCONT) as a hypervisor does with a virtual CPU. The agent is of the host, not of the
service: it reports while the service stands still.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from andon.demo import clock, otlp
from andon.demo.conditions import Conditions
from andon.demo.inventory import SERVICES, Service
from andon.demo.metering import Meter
from andon.demo.wire import call

__all__ = ["CPU_STOLEN", "HOSTED", "Host", "Hosts"]

CPU_STOLEN = "cpu.stolen"
"""The condition of a service whose CPU others take: the share of time, 0 to 1."""

HOSTED = tuple(s.name for s in SERVICES.values() if s.stage in (1, 2) and s.account_id)
"""Services that run in an account, and so on a host with an agent."""

_REPORT_SECONDS = 2.0
_LOOK_SECONDS = 0.5
_TURN_SECONDS = 1.8
_LOAD_MEMORY_SECONDS = 15.0


class Host:
    """One virtual machine: its neighbours and its gauges. `pid` tells which process runs on it now, 0 for none."""

    def __init__(self, service: Service, conditions: Conditions, pid: Callable[[], int], seed: int) -> None:
        self._draw = random.Random(f"host {service.name} {seed}")
        self._conditions = conditions
        self._pid = pid
        self._stopped = 0.0
        self._load = self._draw.uniform(0.05, 0.3)
        self._resource = otlp.resource(service.name, service.version, service.account_id)
        self._resource["attributes"] += otlp.attributes({"host.name": _host_name(self._draw)})
        self._meter = Meter(lambda: time.time_ns() + round(self._skew * 1e9))
        self._busy = _BusyClock(pid)
        self._last = (time.monotonic(), 0.0)
        self._steal = 0.0
        self._meter.gauge("system.cpu.utilization", lambda: self._steal, state="steal")
        self._meter.gauge("system.cpu.utilization", self._busy.share, state="user")
        self._meter.gauge("system.cpu.load_average.1m", lambda: self._load)
        self._meter.gauge("ntp.time.last_offset", lambda: self._skew + self._draw.gauss(0, 0.0008), "s")

    def share_cpu(self, closing: threading.Event) -> None:
        """Lets the process stand still for the share of time that others take, until closing."""
        while not closing.is_set():
            pid, share = self._pid(), self._conditions.value(CPU_STOLEN)
            if pid and share:
                turn = _TURN_SECONDS * self._draw.uniform(0.7, 1.3)
                self._stop(pid, turn * share, closing)
                closing.wait(turn * (1 - share))
            else:
                closing.wait(_LOOK_SECONDS)

    def _stop(self, pid: int, seconds: float, closing: threading.Event) -> None:
        began = time.monotonic()
        try:
            _signal(pid, signal.SIGSTOP)
            closing.wait(seconds)
        finally:
            _signal(pid, signal.SIGCONT)
        self._stopped += time.monotonic() - began

    def report(self) -> dict[str, Any]:
        """The `ResourceMetrics` that the agent sends now; its stamps are those of the host."""
        now, (before, stopped) = time.monotonic(), self._last
        passed, self._last = max(now - before, 1e-9), (now, self._stopped)
        self._steal = min((self._stopped - stopped) / passed + self._draw.uniform(0, 0.004), 1.0)
        waiting = 6 * self._steal + self._draw.uniform(0.02, 0.3)
        self._load += (waiting - self._load) * min(passed / _LOAD_MEMORY_SECONDS, 1)
        resource, *_ = otlp.metrics_request(self._resource, self._meter.collect())["resourceMetrics"]
        return dict(resource)

    @property
    def _skew(self) -> float:
        return self._conditions.value(clock.OFFSET)


class Hosts:
    """All hosts of an estate; `pids` are the processes that run now. Thread-safe."""

    def __init__(self, folder: Path, seed: int, pids: Callable[[], Mapping[str, int]], receiver: int) -> None:
        self._receiver = receiver
        self._closing = threading.Event()
        self._hosts = [
            Host(SERVICES[name], Conditions(folder, name), partial(_pid, pids, name), seed) for name in HOSTED
        ]
        self._threads = [
            threading.Thread(target=host.share_cpu, args=(self._closing,), daemon=True)
            for host in self._hosts
        ]
        self._threads.append(threading.Thread(target=self._report, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when every process goes on; may be called twice."""
        self._closing.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _report(self) -> None:
        while not self._closing.wait(_REPORT_SECONDS):
            request = {"resourceMetrics": [host.report() for host in self._hosts]}
            with contextlib.suppress(OSError):
                call(self._receiver, "POST", "/v1/metrics", request, timeout=1)


def _pid(pids: Callable[[], Mapping[str, int]], service: str) -> int:
    return pids().get(service, 0)


class _BusyClock:
    """The share of one CPU that a process used since it was last asked, where /proc tells (proc(5))."""

    def __init__(self, pid: Callable[[], int]) -> None:
        self._pid = pid
        self._last = (time.monotonic(), 0.0)

    def share(self) -> float:
        ticks = 0.0
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{self._pid()}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks = float(fields[11]) + float(fields[12])
        now, (before, used) = time.monotonic(), self._last
        self._last = (now, ticks)
        seconds = max(ticks - used, 0.0) / os.sysconf("SC_CLK_TCK")
        return round(min(seconds / max(now - before, 1e-9), 1.0), 5)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _host_name(draw: random.Random) -> str:
    return f"ip-10-{draw.randint(10, 90)}-{draw.randint(0, 63)}-{draw.randint(4, 250)}"
