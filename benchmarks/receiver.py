"""What the OTLP receiver takes on one core, what it does when it is too much, and what is lost when it is killed.

The server has one core and the senders the others. Each request is 512 log records or spans and one more
that numbers it; afterwards what lies in the folder is read back and compared with what was acknowledged.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.connectors.received import Kind, ReceivedStore
from andon.telemetry import Window
from benchmarks.figures import ROOT, Benchmark, Figure, Options, Unmeasured, say

__all__ = ["BENCHMARK"]

_ITEMS = 512
_SECONDS = 6.0
_SENDERS = 4
_BEGAN = 1_781_864_400_000_000_000
_ALL = Window(0.0, 4e9)
_OVERLOAD_SENDERS = 64
_OVERLOAD_BYTES = 16 << 20
_KILLS = 5
_GOAL = "at least 20,000"
_PATHS = {Kind.LOGS: "/v1/logs", Kind.TRACES: "/v1/traces"}
_NUMBERED = "numbers"
"""The service of the items that number the requests."""
_NOUNS = {Kind.LOGS: "log records", Kind.TRACES: "spans"}

Send = Callable[[bytes], bool]
"""Sends a body; whether it was acknowledged."""


@dataclass
class Sent:
    """What became of the requests: the numbers of those acknowledged, and how many were refused."""

    acknowledged: set[int] = field(default_factory=set)
    refused: int = 0
    seconds: float = 0.0


class Server:
    """A receiver in a process of its own, on the first core."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        command = [sys.executable, "-m", "benchmarks.receiver", str(folder), str(most_bytes)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise Unmeasured("the receiver did not start")
        self.http, self.grpc = json.loads(line)

    def told(self, file: str, name: str) -> int:
        """A number of /proc/PID/status, in its unit."""
        text = Path(f"/proc/{self.process.pid}/{file}").read_text()
        return int(next(line for line in text.splitlines() if line.startswith(name)).split()[1])

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def _served(folder: Path, most_bytes: int = 64 << 20) -> Iterator[Server]:
    server = Server(folder, most_bytes)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


def measure(options: Options) -> Iterator[Figure]:
    """Each protocol as fast as it goes, then overload, then kill -9."""
    del options
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unmeasured("one core for the server and one for the senders are needed")
    os.sched_setaffinity(0, set(cores[1:]))
    try:
        for protocol in ("HTTP protobuf", "HTTP JSON", "gRPC"):
            for kind in _PATHS:
                yield from _throughput(protocol, kind)
        yield from _overload()
        yield from _kills()
    finally:
        os.sched_setaffinity(0, set(cores))


def _throughput(protocol: str, kind: Kind) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="andon-receiver-") as folder, _served(Path(folder)) as server:
        body = _json_body(kind) if protocol == "HTTP JSON" else _protobuf_body(kind)
        _load(protocol, kind, server, body, _SENDERS, 1.0, first=10_000_000)
        before = server.cpu()
        sent = _load(protocol, kind, server, body, _SENDERS, _SECONDS)
        cpu = server.cpu() - before
        memory = server.told("status", "VmHWM")
        server.end()
        lost = len(sent.acknowledged - _numbers(Path(folder), kind))
    items = len(sent.acknowledged) * (_ITEMS + 1)
    noun = f"{_NOUNS[kind]}, {protocol}"
    size = len(body(0)) / (_ITEMS + 1)
    say(
        f"receiver: {noun}: {items / sent.seconds:,.0f} a second, {items / cpu:,.0f} a CPU second, {size:.0f} bytes each"
    )
    yield Figure(f"{noun}: accepted a second", f"{items / sent.seconds:,.0f}", items, goal=_GOAL)
    yield Figure(f"{noun}: accepted a CPU second of the server", f"{items / cpu:,.0f}", items)
    yield Figure(f"{noun}: acknowledged and lost", f"{lost * (_ITEMS + 1)}", items, goal="0")
    yield Figure(f"{noun}: most memory in MB", f"{memory / 1000:.0f}", 1)


