from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from andon.llm.spans.destinations import Collector, SpanFile, deliver
from andon.llm.spans.span import Span, Trace
from unit.llm.spans.receiver import receiving

SOON = 0.3


def a_trace(count: int = 1) -> Trace:
    spans = [Span(f"work {n}", start=1_781_864_400_000_000_000 + n) for n in range(count)]
    for one in spans:
        one.end = one.start + 1_000
    return Trace({"andon.run": "r"}, spans=spans)


@contextmanager
def answering(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers every connection with these bytes, or never; and what it was sent first."""
    listener, asked, ending = socket.create_server(("127.0.0.1", 0)), [], threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65_536))
                if answer is None:
                    ending.wait(10)
                else:
                    connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        ending.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def http(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = (f"HTTP/1.1 {status}", "connection: close", f"content-length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def test_spans_arrive_at_our_receiver(tmp_path: Path) -> None:
    with receiving(tmp_path) as receiver:
        assert deliver(Collector(receiver.url), a_trace(3), 5.0) == ""
        assert deliver(Collector(f"{receiver.url}/v1/traces"), a_trace(), 5.0) == ""
        assert [one.name for one in receiver.spans] == ["work 0", "work 0", "work 1", "work 2"]
        assert len(receiver.kept) == 4


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (http("503 Busy"), "answered with 503"),
        (http("307 Moved", "location: http://elsewhere.example/v1/traces"), "sends us elsewhere (307)"),
        (http("404 Not Found", body=b"x" * 200_000), "answered with 404"),
        (http("200 OK", "content-type: application/x-protobuf", body=b"\x0a\x02\x08\x02"), "refused 2 of"),
        (http("200 OK", "content-type: text/plain", body=b"thanks"), ""),
        (b"what?", "cannot be reached (RemoteProtocolError)"),
    ],
)
def test_what_a_collector_says_is_told(answer: bytes, told: str) -> None:
    with answering(answer) as (url, asked):
        problem = deliver(Collector(url), a_trace(), 5.0)
        assert problem.startswith(told) and bool(problem) == bool(told)
        assert len(asked) == 1 and asked[0].startswith(b"POST /v1/traces HTTP/1.1")


def test_one_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert (
        deliver(Collector(f"http://127.0.0.1:{port}"), a_trace(), 5.0) == "cannot be reached (ConnectError)"
    )


def test_one_that_never_answers_is_given_up() -> None:
    with answering(None) as (url, asked):
        assert deliver(Collector(url), a_trace(), SOON) == f"no whole answer within {SOON:g} s"
        assert asked


def test_one_that_answers_for_ever_is_given_up() -> None:
    with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n") as (url, _):
        assert deliver(Collector(url), a_trace(), 5.0).startswith("cannot be reached")


def test_nothing_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with answering(http("200 OK")) as (elsewhere, asked), receiving(tmp_path) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OTEL_EXPORTER_OTLP_ENDPOINT"):
            monkeypatch.setenv(name, elsewhere)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", elsewhere)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-told=by-environment")
        monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        monkeypatch.setenv("NO_PROXY", "")
        assert deliver(Collector(receiver.url), a_trace(), 5.0) == ""
        assert len(receiver.bodies) == 1 and asked == []


def test_a_file_takes_a_line_a_run_and_is_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "spans.jsonl"
    for count in (1, 2):
        assert deliver(SpanFile(file), a_trace(count), 5.0) == ""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [len(one["resourceSpans"][0]["scopeSpans"][0]["spans"]) for one in lines] == [1, 2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert deliver(SpanFile(tmp_path / "no" / "spans"), a_trace(), 5.0).startswith(
        "cannot be written: No such"
    )


def test_our_own_mistake_is_told_and_not_raised() -> None:
    class Broken:
        place = "nowhere"

        def send(self, _trace: Trace, _seconds: float, /) -> None:
            raise RuntimeError("boom")

    assert deliver(Broken(), a_trace(), 5.0) == "could not be written (RuntimeError)"


def test_where_no_thread_can_be_started_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    assert "no thread" in deliver(SpanFile(tmp_path / "spans"), a_trace(), 5.0)
