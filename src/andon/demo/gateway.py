"""The network between accounts: a TCP proxy that enforces security groups.

Each guarded path has a listener. While no ingress rule permits its source, nothing is accepted and the
queue of the listening socket is kept full, so the kernel drops the packets of whoever connects: the client
hears nothing until its own timeout, as behind a real security group. Established connections live on, as
tracked connections do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
import struct
import threading
from collections.abc import Sequence

from andon.demo.emitter import INFO
from andon.demo.inventory import SECURITY_GROUPS, SecurityGroup
from andon.demo.metering import Meter
from andon.demo.rules import Rule, RuleTable
from andon.demo.runtime import Runtime
from andon.demo.wire import JsonHandler, JsonServer

__all__ = ["GuardedListener", "initial_rules", "main"]

_BACKLOG = 128
_PLUGS = 8
_SO_MEMINFO, _MEMINFO_WORDS, _MEMINFO_DROPS = 55, 9, 8


def initial_rules() -> RuleTable:
    """Every path of the inventory is permitted."""
    table = RuleTable()
    for group in SECURITY_GROUPS:
        table.create(group.id, Rule("tcp", group.port, group.port, group.peer))
    return table


class GuardedListener:
    """Proxies `port` to `backend` on loopback while open; lives in one event loop."""

    def __init__(self, name: str, port: int, backend: int, meter: Meter) -> None:
        self.name = name
        self._backend = backend
        self._meter = meter
        self._plugs: list[socket.socket] = []
        self._flows: set[asyncio.Task[None]] = set()
        self._dropped = 0
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(_BACKLOG)
        meter.count("gateway.connections.accepted", 0, path=name)
        meter.gauge("gateway.connections.active", lambda: len(self._flows), "1", path=name)

    def open(self) -> None:
        """Accepts; what waited in the queue meanwhile is served first."""
        for plug in self._plugs:
            plug.close()
        self._plugs = []
        self._socket.listen(_BACKLOG)
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def close(self) -> None:
        """Drops: stops accepting and fills the queue with connections of our own."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.listen(0)
        for _ in range(_PLUGS):
            plug = _connect_briefly(self._socket.getsockname())
            if plug is None:
                break
            self._plugs.append(plug)
        self._dropped = self._drops()

    def shut(self) -> None:
        """Ends the listener and every flow through it."""
        asyncio.get_running_loop().remove_reader(self._socket)
        for flow in self._flows:
            flow.cancel()
        for plug in self._plugs:
            plug.close()
        self._socket.close()

    def measure(self) -> None:
        """Adds the packets that the kernel dropped since the last call to the meter."""
        total = self._drops()
        self._meter.count("gateway.packets.dropped", max(total - self._dropped, 0), path=self.name)
        self._dropped = total

    def _drops(self) -> int:
        """The drop counter of the listening socket, where the kernel keeps one (Linux, sock(7))."""
        with contextlib.suppress(OSError, struct.error):
            words = self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _MEMINFO_WORDS)
            return int(struct.unpack(f"{_MEMINFO_WORDS}I", words)[_MEMINFO_DROPS])
        return 0

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._socket.accept()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._meter.count("gateway.connections.accepted", path=self.name)
            flow = asyncio.get_running_loop().create_task(self._proxy(client))
            self._flows.add(flow)
            flow.add_done_callback(self._flows.discard)

    async def _proxy(self, client: socket.socket) -> None:
        near_reader, near_writer = await asyncio.open_connection(sock=client)
        writers = [near_writer]
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._backend)
            writers.append(far_writer)
            pumps = [_pump(near_reader, far_writer), _pump(far_reader, near_writer)]
            tasks = [asyncio.ensure_future(pump) for pump in pumps]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        except OSError:
            self._meter.count("gateway.backend.refused", path=self.name)
        finally:
            for writer in writers:
                writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()


def _connect_briefly(address: tuple[str, int]) -> socket.socket | None:
    """A connection that completes at once, None when the queue is full."""
    plug = socket.socket()
    plug.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        plug.connect(address)
    _, connected, _ = select.select([], [plug], [], 0.05)
    if connected and plug.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
        return plug
    plug.close()
    return None


class _Gateway:
    """The listeners of all security groups; rules arrive from the control plane in another thread."""

    def __init__(self, runtime: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        self.table = initial_rules()
        self._loop = loop
        self._groups = {group.id: group for group in SECURITY_GROUPS}
        self.listeners = {
            group.id: GuardedListener(
                group.listener,
                runtime.port(group.listener),
                runtime.port(group.destination),
                runtime.telemetry.meter,
            )
            for group in SECURITY_GROUPS
        }
        self._open: set[str] = set()

    def enforce(self, group: SecurityGroup) -> None:
        permitted = self.table.permits(group.id, group.peer, group.port)
        if permitted and group.id not in self._open:
            self._open.add(group.id)
            self.listeners[group.id].open()
        elif not permitted and group.id in self._open:
            self._open.discard(group.id)
            self.listeners[group.id].close()

    def replace(self, group: str, rules: Sequence[Rule]) -> None:
        """Puts the rules of a group in force before it returns; called from any thread."""

        async def put() -> None:
            self.table.create(group, *rules)
            self.enforce(self._groups[group])

        asyncio.run_coroutine_threadsafe(put(), self._loop).result(timeout=5)


class _RulesServer(JsonServer):
    def __init__(self, port: int, gateway: _Gateway) -> None:
        self.gateway = gateway
        super().__init__(("127.0.0.1", port), _RulesHandler)


class _RulesHandler(JsonHandler):
    server: _RulesServer

    def respond(self) -> None:
        permissions = json.loads(self.body())
        rules = [rule for permission in permissions for rule in Rule.of_permission(permission)]
        self.server.gateway.replace(self.path.rpartition("/")[2], rules)
        self.reply(200, {})


async def _run(runtime: Runtime) -> None:
    gateway = _Gateway(runtime, asyncio.get_running_loop())
    for group in SECURITY_GROUPS:
        gateway.enforce(group)
    server = _RulesServer(runtime.port(runtime.name), gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runtime.telemetry.log(INFO, f"{len(gateway.listeners)} listeners open")
    runtime.ready()
    while not runtime.stopping.is_set():
        for listener in gateway.listeners.values():
            listener.measure()
        await asyncio.sleep(0.5)
    server.shutdown()
    server.server_close()
    for listener in gateway.listeners.values():
        listener.shut()


def main(runtime: Runtime) -> None:
    """Runs the network between accounts until it is told to stop."""
    asyncio.run(_run(runtime))