def _overload() -> Iterator[Figure]:
    for protocol, kind in (("HTTP protobuf", Kind.LOGS), ("HTTP JSON", Kind.LOGS), ("gRPC", Kind.TRACES)):
        with (
            tempfile.TemporaryDirectory(prefix="andon-receiver-") as folder,
            _served(Path(folder), _OVERLOAD_BYTES) as server,
        ):
            items = 6 * _ITEMS
            body = _json_body(kind, items) if protocol == "HTTP JSON" else _protobuf_body(kind, items)
            idle = server.told("status", "VmHWM")
            sent = _load(protocol, kind, server, body, _OVERLOAD_SENDERS, _SECONDS)
            peak = server.told("status", "VmHWM")
            server.end()
            lost = len(sent.acknowledged - _numbers(Path(folder), kind))
        taken = len(sent.acknowledged)
        offered = _OVERLOAD_SENDERS * len(body(0)) / 1e6
        say(
            f"receiver: overload, {protocol}: {taken} taken, {sent.refused} refused, {idle / 1000:.0f} to {peak / 1000:.0f} MB"
        )
        name = f"overload, {protocol}, {offered:.0f} MB at once where {_OVERLOAD_BYTES / 1e6:.0f} MB may wait"
        yield Figure(f"{name}: requests taken", f"{taken:,}", taken + sent.refused)
        yield Figure(f"{name}: requests told to come again", f"{sent.refused:,}", taken + sent.refused)
        yield Figure(f"{name}: acknowledged and lost", str(lost), taken, goal="0")
        yield Figure(f"{name}: memory in MB, idle and at most", f"{idle / 1000:.0f}, {peak / 1000:.0f}", 1)


def _kills() -> Iterator[Figure]:
    lost = acknowledged = 0
    for turn, protocol in enumerate(("HTTP protobuf", "HTTP JSON", "gRPC", "HTTP protobuf", "gRPC")[:_KILLS]):
        with tempfile.TemporaryDirectory(prefix="andon-receiver-") as folder:
            server = Server(Path(folder), 64 << 20)
            killer = threading.Timer(1.0 + 0.2 * turn, server.end, (signal.SIGKILL,))
            killer.start()
            body = _json_body(Kind.LOGS) if protocol == "HTTP JSON" else _protobuf_body(Kind.LOGS)
            sent = _load(protocol, Kind.LOGS, server, body, _SENDERS, 3.0)
            killer.join()
            lost += len(sent.acknowledged - _numbers(Path(folder), Kind.LOGS))
            acknowledged += len(sent.acknowledged)
    say(f"receiver: killed {_KILLS} times: {acknowledged} requests acknowledged, {lost} lost")
    yield Figure(
        f"killed {_KILLS} times under load: requests acknowledged and lost", str(lost), acknowledged, goal="0"
    )


def _load(
    protocol: str,
    kind: Kind,
    server: Server,
    body: Callable[[int], bytes],
    senders: int,
    seconds: float,
    first: int = 0,
) -> Sent:
    """So many senders, each one request after the other, until the time is over or the server is gone."""
    sent, lock = Sent(), threading.Lock()
    began = time.monotonic()

    def run(sender: int) -> None:
        with suppress(OSError, http.client.HTTPException, _Gone), _sending(protocol, kind, server) as send:
            number = first + sender
            while time.monotonic() - began < seconds:
                good = send(body(number))
                with lock:
                    if good:
                        sent.acknowledged.add(number)
                    else:
                        sent.refused += 1
                number += senders

    threads = [threading.Thread(target=run, args=(sender,)) for sender in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = time.monotonic() - began
    return sent


class _Gone(Exception):
    """The server does not answer any more."""


@contextmanager
def _sending(protocol: str, kind: Kind, server: Server) -> Iterator[Send]:
    if protocol == "gRPC":
        yield from _sending_grpc(kind, server)
        return
    connection = http.client.HTTPConnection("127.0.0.1", server.http, timeout=30)
    form = "application/json" if protocol == "HTTP JSON" else "application/x-protobuf"

    def send(body: bytes) -> bool:
        connection.request("POST", _PATHS[kind], body, {"content-type": form})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 429):
            raise _Gone(f"answered {answer.status}")
        return answer.status == 200

    try:
        yield send
    finally:
        connection.close()


def _sending_grpc(kind: Kind, server: Server) -> Iterator[Send]:
    import grpc

    service = "logs.v1.LogsService" if kind is Kind.LOGS else "trace.v1.TraceService"
    with grpc.insecure_channel(
        f"127.0.0.1:{server.grpc}", [("grpc.use_local_subchannel_pool", 1)]
    ) as channel:
        export = channel.unary_unary(f"/opentelemetry.proto.collector.{service}/Export")

        def send(body: bytes) -> bool:
            try:
                export(body, timeout=30)
            except grpc.RpcError as error:
                if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
                    return False
                raise _Gone from None
            return True

        yield send


