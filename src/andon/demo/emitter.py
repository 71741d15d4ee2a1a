"""The instrumentation of the estate: spans, logs and metrics, batched and sent as OTLP/HTTP JSON.

Queues are bounded: when the receiver is slow or gone, telemetry is dropped and counted, and the service
goes on.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from andon.demo import clock, otlp
from andon.demo.metering import Meter
from andon.demo.tracing import ActiveSpan, SpanContext, current_span, stack_trace

__all__ = ["DEBUG", "ERROR", "INFO", "WARN", "Telemetry"]

DEBUG, INFO, WARN, ERROR = 5, 9, 13, 17
_QUEUE = 4096
_BATCH_SECONDS = 1.0
_METRIC_EVERY = 2


class Telemetry:
    """What one process says of itself.

    Spans and logs leave once a second, metrics every two. `receiver` is the port of an OTLP/HTTP receiver
    on loopback. Call `start` after construction and `close` at the end: it sends what is left.
    """

    def __init__(self, service: str, version: str, account: str, receiver: int) -> None:
        self.service = service
        self.meter = Meter()
        self.dropped = 0
        self._resource = otlp.resource(service, version, account)
        self._spans: deque[dict[str, Any]] = deque()
        self._records: deque[dict[str, Any]] = deque()
        self._receiver = receiver
        self._connection: http.client.HTTPConnection | None = None
        self._closing = threading.Event()
        self._exporter = threading.Thread(target=self._export_loop, name="telemetry", daemon=True)

    def start(self) -> None:
        cpu = _CpuClock()
        self.meter.gauge("process.cpu.utilization", cpu.utilization)
        self.meter.gauge("process.memory.usage", _resident_bytes, "By")
        self._exporter.start()

    def close(self) -> None:
        self._closing.set()
        if self._exporter.is_alive():
            self._exporter.join(timeout=3)
        if self._connection is not None:
            self._connection.close()

    @contextmanager
    def span(
        self,
        name: str,
        kind: int,
        attributes: Mapping[str, Any] = MappingProxyType({}),
        *,
        parent: SpanContext | None = None,
    ) -> Iterator[ActiveSpan]:
        """A span around the block, child of `parent` or of the span that is current; errors mark it."""
        enclosing = current_span.get()
        parent = parent or (enclosing.context if enclosing else None)
        active = ActiveSpan.start(name, kind, parent, dict(attributes))
        token = current_span.set(active)
        try:
            yield active
        except Exception as error:
            if not active.failure:
                active.fail(str(error), error)
            raise
        finally:
            current_span.reset(token)
            self._put(self._spans, active.record())

    def log(self, severity: int, body: str, **attributes: Any) -> None:
        now = str(clock.time_ns())
        record: dict[str, Any] = {
            "timeUnixNano": now,
            "severityNumber": severity,
            "severityText": otlp.SEVERITY_TEXT[severity],
            "body": {"stringValue": body},
            "attributes": otlp.attributes(attributes),
        }
        active = current_span.get()
        if active is not None:
            record |= {"traceId": active.context.trace_id, "spanId": active.context.span_id}
        self._put(self._records, record)

    def error(self, body: str, error: BaseException, **attributes: Any) -> None:
        """An ERROR record with the stack trace under the message."""
        kind = {"exception.type": type(error).__name__}
        self.log(ERROR, f"{body}\n{stack_trace(error)}", **kind, **attributes)

    def _put(self, queue: deque[dict[str, Any]], item: dict[str, Any]) -> None:
        if len(queue) >= _QUEUE:
            self.dropped += 1
            return
        queue.append(item)

    def _export_loop(self) -> None:
        beat = 0
        while not self._closing.wait(_BATCH_SECONDS):
            beat += 1
            self._export(metrics=beat % _METRIC_EVERY == 0)
        self._export(metrics=True)

    def _export(self, *, metrics: bool) -> None:
        spans, records = _drain(self._spans), _drain(self._records)
        if spans:
            self._send("traces", otlp.traces_request(self._resource, spans), len(spans))
        if records:
            self._send("logs", otlp.logs_request(self._resource, records), len(records))
        if metrics:
            collected = self.meter.collect()
            self._send("metrics", otlp.metrics_request(self._resource, collected), len(collected))

    def _send(self, signal: str, request: dict[str, Any], items: int) -> None:
        body = json.dumps(request, separators=(",", ":")).encode()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._receiver, timeout=2)
            headers = {"Content-Type": "application/json"}
            self._connection.request("POST", f"/v1/{signal}", body, headers)
            self._connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self.dropped += items
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _drain(queue: deque[dict[str, Any]]) -> list[dict[str, Any]]:
    return [queue.popleft() for _ in range(len(queue))]


class _CpuClock:
    """The share of one core that this process used since it was last asked."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def utilization(self) -> float:
        wall, cpu = time.monotonic(), time.process_time()
        share = (cpu - self._cpu) / max(wall - self._wall, 1e-9)
        self._wall, self._cpu = wall, cpu
        return round(share, 5)


def _resident_bytes() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return float(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
