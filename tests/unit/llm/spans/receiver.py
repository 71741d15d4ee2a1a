"""Our own receiver of OTLP over HTTP in a thread, and what it was sent."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from andon.connectors.received import Checked, Form, Kind, ReceivedStore, Retention, SegmentWriter
from andon.intake.access import Access
from andon.intake.http import HttpIntake
from andon.intake.pressure import Pressure
from andon.intake.recorder import Recorder
from andon.telemetry import Spans, Window


class Keeping(Recorder):
    """A recorder that also keeps the requests as they came."""

    bodies: list[bytes]

    def submit(self, kind: Kind, form: Form, body: bytes, *, gzip: bool = False) -> Future[Checked]:
        assert (kind, form, gzip) == (Kind.TRACES, Form.PROTOBUF, False)
        self.bodies.append(body)
        return super().submit(kind, form, body, gzip=gzip)


@dataclass
class Receiver:
    """Where it listens, and the bodies of the requests that it took."""

    url: str
    folder: Path
    bodies: list[bytes] = field(default_factory=list)

    @property
    def kept(self) -> Spans:
        """The spans as a later investigation reads them."""
        return ReceivedStore.open(self.folder).spans(Window(0.0, 4e9)).value

    @property
    def spans(self) -> list[Any]:
        """The spans as they came, in the order in which they began."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        found = [s for r in requests for rs in r.resource_spans for ss in rs.scope_spans for s in ss.spans]
        return sorted(found, key=lambda one: one.start_time_unix_nano)


def attributes(span: Any) -> dict[str, Any]:
    """The attributes of a span as plain values."""
    return {pair.key: _plain(pair.value) for pair in span.attributes}


def _plain(value: Any) -> Any:
    which = value.WhichOneof("value")
    return (
        [_plain(one) for one in value.array_value.values] if which == "array_value" else getattr(value, which)
    )


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    recorder = Keeping(SegmentWriter(folder, Retention(seconds=1e12)))
    listener = socket.create_server(("127.0.0.1", 0))
    found = Receiver(f"http://127.0.0.1:{listener.getsockname()[1]}", folder)
    recorder.bodies = found.bodies
    application = HttpIntake(recorder, Pressure(64 << 20, 100), Access())
    server = uvicorn.Server(
        uvicorn.Config(application, http="h11", ws="none", lifespan="off", interface="asgi3", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield found
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        recorder.close()
