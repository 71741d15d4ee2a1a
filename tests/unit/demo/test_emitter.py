from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.demo.emitter import INFO, Telemetry
from andon.demo.receiver import ReceiverServer
from andon.demo.tracing import CLIENT, INTERNAL
from andon.demo.wire import call


@pytest.fixture
def receiver(tmp_path) -> Iterator[ReceiverServer]:
    server = ReceiverServer(0, tmp_path)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def lines(folder: Path, signal: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{signal}.otlp.jsonl").read_text().splitlines()]


def test_what_was_emitted_is_written_when_telemetry_closes(receiver, tmp_path):
    telemetry = Telemetry("rvm", "1.0.0", "1", receiver.server_address[1])
    telemetry.start()
    with telemetry.span("outer", INTERNAL) as outer, telemetry.span("inner", CLIENT, {"peer.service": "db"}):
        telemetry.log(INFO, "inside")
    telemetry.meter.count("calls")
    telemetry.close()
    inner, _ = lines(tmp_path, "traces")[0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    record = lines(tmp_path, "logs")[0]["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    metrics = lines(tmp_path, "metrics")[0]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    assert inner["parentSpanId"] == outer.context.span_id
    assert (record["traceId"], record["spanId"]) == (inner["traceId"], inner["spanId"])
    assert {"calls", "process.cpu.utilization", "process.memory.usage"} <= {
        metric["name"] for metric in metrics
    }


def test_an_error_marks_the_span_and_passes_on(receiver, tmp_path):
    telemetry = Telemetry("rvm", "1.0.0", "1", receiver.server_address[1])
    telemetry.start()
    with pytest.raises(KeyError), telemetry.span("broken", INTERNAL):
        raise KeyError("plan")
    telemetry.close()
    span = lines(tmp_path, "traces")[0]["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert span["status"]["code"] == 2


def test_a_full_queue_drops_and_counts(monkeypatch):
    monkeypatch.setattr("andon.demo.emitter._QUEUE", 2)
    telemetry = Telemetry("rvm", "1.0.0", "1", receiver=9)
    for _ in range(5):
        telemetry.log(INFO, "line")
    assert telemetry.dropped == 3


def test_the_receiver_forgets_when_told(receiver, tmp_path):
    port = receiver.server_address[1]
    assert call(port, "POST", "/v1/logs", {"resourceLogs": []})[0] == 200
    assert len(lines(tmp_path, "logs")) == 1
    call(port, "POST", "/reset", {})
    assert lines(tmp_path, "logs") == []


def test_the_receiver_refuses_other_paths(receiver):
    assert call(receiver.server_address[1], "POST", "/v1/profiles", {})[0] == 400
