"""The libraries of the extra `otlp`, imported when they are needed; they carry no types of their own."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from andon.connectors.received.frames import Kind
from andon.errors import MissingExtra

__all__ = ["request_class", "require", "response_class", "service"]

_SERVICE_MODULE = "opentelemetry.proto.collector.{0}.v1.{0}_service_pb2"
_SERVICES = {
    Kind.METRICS: ("metrics", "MetricsService"),
    Kind.LOGS: ("logs", "LogsService"),
    Kind.TRACES: ("trace", "TraceService"),
}
"""Kind to the package of the OpenTelemetry protocol, and the service in it."""


def require(module: str) -> Any:
    """The module of a library in the extra `otlp`. Raises MissingExtra when it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"the OTLP receiver needs {module.partition('.')[0]}", hint="pip install 'andon[otlp]'"
        ) from error


def service(kind: Kind) -> Any:
    """The descriptor of the service that takes requests of this kind."""
    return _module(kind).DESCRIPTOR.services_by_name[_SERVICES[kind][1]]


@cache
def request_class(kind: Kind) -> Any:
    """The message class of requests of this kind."""
    return getattr(_module(kind), service(kind).methods[0].input_type.name)


@cache
def response_class(kind: Kind) -> Any:
    """The message class of answers to requests of this kind."""
    return getattr(_module(kind), service(kind).methods[0].output_type.name)


def _module(kind: Kind) -> Any:
    return require(_SERVICE_MODULE.format(_SERVICES[kind][0]))
