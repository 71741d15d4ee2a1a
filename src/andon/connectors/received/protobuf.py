"""OTLP in its binary form: what is checked of it, and the same plain values that its JSON form reads as.

So that there is one parser for both. Ids become hex, enums numbers, bytes base64, as OTLP's JSON has
them; 64-bit integers stay numbers, which the parser takes as well. Fields that are not set are left out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any

from andon.connectors.received.frames import Kind
from andon.connectors.received.libraries import request_class, require
from andon.connectors.received.moments import Moments
from andon.connectors.received.undecodable import Undecodable

__all__ = ["batch_of_protobuf", "check_protobuf"]

_PARTS = {
    Kind.METRICS: ("resource_metrics", "scope_metrics", "metrics"),
    Kind.LOGS: ("resource_logs", "scope_logs", "log_records"),
    Kind.TRACES: ("resource_spans", "scope_spans", "spans"),
}
"""The three levels of a request: resources, scopes, items."""
_HEX = ("traceId", "spanId", "parentSpanId")
_ZERO_UNLESS_SET: dict[str, dict[str, Any]] = {
    "HistogramDataPoint": {"count": 0},
    "ExponentialHistogramDataPoint": {"count": 0},
    "SummaryDataPoint": {"count": 0, "sum": 0.0},
    "ValueAtQuantile": {"quantile": 0.0, "value": 0.0},
}
"""Fields that cannot be told from ones that are not set when they are zero, and that mean zero then."""


def check_protobuf(kind: Kind, plain: bytes, moments: Moments) -> bytes:
    """The request without what is refused. Raises Undecodable, and MissingExtra."""
    request = _decoded(kind, plain)
    resources, scopes, items = _PARTS[kind]
    for resource in getattr(request, resources):
        for scope in getattr(resource, scopes):
            _SETTLE[kind](getattr(scope, items), moments)
    found: bytes = request.SerializeToString() if moments.refused else plain
    return found


def batch_of_protobuf(
    kind: Kind, plain: bytes, wanted: Callable[[float], bool], services: Collection[str]
) -> dict[str, Any]:
    """The items whose moment is wanted, below resources of these services (none: all), as OTLP's JSON has them.

    A metric is kept when one of its points is wanted. Raises Undecodable, and MissingExtra.
    """
    resources_name, scopes_name, items_name = _PARTS[kind]
    resources = []
    for resource in getattr(_decoded(kind, plain), resources_name):
        if services and _service_of(resource.resource) not in services:
            continue
        scopes = []
        for scope in getattr(resource, scopes_name):
            items = [
                _plain(item)
                for item in getattr(scope, items_name)
                if any(wanted(moment / 1e9) for moment in _moments_of(kind, item))
            ]
            if items:
                scopes.append({_camel(items_name): items})
        if scopes:
            resources.append({"resource": _plain(resource.resource), _camel(scopes_name): scopes})
    return {_camel(resources_name): resources}


def _decoded(kind: Kind, plain: bytes) -> Any:
    found = request_class(kind)
    try:
        return found.FromString(plain)
    except require("google.protobuf.message").DecodeError:
        raise Undecodable(f"not a protobuf message of the type {found.__name__}") from None


def _settle_logs(records: Any, moments: Moments) -> None:
    times = [record.time_unix_nano or record.observed_time_unix_nano for record in records]
    moments.settle(records, times, 1e9)


def _settle_spans(spans: Any, moments: Moments) -> None:
    times = [span.end_time_unix_nano and span.start_time_unix_nano for span in spans]
    moments.settle(spans, times, 1e9)


def _settle_metrics(metrics: Any, moments: Moments) -> None:
    for metric in metrics:
        if data := metric.WhichOneof("data"):
            points = getattr(metric, data).data_points
            moments.settle(points, [point.time_unix_nano for point in points], 1e9)


_SETTLE = {Kind.LOGS: _settle_logs, Kind.TRACES: _settle_spans, Kind.METRICS: _settle_metrics}


def _moments_of(kind: Kind, item: Any) -> Iterator[int]:
    """The moments of a record, of a span (its start), or of a metric's points, in nanoseconds."""
    if kind is Kind.LOGS:
        yield item.time_unix_nano or item.observed_time_unix_nano
    elif kind is Kind.TRACES:
        yield item.start_time_unix_nano
    elif data := item.WhichOneof("data"):
        for point in getattr(item, data).data_points:
            yield point.time_unix_nano


def _service_of(resource: Any) -> str:
    """The `service.name` of a resource, empty when it has none; the last one counts, as in JSON."""
    name = ""
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            name = attribute.value.string_value
    return name


def _plain(message: Any) -> dict[str, Any]:
    found = {}
    for field, value in message.ListFields():
        name, convert = _conversion(field)
        found[name] = convert(value)
    return found


@cache
def _conversion(field: Any) -> tuple[str, Callable[[Any], Any]]:
    """The JSON name of a field and how its value is written."""
    name = field.json_name
    one: Callable[[Any], Any] = _same
    if field.message_type is not None:
        zeros = _ZERO_UNLESS_SET.get(field.message_type.name, {})
        one = (lambda message: zeros | _plain(message)) if zeros else _plain
    elif field.type == field.TYPE_BYTES:
        one = bytes.hex if name in _HEX else _base64
    if not field.is_repeated:
        return name, one
    return name, lambda values: [one(value) for value in values]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _same(value: Any) -> Any:
    return value


@cache
def _camel(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(part.capitalize() for part in rest)
