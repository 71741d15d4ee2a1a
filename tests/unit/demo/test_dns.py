from __future__ import annotations

import socket
import threading

import pytest

from andon.demo.dns import Record, Resolver, ZoneServer, loopback
from andon.demo.settings import free_ports


@pytest.fixture
def records() -> dict[str, Record]:
    return {"api.internal": Record("10.0.0.1", ttl=30), "www.internal": Record(alias="api.internal", ttl=0)}


@pytest.fixture
def port(records):
    (port,) = free_ports(1)
    server = ZoneServer(port, records.get)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_is_resolved_and_kept_for_its_time_to_live(port, records):
    resolver = Resolver(port)
    assert resolver.address("api.internal") == "10.0.0.1"
    records["api.internal"] = Record("10.0.0.2")
    assert resolver.address("api.internal") == "10.0.0.1"
    assert Resolver(port).address("api.internal") == "10.0.0.2"


def test_an_alias_is_followed_and_one_of_nothing_does_not_exist(port, records):
    assert Resolver(port).address("www.internal") == "10.0.0.1"
    records["www.internal"] = Record(alias="api-v2.internal")
    with pytest.raises(socket.gaierror, match="Name or service not known") as failure:
        Resolver(port).address("www.internal")
    assert failure.value.errno == socket.EAI_NONAME


def test_a_server_that_is_silent_is_a_failure_of_the_moment():
    (port,) = free_ports(1)
    with pytest.raises(socket.gaierror, match="Temporary failure in name resolution"):
        Resolver(port).address("api.internal")


def test_the_network_of_the_estate_lies_on_loopback():
    assert loopback("10.0.3.4") == "127.0.3.4"
