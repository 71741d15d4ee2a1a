"""Both servers together: from their settings to a clean end.

The end comes with SIGTERM or SIGINT: no more requests are taken, those under way are answered, what was
taken is brought to the disk.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from andon.connectors.received import Retention, SegmentWriter
from andon.connectors.received.frames import Kind
from andon.connectors.received.libraries import request_class, require
from andon.errors import ConfigError, StorageError
from andon.intake.access import Access, Address
from andon.intake.grpc import GrpcIntake
from andon.intake.http import HttpIntake
from andon.intake.pressure import Pressure
from andon.intake.recorder import Recorder

if TYPE_CHECKING:
    import uvicorn

__all__ = ["Listening", "Service", "serve"]

_SMALLEST = 100 * 10**6
_GRACE_SECONDS = 10.0
_MOST_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be served: addresses (None: not at all), where it is kept and how long, and who may send.

    `most_bytes` and `most_requests` bound what waits to be written; with `fsync` nothing is acknowledged
    before the disk has it.
    """

    http: Address | None
    grpc: Address | None
    folder: Path
    retention: Retention = field(default_factory=Retention)
    access: Access = field(default_factory=Access)
    fsync: bool = False
    most_bytes: int = 64 << 20
    most_requests: int = 512

    def guard(self) -> None:
        """Raises ConfigError when something must not be served like this."""
        if self.http is None and self.grpc is None:
            raise ConfigError("neither HTTP nor gRPC is served", hint="leave one of them on")
        for address in (self.http, self.grpc):
            if address is not None:
                self.access.guard(address)
        if self.retention.size < _SMALLEST:
            raise ConfigError("less than 100 MB is too little to keep telemetry in", hint="--size 5GB")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the servers listen, once they do."""

    http: Address | None
    grpc: Address | None


def serve(service: Service, ready: Callable[[Listening], None]) -> None:
    """Serves until SIGTERM or SIGINT; calls `ready` when requests are taken.

    Raises ConfigError, StorageError when the folder or an address is taken, and MissingExtra.
    """
    service.guard()
    # What is missing is said now, not at the first request.
    request_class(Kind.LOGS)
    writer = SegmentWriter(service.folder, service.retention, fsync=service.fsync)
    recorder = Recorder(writer)
    try:
        _serve(service, recorder, ready)
    finally:
        recorder.close()


def _serve(service: Service, recorder: Recorder, ready: Callable[[Listening], None]) -> None:
    pressure = Pressure(service.most_bytes, service.most_requests)
    grpc = GrpcIntake(service.grpc, recorder, pressure, service.access) if service.grpc else None
    try:
        application = HttpIntake(recorder, pressure, service.access)
        asyncio.run(_until_told(service.http, application, grpc, ready))
    finally:
        if grpc is not None:
            grpc.stop(_GRACE_SECONDS)


async def _until_told(
    http: Address | None, application: HttpIntake, grpc: GrpcIntake | None, ready: Callable[[Listening], None]
) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    listening = Listening(None, grpc.address if grpc else None)
    if http is None:
        ready(listening)
        await told.wait()
        return
    with _bound(http) as (listener, address):
        server = _server(application)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        ready(Listening(address, listening.grpc))
        stopping = asyncio.create_task(told.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        server.should_exit = True
        await serving


@contextmanager
def _bound(address: Address) -> Iterator[tuple[socket.socket, Address]]:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server((address.host, address.port), family=family, backlog=1024)
    except OSError as error:
        raise StorageError(
            f"{address}: cannot listen: {error.strerror}",
            hint="is another receiver running? Name another port",
        ) from error
    with listener:
        # Answers go out in two parts; held back, the second waits 40 ms for the peer to acknowledge the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener, Address(address.host, listener.getsockname()[1])


def _server(application: HttpIntake) -> uvicorn.Server:
    require("uvicorn")
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to us, who have two servers to end."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=int(_GRACE_SECONDS),
    )
    return Server(config)
