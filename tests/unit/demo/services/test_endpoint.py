from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from andon.demo.services.endpoint import Endpoint
from andon.demo.settings import free_ports


def resolver(address: str) -> SimpleNamespace:
    return SimpleNamespace(address=lambda _: address)


def test_a_connection_goes_to_the_address_that_the_name_stands_for():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        Endpoint(port, "api.internal", resolver("10.0.0.1")).connect(1.0).close()
        with pytest.raises(OSError, match=r"refused.*10\.0\.7\.9|assign|timed out"):
            Endpoint(port, "api.internal", resolver("10.0.7.9")).connect(1.0)


def test_a_port_where_nobody_listens_refuses():
    with pytest.raises(ConnectionRefusedError):
        Endpoint(free_ports(1)[0]).connect(1.0)
