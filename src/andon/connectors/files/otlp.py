"""What OTLP JSON has in common over signals: attributes, resources, scopes, times, ids.

Source: OpenTelemetry protocol 1.x, JSON encoding (64-bit integers as strings, ids in hex, enums as
numbers; names of enums are accepted too). Keys may be camelCase or, from older writers, snake_case.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from andon.connectors.files.fields import number, text_of

__all__ = [
    "attributes_of",
    "dicts",
    "identity",
    "key",
    "nanoseconds",
    "resources",
    "service_of",
    "snake_case",
    "value_of",
]

IDENTITY = (
    "service.namespace", "service.instance.id", "deployment.environment.name", "deployment.environment",
    "host.name", "k8s.namespace.name", "k8s.pod.name", "k8s.node.name", "k8s.container.name", "container.id",
    "cloud.region", "cloud.account.id", "faas.instance",
)  # fmt: skip
"""Resource attributes that tell one instance of a service from another; they become labels."""

MOST_NESTED = 20


def value_of(value: Any, depth: int = 0) -> Any:
    """The plain value of an OTLP AnyValue; null where it is of no known kind."""
    if not isinstance(value, dict):
        return value
    for name, inner in value.items():
        kind = name.partition("Value")[0] if name.endswith("Value") else name.removesuffix("_value")
        if kind == "int":
            return _integer(inner)
        if kind in ("string", "double", "bool", "bytes"):
            return inner
        if kind in ("array", "kvlist") and isinstance(inner, dict):
            return _nested(kind, dicts(inner.get("values")), depth + 1)
    return None


def _integer(written: Any) -> Any:
    try:
        return int(written)
    except (TypeError, ValueError, OverflowError):
        return text_of(written)


def _nested(kind: str, values: list[dict[str, Any]], depth: int) -> Any:
    if depth > MOST_NESTED:
        return "…"
    if kind == "array":
        return [value_of(item, depth) for item in values]
    return {text_of(item.get("key")): value_of(item.get("value"), depth) for item in values}


def attributes_of(owner: Mapping[str, Any], name: str = "attributes") -> dict[str, Any]:
    """The attributes of a resource, record, span or point as a plain dict."""
    listed = owner.get(name)
    if not isinstance(listed, list):
        return dict(listed) if isinstance(listed, dict) else {}
    found = {}
    for item in listed:
        if isinstance(item, dict):
            value = item.get("value")
            # The commonest kind first: this runs for every attribute of every span.
            if isinstance(value, dict) and "stringValue" in value:
                found[text_of(item.get("key"))] = value["stringValue"]
            else:
                found[text_of(item.get("key"))] = value_of(value)
    return found


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing of anything else."""
    if not isinstance(value, list):
        return []
    # The commonest case first: a list of one, as each span in a batch of its own resource is.
    if len(value) == 1 and type(value[0]) is dict:
        return value
    return [item for item in value if isinstance(item, dict)]


def key(owner: Mapping[str, Any], camel: str, snake: str) -> Any:
    """The value under either spelling, null when there is none."""
    return owner[camel] if camel in owner else owner.get(snake)


def resources(
    batch: Mapping[str, Any], signal: str, scope: str, items: str
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Resource attributes with the items below them; `signal` is `resourceSpans` and its like."""
    snake_scope, old_scope = snake_case(scope), "instrumentationLibrary" + scope[5:]
    for resource in dicts(key(batch, signal, snake_case(signal))):
        owner = resource.get("resource")
        attributes = attributes_of(owner) if isinstance(owner, dict) else {}
        scopes = resource.get(scope) or resource.get(snake_scope) or resource.get(old_scope)
        for one in dicts(scopes):
            yield attributes, dicts(one.get(items))


def service_of(resource: Mapping[str, Any], fallback: str = "") -> str:
    """The `service.name` of a resource."""
    return text_of(resource.get("service.name")) or fallback


def identity(resource: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The labels that a resource gives to its series."""
    return tuple((name, text_of(resource[name])) for name in IDENTITY if name in resource)


def nanoseconds(value: Any) -> float:
    """Unix nanoseconds, as number or text, in seconds; NaN when unreadable or zero (OTLP's `unknown`)."""
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return math.nan
    seconds = number(value) / 1e9
    return seconds if seconds > 0 else math.nan


@lru_cache(maxsize=256)
def snake_case(camel: str) -> str:
    """`resourceSpans` as `resource_spans`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in camel)
