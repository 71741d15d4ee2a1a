"""OTLP in its JSON form: what is checked of it, and what of it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import orjson

from andon.connectors.files import otlp
from andon.connectors.received.frames import Kind
from andon.connectors.received.moments import Moments
from andon.connectors.received.undecodable import Undecodable

__all__ = ["batch_of_json", "check_json"]

_RESOURCES = {Kind.METRICS: "resourceMetrics", Kind.LOGS: "resourceLogs", Kind.TRACES: "resourceSpans"}
_SCOPES = {
    Kind.METRICS: ("scopeMetrics", "instrumentationLibraryMetrics"),
    Kind.LOGS: ("scopeLogs", "instrumentationLibraryLogs"),
    Kind.TRACES: ("scopeSpans", "instrumentationLibrarySpans"),
}
_ITEMS = {Kind.METRICS: "metrics", Kind.LOGS: "logRecords", Kind.TRACES: "spans"}
_DATA = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
Items = list[Any]


def check_json(kind: Kind, plain: bytes, moments: Moments) -> bytes:
    """The request without what is refused. Raises Undecodable."""
    request = _decoded(plain)
    for resource in _objects(request, _RESOURCES[kind]):
        for scope in _objects(resource, *_SCOPES[kind]):
            for items in _lists(scope, _ITEMS[kind]):
                for timed in _timed(kind, items):
                    moments.settle(timed, [_MOMENT[kind](item) for item in timed])
    if not moments.refused:
        return plain
    try:
        return orjson.dumps(request)
    except TypeError:
        raise Undecodable("nested too deeply") from None


def batch_of_json(
    kind: Kind, plain: bytes, wanted: Callable[[float], bool], services: Collection[str]
) -> dict[str, Any]:
    """The items whose moment is wanted, below resources of these services (none: all).

    A metric is kept when one of its points is wanted. Raises Undecodable.
    """
    resources = []
    for resource in _objects(_decoded(plain), _RESOURCES[kind]):
        owner = resource.get("resource")
        owner = owner if isinstance(owner, dict) else {}
        if services and otlp.service_of(otlp.attributes_of(owner)) not in services:
            continue
        items = [
            item
            for scope in _objects(resource, *_SCOPES[kind])
            for listed in _lists(scope, _ITEMS[kind])
            for item in listed
            if any(wanted(_MOMENT[kind](one)) for timed in _timed(kind, [item]) for one in timed)
        ]
        if items:
            resources.append({"resource": owner, _SCOPES[kind][0]: [{_ITEMS[kind]: items}]})
    return {_RESOURCES[kind]: resources}


def _decoded(plain: bytes) -> dict[str, Any]:
    try:
        request = orjson.loads(plain)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"not valid JSON: {error.msg}") from None
    if not isinstance(request, dict):
        raise Undecodable("not a JSON object")
    return request


def _timed(kind: Kind, items: Items) -> Iterator[Items]:
    """The lists of what has a moment: the items themselves, or the points of metrics."""
    if kind is not Kind.METRICS:
        yield items
        return
    for metric in items:
        if not isinstance(metric, dict):
            raise Undecodable("metrics: holds something other than objects")
        for data in _DATA:
            body = otlp.key(metric, data, otlp.snake_case(data))
            if isinstance(body, dict):
                yield from _lists(body, "dataPoints")


def _moment_of_record(record: Any) -> float:
    """Unix seconds, or NaN."""
    if not isinstance(record, dict):
        return float("nan")
    time = otlp.nanoseconds(otlp.key(record, "timeUnixNano", "time_unix_nano"))
    if time == time:
        return time
    return otlp.nanoseconds(otlp.key(record, "observedTimeUnixNano", "observed_time_unix_nano"))


def _moment_of_span(span: Any) -> float:
    if not isinstance(span, dict):
        return float("nan")
    end = otlp.nanoseconds(otlp.key(span, "endTimeUnixNano", "end_time_unix_nano"))
    return (
        otlp.nanoseconds(otlp.key(span, "startTimeUnixNano", "start_time_unix_nano")) if end == end else end
    )


def _moment_of_point(point: Any) -> float:
    if not isinstance(point, dict):
        return float("nan")
    return otlp.nanoseconds(otlp.key(point, "timeUnixNano", "time_unix_nano"))


_MOMENT = {Kind.METRICS: _moment_of_point, Kind.LOGS: _moment_of_record, Kind.TRACES: _moment_of_span}


def _objects(owner: dict[str, Any], *names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        for found in _lists(owner, name):
            if not all(isinstance(each, dict) for each in found):
                raise Undecodable(f"{name}: holds something other than objects")
            yield from found


def _lists(owner: dict[str, Any], name: str) -> Iterator[Items]:
    """What lies under a name, in either spelling."""
    for spelling in (name, otlp.snake_case(name)):
        found = owner.get(spelling)
        if isinstance(found, list):
            yield found
        elif found is not None:
            raise Undecodable(f"{name}: not a list")
        if spelling == otlp.snake_case(name):
            return
