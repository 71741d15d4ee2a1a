"""What a process of the estate has at hand: settings, telemetry, a call to stop."""

from __future__ import annotations

import os
import signal
import socketserver
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from andon.demo import clock
from andon.demo.certificates import ServerCertificate, host_name, trust
from andon.demo.conditions import Conditions
from andon.demo.dns import Resolver
from andon.demo.emitter import INFO, Telemetry
from andon.demo.inventory import CERTIFICATES, SERVICES
from andon.demo.services.endpoint import Endpoint
from andon.demo.settings import EstateSettings

__all__ = ["Runtime", "open_runtime"]

_DRAIN_SECONDS = 3.0


@dataclass(slots=True)
class Runtime:
    """`stopping` is set by SIGTERM, SIGINT, or the end of stdin: the supervisor holds its other side."""

    settings: EstateSettings
    name: str
    version: str
    telemetry: Telemetry
    conditions: Conditions
    stopping: threading.Event = field(default_factory=threading.Event)

    def port(self, name: str) -> int:
        return self.settings.ports[name]

    @property
    def certificate(self) -> ServerCertificate | None:
        """What this service proves itself with; None if it serves without TLS."""
        if self.name not in CERTIFICATES:
            return None
        return ServerCertificate(Path(self.settings.folder), self.name, self.conditions)

    def endpoint(self, service: str, path: str = "") -> Endpoint:
        """Where a service is found by its name in the private zone, on a network path if that is guarded."""
        resolver = Resolver(self.port("dns"))
        trusted = trust() if service in CERTIFICATES else None
        return Endpoint(self.port(path or service), host_name(service), resolver, trusted)

    def ready(self) -> None:
        """Tells the supervisor that this process answers."""
        self.telemetry.log(INFO, f"{self.name} {self.version} started")
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    def serve(self, server: socketserver.BaseServer) -> None:
        """Serves until told to stop, then drains: what is in flight is answered."""
        threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True).start()
        self.ready()
        self.stopping.wait()
        server.shutdown()
        server.server_close()


def open_runtime(settings: EstateSettings, name: str, version: str) -> Runtime:
    """A runtime whose telemetry is running and whose signals and stdin are watched."""
    service = SERVICES[name]
    telemetry = Telemetry(name, version, service.account_id, settings.ports["telemetry-receiver"])
    conditions = Conditions(Path(settings.folder), name)
    clock.set_offset(lambda: conditions.value(clock.OFFSET))
    runtime = Runtime(settings, name, version, telemetry, conditions)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        runtime.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_watch_supervisor, args=(runtime.stopping,), daemon=True).start()
    if name not in ("telemetry-receiver", "control-plane", "mobile-carrier"):
        telemetry.start()
    return runtime


def _watch_supervisor(stopping: threading.Event) -> None:
    """When the supervisor dies without a word, stdin ends: stop, and do not outlive it."""
    os.read(sys.stdin.fileno(), 1)
    stopping.set()
    time.sleep(_DRAIN_SECONDS)
    os._exit(1)
