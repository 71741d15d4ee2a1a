"""OTLP/JSON: how resources, spans, log records and metrics are written on the wire.

Follows the OpenTelemetry protocol 1.x, JSON encoding: ids in hex, 64-bit integers as strings, enums as
numbers, times in nanoseconds. Knows nothing of queues or HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["SEVERITY_TEXT", "attributes", "logs_request", "metrics_request", "resource", "traces_request"]

SEVERITY_TEXT = {5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR", 21: "FATAL"}
_SCOPE = {"name": "andon.demo"}


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Key-value pairs as OTLP `KeyValue` objects; what is neither bool, int nor float becomes a string."""
    return [{"key": key, "value": _any_value(value)} for key, value in values.items()]


def _any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}


def resource(service: str, version: str, account: str) -> dict[str, Any]:
    """The resource that every signal of one process carries."""
    return {
        "attributes": attributes(
            {
                "service.name": service,
                "service.version": version,
                "cloud.provider": "aws",
                "cloud.account.id": account,
            }
        )
    }


def traces_request(resource: Mapping[str, Any], spans: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An `ExportTraceServiceRequest`."""
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": _SCOPE, "spans": spans}]}]}


def logs_request(resource: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An `ExportLogsServiceRequest`."""
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": _SCOPE, "logRecords": records}]}]}


def metrics_request(resource: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An `ExportMetricsServiceRequest`."""
    return {
        "resourceMetrics": [{"resource": resource, "scopeMetrics": [{"scope": _SCOPE, "metrics": metrics}]}]
    }
