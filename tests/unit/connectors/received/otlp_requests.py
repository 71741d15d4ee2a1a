"""Export requests for tests, and the same requests as the JSON that other writers would make of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from andon.connectors.received import Form, Frame, Kind, check

BEGAN = 1_781_864_400
SECOND = 1_000_000_000


def attribute(key: str, value: Any) -> KeyValue:
    found = KeyValue(key=key)
    name = {
        str: "string_value",
        bool: "bool_value",
        int: "int_value",
        float: "double_value",
        bytes: "bytes_value",
    }
    setattr(found.value, name[type(value)], value)
    return found


def logs(moments: Sequence[float], service: str = "orders") -> Any:
    """A record at each moment (seconds after BEGAN), its text says which."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.extend(
        [attribute("service.name", service), attribute("host.name", "node-7")]
    )
    scope = resource.scope_logs.add()
    for i, moment in enumerate(moments):
        record = scope.log_records.add(time_unix_nano=nano(moment), severity_number=9 + 4 * (i % 4))
        record.body.string_value = f"at {moment:g}"
        record.trace_id, record.span_id = bytes([i + 1]) * 16, bytes([i + 1]) * 8
        record.attributes.extend(
            [
                attribute("http.status", 500),
                attribute("share", 0.5),
                attribute("raw", b"\x00\xff"),
                attribute("hot", True),
            ]
        )
    return request


def traces(moments: Sequence[float], service: str = "orders") -> Any:
    """A client span of 20 ms at each moment; every second one failed."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(attribute("service.name", service))
    scope = resource.scope_spans.add()
    for i, moment in enumerate(moments):
        span = scope.spans.add(
            trace_id=bytes([7]) * 16,
            span_id=bytes([i + 1]) * 8,
            parent_span_id=bytes([i]) * 8 if i else b"",
            name=f"GET /{moment:g}",
            kind=3,
            start_time_unix_nano=nano(moment),
            end_time_unix_nano=nano(moment) + 20_000_000,
        )
        span.attributes.append(attribute("server.address", "payments"))
        if i % 2:
            span.status.code = 2
            event = span.events.add(name="exception", time_unix_nano=nano(moment))
            event.attributes.extend(
                [attribute("exception.type", "Timeout"), attribute("exception.message", "slow")]
            )
    return request


def metrics(moments: Sequence[float], service: str = "orders") -> Any:
    """A gauge, a total, both kinds of histograms and a summary, with a point at each moment."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.extend(
        [attribute("service.name", service), attribute("k8s.pod.name", "orders-1")]
    )
    scope = resource.scope_metrics.add()
    kinds = {
        name: scope.metrics.add(name=name, unit="ms")
        for name in ("gauge", "sum", "histogram", "exponential_histogram", "summary")
    }
    kinds["sum"].sum.is_monotonic = True
    for name in ("sum", "histogram", "exponential_histogram"):
        getattr(kinds[name], name).aggregation_temporality = 2
    for i, moment in enumerate(moments, 1):
        times = {"time_unix_nano": nano(moment), "start_time_unix_nano": nano(0)}
        gauge = kinds["gauge"].gauge.data_points.add(as_double=i / 4, **times)
        gauge.attributes.append(attribute("pool", "a"))
        kinds["sum"].sum.data_points.add(as_int=10 * i * i, **times)
        kinds["histogram"].histogram.data_points.add(
            count=i, sum=5.0 * i, bucket_counts=[i, 0], explicit_bounds=[10.0], **times
        )
        kinds["exponential_histogram"].exponential_histogram.data_points.add(
            count=2 * i, sum=7.0 * i, **times
        )
        summary = kinds["summary"].summary.data_points.add(count=3 * i, sum=9.0 * i, **times)
        summary.quantile_values.add(quantile=0.5, value=3.0 + i)
    return request


def nano(moment: float) -> int:
    return (BEGAN * 1000 + round(moment * 1000)) * (SECOND // 1000)


def as_json(request: Any) -> dict[str, Any]:
    """The request as OTLP's JSON: like that of protobuf, but with ids in hex and enums as numbers."""
    return hexed(MessageToDict(request, use_integers_for_enums=True))


def hexed(value: Any) -> Any:
    if isinstance(value, list):
        return [hexed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(inner).hex() if key in ("traceId", "spanId", "parentSpanId") else hexed(inner)
        for key, inner in value.items()
    }


def frame(kind: Kind, request: Any, form: Form = Form.PROTOBUF, received: float = float(BEGAN)) -> Frame:
    """What the receiver would write."""
    body = request.SerializeToString() if form is Form.PROTOBUF else json.dumps(as_json(request)).encode()
    found = check(kind, form, body, gzip=False, received=received).frame
    assert found is not None
    return found
