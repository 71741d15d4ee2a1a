from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from andon.connectors.received import ReceivedStore, Retention
from andon.errors import ConfigError, StorageError
from andon.intake.access import Access, Address
from andon.intake.serving import Service, serve
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import logs, traces

ALL = Window(0.0, 4e9)
HERE = Address("127.0.0.1", 0)
SERVE = """
import json, sys
from pathlib import Path
from andon.intake import Address, Service, serve
here = Address("127.0.0.1", 0)
serve(Service(here, here, Path(sys.argv[1])), lambda found: print(json.dumps([found.http.port, found.grpc.port]), flush=True))
"""


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """A receiver in a process of its own, with its ports."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, *json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def post(connection: http.client.HTTPConnection, body: bytes) -> int:
    connection.request("POST", "/v1/logs", body, {"content-type": "application/x-protobuf"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def send(port: int, sender: int, acknowledged: set[int], many: int = 10_000) -> None:
    """One request after the other, each with a record of its own number, until the server is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with suppress(OSError, http.client.HTTPException):
        for number in range(sender, many, 4):
            if post(connection, logs([number]).SerializeToString()) == 200:
                acknowledged.add(number)
    connection.close()


def stored(folder: Path) -> list[int]:
    return [int(text.removeprefix("at ")) for text in ReceivedStore.open(folder).logs(ALL).value.bodies]


def test_killed_under_load_it_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    folder, acknowledged = tmp_path / "received", set[int]()
    with served(folder) as (process, port, _):
        senders = [threading.Thread(target=send, args=(port, i, acknowledged)) for i in range(4)]
        for sender in senders:
            sender.start()
        while len(acknowledged) < 100:
            senders[0].join(0.01)
        process.send_signal(signal.SIGKILL)
        for sender in senders:
            sender.join()
    kept = stored(folder)
    assert len(acknowledged) >= 100 and acknowledged <= set(kept)
    assert len(kept) == len(set(kept)) and len(set(kept) - acknowledged) <= 4
    with served(folder) as (_, port, _):
        send(port, 20_000, acknowledged, many=20_001)

    assert set(stored(folder)) == {*kept, 20_000}


def test_told_to_stop_it_answers_what_is_under_way_and_closes_its_segment(tmp_path: Path) -> None:
    import grpc
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

    folder, acknowledged = tmp_path / "received", set[int]()
    with served(folder) as (process, port, grpc_port):
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
            TraceServiceStub(channel).Export(traces([1]), timeout=10)
        send(port, 0, acknowledged, many=40)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert sorted(stored(folder)) == sorted(acknowledged) == list(range(0, 40, 4))
    assert ReceivedStore.open(folder).spans(ALL).count == 1
    assert len(list(folder.glob("*.json"))) == len(list(folder.glob("*.otlp"))) == 1


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (Service(Address("0.0.0.0", 0), None, Path("x")), "no token"),
        (Service(HERE, Address("::", 0), Path("x")), "no token"),
        (Service(None, None, Path("x")), "neither"),
        (Service(HERE, None, Path("x"), Retention(size=1000)), "100 MB"),
    ],
)
def test_what_must_not_be_served_is_refused_before_anything_is_touched(
    service: Service, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        serve(service, lambda _: None)
    assert not list(tmp_path.iterdir())


def test_with_a_token_others_may_be_served() -> None:
    Service(Address("0.0.0.0", 0), None, Path("x"), access=Access("abc")).guard()


def test_an_address_that_is_taken_is_said_and_the_folder_let_go(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1])
        for _ in range(2):
            with pytest.raises(StorageError, match="cannot listen"):
                serve(Service(address, None, tmp_path / "received"), lambda _: None)
