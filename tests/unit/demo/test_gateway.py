from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from andon.demo.gateway import GuardedListener, initial_rules
from andon.demo.inventory import SECURITY_GROUPS
from andon.demo.metering import Meter
from andon.demo.settings import free_ports


@pytest.fixture
def backend() -> Iterator[int]:
    """Answers every connection with `hello`."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=0.3) as client:
        return client.recv(100)


def test_a_closed_listener_drops_and_an_opened_one_serves_again(backend):
    async def scenario() -> list[object]:
        (port,) = free_ports(1)
        listener = GuardedListener("ios>rvm", port, backend, Meter())
        seen: list[object] = []
        for change in (listener.open, listener.close, listener.open):
            change()
            try:
                seen.append(await asyncio.to_thread(ask, port))
            except TimeoutError:
                seen.append("timed out")
        listener.shut()
        return seen

    assert asyncio.run(scenario()) == [b"hello", "timed out", b"hello"]


def test_every_path_is_open_at_first():
    table = initial_rules()
    assert all(table.permits(group.id, group.peer, group.port) for group in SECURITY_GROUPS)
