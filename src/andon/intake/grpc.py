"""OTLP over gRPC: the three services of the protocol, taking requests as they came.

Requests are not decoded here but by the recorder, as those over HTTP are. Source: the OTLP specification
1.x, OTLP/gRPC.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from andon.connectors.received import Form, Kind
from andon.connectors.received.libraries import require, service
from andon.errors import StorageError
from andon.intake.access import Access, Address
from andon.intake.answers import response_message
from andon.intake.pressure import Pressure
from andon.intake.recorder import Recorder
from andon.intake.refusals import Reason, Refusal, status_message

__all__ = ["MOST_BYTES", "GrpcIntake"]

MOST_BYTES = 4 << 20
"""Of one message, unpacked: what gRPC and the collector allow by default."""
_THREADS = 32
_AT_ONCE = 24
"""Requests that may wait; the other threads are there to refuse at once."""
_KINDS = (Kind.METRICS, Kind.LOGS, Kind.TRACES)


class GrpcIntake:
    """A gRPC server that listens as soon as it is made. Raises StorageError when the address is taken."""

    def __init__(self, address: Address, recorder: Recorder, pressure: Pressure, access: Access) -> None:
        grpc = require("grpc")
        self._codes = {code.value[0]: code for code in grpc.StatusCode}
        self._recorder, self._pressure, self._access = recorder, pressure, access
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._server = grpc.server(
            ThreadPoolExecutor(_THREADS, thread_name_prefix="grpc"),
            options=[
                ("grpc.max_receive_message_length", MOST_BYTES),
                ("grpc.so_reuseport", 0),
                # Else each connection may send megabytes ahead, into memory that nobody counts.
                ("grpc.http2.bdp_probe", 0),
                ("grpc.max_concurrent_streams", 128),
            ],
        )
        self._server.add_generic_rpc_handlers([self._handlers(grpc, kind) for kind in _KINDS])
        try:
            port = self._server.add_insecure_port(str(address))
        except RuntimeError as error:
            raise StorageError(
                f"{address}: cannot listen", hint="is another receiver running? Name another port"
            ) from error
        self.address = Address(address.host, port)
        self._server.start()

    def stop(self, grace: float) -> None:
        """Takes no more requests, and lets those under way end within `grace` seconds."""
        self._server.stop(grace).wait()

    def _handlers(self, grpc: Any, kind: Kind) -> Any:
        offered = service(kind)
        methods = {
            method.name: grpc.unary_unary_rpc_method_handler(self._exporting(kind))
            for method in offered.methods
        }
        return grpc.method_handlers_generic_handler(offered.full_name, methods)

    def _exporting(self, kind: Kind) -> Callable[[bytes, Any], bytes]:
        def export(request: bytes, context: Any) -> bytes:
            try:
                return self._export(kind, request, context)
            except Refusal as refusal:
                context.set_trailing_metadata((("grpc-status-details-bin", status_message(refusal)),))
                context.set_code(self._codes[refusal.reason.code])
                context.set_details(refusal.message)
                return b""

        return export

    def _export(self, kind: Kind, request: bytes, context: Any) -> bytes:
        headers = dict(context.invocation_metadata())
        if not self._access.admits(str(headers.get("authorization", ""))):
            raise Refusal(Reason.UNAUTHENTICATED, "authorization: Bearer, and the token, is missing or wrong")
        if not self._places.acquire(blocking=False):
            raise Refusal(Reason.OVERLOADED, "too many requests wait to be written; send it again")
        try:
            with self._pressure.hold() as hold:
                hold.take(len(request))
                found = self._recorder.submit(kind, Form.PROTOBUF, request).result()
        finally:
            self._places.release()
        return response_message(kind, found)
