from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from andon.demo.emitter import Telemetry
from andon.demo.services import client
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.endpoint import Endpoint
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer
from andon.demo.settings import free_ports
from andon.demo.tracing import CLIENT


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("caller", "1.0.0", "1", receiver=9)


@pytest.fixture
def upstream(telemetry, service) -> Iterator[Upstream]:
    upstream = Upstream(telemetry, "svc", Endpoint(service.port))
    yield upstream
    upstream.close()


def explode(request: Request) -> None:
    raise KeyError("plan")


def refuse(request: Request) -> None:
    raise RefusalError(403, "no entitlement")


@pytest.fixture
def service(telemetry) -> Iterator[SimpleNamespace]:
    """A service on a free port; `seen` are the requests that it was given."""
    seen: list[Request] = []

    def unlock(request: Request) -> dict:
        seen.append(request)
        return {"vin": request.parameters["vin"]}

    routes = [
        Route("POST", "/cars/{vin}/unlock", "door-unlock", unlock),
        Route("GET", "/explode", "explode", explode),
        Route("GET", "/refuse", "refuse", refuse),
    ]
    (port,) = free_ports(1)
    server = ServiceServer(SimpleNamespace(telemetry=telemetry, name="svc", port=lambda _: port), routes)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield SimpleNamespace(port=port, seen=seen, server=server)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_call_carries_the_trace_and_comes_back(telemetry, upstream, service):
    status, answer = upstream.call("POST", "/cars/W1/unlock", {})
    assert (status, answer) == (200, {"vin": "W1"})
    records = [span for span in telemetry._spans if span["name"].startswith("POST")]
    server_span, client_span = records
    assert server_span["parentSpanId"] == client_span["spanId"]
    assert service.seen[0].headers["traceparent"].split("-")[1] == client_span["traceId"]


def test_a_refusal_is_an_answer(upstream):
    assert upstream.call("GET", "/refuse") == (
        403,
        {"message": "no entitlement"},
    )
    (span,) = [span for span in upstream._telemetry._spans if span["kind"] == CLIENT]
    assert span["status"] == {"code": 2, "message": "svc answered 403"}


def test_an_exception_becomes_500_and_a_stack_trace(telemetry, upstream):
    with pytest.raises(UpstreamError, match="svc answered 500: internal error: KeyError") as failure:
        upstream.call("GET", "/explode")
    assert failure.value.status == 502
    bodies = [record["body"]["stringValue"] for record in telemetry._records]
    trace = next(body for body in bodies if body.startswith("explode failed"))
    assert trace.count("\n") > 3
    assert trace.endswith("KeyError: 'plan'")


def test_a_path_that_is_not_served_is_404(upstream):
    assert upstream.call("GET", "/nowhere")[0] == 404


def test_a_refused_connection_is_tried_twice(telemetry):
    (port,) = free_ports(1)
    with pytest.raises(UpstreamError, match="connection refused") as failure:
        Upstream(telemetry, "svc", Endpoint(port)).call("GET", "/")
    assert failure.value.status == 502
    lines = [record["body"]["stringValue"] for record in telemetry._records]
    assert [line.rpartition(" (")[2] for line in lines] == ["attempt 1 of 2)", "attempt 2 of 2)"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "failed to resolve 'api.internal'"),
        (ssl.SSLCertVerificationError(1, "certificate has expired"), "connect to svc failed: .*has expired"),
        (ConnectionRefusedError(111, "refused", "10.0.7.9"), r"connection refused \(10\.0\.7\.9\)"),
    ],
)
def test_what_keeps_a_connection_from_coming_about_is_named(telemetry, error, said):
    def connect(_seconds):
        raise error

    upstream = Upstream(telemetry, "svc", SimpleNamespace(name="api.internal", connect=connect))
    with pytest.raises(UpstreamError, match=said) as failure:
        upstream.call("GET", "/")
    assert failure.value.status == 502


def test_silence_is_a_timeout(telemetry, monkeypatch):
    monkeypatch.setattr(client, "READ_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        upstream = Upstream(telemetry, "rvm", Endpoint(mute.getsockname()[1]), alias="rvm-api")
        with pytest.raises(UpstreamError, match="read from rvm-api timed out after 100 ms") as failure:
            upstream.call("GET", "/")
    assert failure.value.status == 504


def test_a_connection_is_used_again_and_replaced_when_the_server_drains(upstream, service):
    for _ in range(2):
        upstream.call("GET", "/refuse")
    assert len(upstream._pool._idle) == 1
    service.server.draining = True
    upstream.call("GET", "/refuse")
    assert upstream._pool._idle == []