def _protobuf_body(kind: Kind, items: int = _ITEMS) -> Callable[[int], bytes]:
    """Requests end to end are one request of both: so the number of each is put behind the same items."""
    many, one = _request(kind, "orders"), _request(kind, _NUMBERED)
    for i in range(items):
        _add(kind, many, i, f"GET /api/orders/{i * 7919 % 100_003} took {i % 97} ms")
    front = many[0].SerializeToString()
    numbered = _add(kind, one, 0, "")

    def body(number: int) -> bytes:
        with lock:
            if kind is Kind.LOGS:
                numbered.body.string_value = f"number {number}"
            else:
                numbered.name = f"number {number}"
            return front + one[0].SerializeToString()

    lock = threading.Lock()
    return body


def _json_body(kind: Kind, items: int = _ITEMS) -> Callable[[int], bytes]:
    """The same requests as OTLP's JSON has them."""
    from andon.connectors.received.protobuf import batch_of_protobuf

    plain = _protobuf_body(kind, items)(0)
    batch = batch_of_protobuf(kind, plain, lambda _: True, ())
    front, back = json.dumps(_texts(batch)).rsplit("number 0", 1)
    return lambda number: f"{front}number {number}{back}".encode()


def _texts(value: Any, name: str = "") -> Any:
    """64-bit integers as texts, as OTLP's JSON wants them."""
    if isinstance(value, dict):
        return {key: _texts(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner, name) for inner in value]
    return str(value) if name.endswith("UnixNano") or name == "intValue" else value


def _request(kind: Kind, service: str) -> tuple[Any, Any]:
    """A request with one resource and scope, and the list of its items."""
    from andon.connectors.received.libraries import request_class

    request = request_class(kind)()
    resource = (request.resource_logs if kind is Kind.LOGS else request.resource_spans).add()
    for key, text in (("service.name", service), ("host.name", "node-7"), ("service.version", "1.4.2")):
        attribute = resource.resource.attributes.add(key=key)
        attribute.value.string_value = text
    scope = (resource.scope_logs if kind is Kind.LOGS else resource.scope_spans).add()
    return request, scope.log_records if kind is Kind.LOGS else scope.spans


def _add(kind: Kind, request: tuple[Any, Any], i: int, text: str) -> Any:
    moment, ids = _BEGAN + i * 1_000_000, (i * 2_654_435_761 + 1) % (1 << 64)
    item = request[1].add(trace_id=ids.to_bytes(16, "big"), span_id=ids.to_bytes(8, "big"))
    if kind is Kind.LOGS:
        item.time_unix_nano = item.observed_time_unix_nano = moment
        item.severity_number, item.severity_text = 9, "INFO"
        item.body.string_value = text
    else:
        item.start_time_unix_nano, item.end_time_unix_nano = moment, moment + 7_000_000
        item.name, item.kind, item.parent_span_id = text[:24], 2, (ids ^ 1).to_bytes(8, "big")
    for key, value in (
        ("http.request.method", "GET"),
        ("url.path", "/api/orders"),
        ("client.address", "10.1.2.3"),
    ):
        attribute = item.attributes.add(key=key)
        attribute.value.string_value = value
    status = item.attributes.add(key="http.response.status_code")
    status.value.int_value = 200
    return item


def _numbers(folder: Path, kind: Kind) -> set[int]:
    """The numbers of the requests that lie in the folder."""
    read = ReceivedStore.open(folder).read(kind, (_ALL,), (_NUMBERED,))
    texts = read.collected.logs.logs().bodies if kind is Kind.LOGS else read.collected.spans.spans().names
    return {int(text[7:]) for text in texts if text.startswith("number ")}


def _serve(folder: str, most_bytes: str) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from andon.intake import Address, Listening, Service, serve

    def ready(listening: Listening) -> None:
        ports = [address.port for address in (listening.http, listening.grpc) if address]
        print(json.dumps(ports), flush=True)

    here = Address("127.0.0.1", 0)
    serve(Service(here, here, Path(folder), most_bytes=int(most_bytes)), ready)


BENCHMARK = Benchmark("receiver", __doc__.split("\n", 1)[0], measure)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
