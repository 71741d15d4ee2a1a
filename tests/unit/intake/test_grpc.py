from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from andon.connectors.received import ReceivedStore
from andon.errors import StorageError
from andon.intake.access import Access, Address
from andon.intake.grpc import MOST_BYTES, GrpcIntake
from andon.intake.pressure import Pressure
from andon.intake.recorder import Recorder
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import logs, metrics, traces
from unit.intake.test_refusals import RETRY_INFO, STATUS

ALL = Window(0.0, 4e9)
HERE = Address("127.0.0.1", 0)
EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


@pytest.fixture
def made(recorder: Recorder) -> Iterator[Any]:
    """Makes servers, and channels to them."""
    servers, channels = [], []

    def make(pressure: Pressure | None = None, token: str = "") -> Any:
        servers.append(GrpcIntake(HERE, recorder, pressure or Pressure(64 << 20, 100), Access(token)))
        channels.append(grpc.insecure_channel(str(servers[-1].address)))
        return channels[-1]

    yield make
    for channel in channels:
        channel.close()
    for server in servers:
        server.stop(0)


def failure(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_the_three_services_take_what_their_clients_send(made: Any, tmp_path: Path) -> None:
    channel = made()
    assert LogsServiceStub(channel).Export(logs([1, 2]), timeout=5).partial_success.rejected_log_records == 0
    TraceServiceStub(channel).Export(traces([1]), timeout=5, compression=grpc.Compression.Gzip)
    MetricsServiceStub(channel).Export(metrics([1]), timeout=5)
    store = ReceivedStore.open(tmp_path / "received")
    assert (store.logs(ALL).count, store.spans(ALL).count) == (2, 1) and store.metrics(ALL).count > 5


def test_items_that_are_refused_are_counted(made: Any) -> None:
    request = traces([1, 2, 3])
    request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano = 0
    found = TraceServiceStub(made()).Export(request, timeout=5).partial_success
    assert found.rejected_spans == 1 and "Nano" in found.error_message


def test_what_does_not_decode_is_an_invalid_argument(made: Any) -> None:
    error = failure(lambda: made().unary_unary(EXPORT)(b"\xff\xff", timeout=5))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT and "ExportLogsServiceRequest" in error.details()


def test_the_token_is_asked_for(made: Any) -> None:
    export = LogsServiceStub(made(token="s3cr3t")).Export
    for metadata in ((), (("authorization", "Bearer wrong"),)):
        error = failure(lambda metadata=metadata: export(logs([1]), timeout=5, metadata=metadata))
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED and "s3cr3t" not in error.details()
    export(logs([1]), timeout=5, metadata=(("authorization", "Bearer s3cr3t"),))


def test_overload_says_when_to_come_again(made: Any, writer: Any, tmp_path: Path) -> None:
    request = logs([1])
    export = LogsServiceStub(made(Pressure(3 * request.ByteSize() + 10, 100))).Export
    writer.going.clear()
    calls = [export.future(logs([moment]), timeout=10) for moment in range(8)]
    refused = [call.exception() for call in _done(calls, 5)]
    writer.going.set()
    assert len(refused) == 5
    for error in refused:
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        (raw,) = (value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin")
        (detail,) = STATUS.FromString(raw).details
        assert RETRY_INFO.FromString(detail.value).retry_delay.seconds == 1
    assert sum(call.exception() is None for call in calls) == 3
    assert ReceivedStore.open(tmp_path / "received").logs(ALL).count == 3


def test_more_calls_than_threads_are_refused_at_once(made: Any, writer: Any) -> None:
    export = LogsServiceStub(made()).Export
    writer.going.clear()
    calls = [export.future(logs([moment]), timeout=10) for moment in range(60)]
    refused = _done(calls, 60 - 24)
    writer.going.set()
    assert {call.code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert sum(call.exception() is None for call in calls) == 24


def test_a_message_that_is_too_large_is_refused(made: Any) -> None:
    error = failure(lambda: made().unary_unary(EXPORT)(b"\0" * (MOST_BYTES + 1), timeout=5))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_address_that_is_taken_is_said(made: Any, recorder: Recorder) -> None:
    server = GrpcIntake(HERE, recorder, Pressure(100, 1), Access())
    try:
        with pytest.raises(StorageError, match="cannot listen"):
            GrpcIntake(server.address, recorder, Pressure(100, 1), Access())
    finally:
        server.stop(0)


def test_stopping_lets_calls_end(recorder: Recorder, writer: Any, tmp_path: Path) -> None:
    server = GrpcIntake(HERE, recorder, Pressure(1 << 20, 10), Access())
    with grpc.insecure_channel(str(server.address)) as channel:
        writer.going.clear()
        call = LogsServiceStub(channel).Export.future(logs([1]), timeout=10)
        assert _done([call], 1, seconds=0.2) == []
        threading.Timer(0.1, writer.going.set).start()
        server.stop(5)
        assert call.result(5) is not None
    assert ReceivedStore.open(tmp_path / "received").logs(ALL).count == 1


def _done(calls: list[Any], many: int, seconds: float = 5.0) -> list[Any]:
    """The calls that have ended, as soon as so many have."""
    ends = time.monotonic() + seconds
    while sum(call.done() for call in calls) < many and time.monotonic() < ends:
        time.sleep(0.01)
    return [call for call in calls if call.done()]
