"""Which fields of the indices hold time, text, level, service and trace id, as `_field_caps` tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.connectors.elasticsearch.config import FieldNames
from andon.connectors.elasticsearch.refusals import STRANGE
from andon.connectors.unanswered import Unanswered

__all__ = ["Fields", "Term", "asked_for", "found", "value_at"]

_USUAL: Mapping[str, tuple[str, ...]] = {
    "time": ("@timestamp", "timestamp", "time"),
    "message": ("message", "log", "body", "body.text", "body_text", "msg", "event.original"),
    "level": (
        "log.level",
        "level",
        "severity_text",
        "severityText",
        "severity.text",
        "severity",
        "loglevel",
        "severity_number",
        "severityNumber",
        "severity.number",
    ),
    "service": (
        "service.name",
        "resource.attributes.service.name",
        "resource.attributes.service@name",
        "serviceName",
        "service_name",
        "service",
        "kubernetes.labels.app.kubernetes.io/name",
        "kubernetes.labels.app_kubernetes_io/name",
        "kubernetes.labels.app",
        "kubernetes.container.name",
        "kubernetes.container_name",
    ),
    "trace": ("trace.id", "trace_id", "traceId"),
}
"""ECS, OpenTelemetry in Elasticsearch and in OpenSearch, Fluent Bit; in the order in which they are believed."""
_DATES = ("date", "date_nanos")
_TEXTS = ("text", "match_only_text")


@dataclass(frozen=True, slots=True)
class Term:
    """A field whose exact values can be asked for: where it is in a document, and under which name it is indexed."""

    path: str
    indexed: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that are there; `nanos` when times are nanoseconds in any index, `texts` those that words are found in."""

    time: str
    nanos: bool
    message: tuple[str, ...]
    texts: tuple[str, ...]
    level: tuple[Term, ...]
    service: tuple[Term, ...]
    trace: tuple[str, ...]
    attributes: tuple[str, ...]

    def source(self) -> list[str]:
        """The fields that a document is fetched with."""
        terms = (term.path for term in (*self.level, *self.service))
        return list(dict.fromkeys([self.time, *self.message, *terms, *self.trace, *self.attributes]))


def asked_for(names: FieldNames) -> list[str]:
    """The fields whose capabilities are of interest, with the keyword that often lies beside a text."""
    plain = [name for role in _USUAL for name in _candidates(names, role)]
    exact = [f"{name}.keyword" for role in ("level", "service") for name in _candidates(names, role)]
    return list(dict.fromkeys([*plain, *exact, *names.attributes]))


def found(answer: Mapping[str, Any], names: FieldNames) -> Fields:
    """The fields of an answer of `_field_caps`. Raises Unanswered when it is none, or no index has a time."""
    indices, caps = answer.get("indices"), answer.get("fields")
    if not isinstance(indices, list) or not isinstance(caps, dict):
        raise Unanswered(STRANGE)
    if not indices:
        raise Unanswered(
            "no index matches, or none that we may see",
            hint="check scope.indices; the role needs the privilege to view their metadata",
        )
    types = {name: of for name, of in caps.items() if isinstance(of, dict)}
    dated = [name for name in _candidates(names, "time") if set(types.get(name, ())) & set(_DATES)]
    if not dated:
        raise Unanswered(
            "the indices have no field of type date that is known as their time",
            hint="name it under fields.time",
        )
    message = _present(types, _candidates(names, "message"))
    return Fields(
        time=dated[0],
        nanos="date_nanos" in types[dated[0]],
        message=message,
        texts=tuple(name for name in message if set(types[name]) & set(_TEXTS)),
        level=_terms(types, _candidates(names, "level")),
        service=_terms(types, _candidates(names, "service")),
        trace=_present(types, _candidates(names, "trace")),
        attributes=_present(types, names.attributes),
    )


def value_at(source: Any, path: str) -> Any:
    """What a document holds under a path, however its dots are nested; of a list the first entry, None without."""
    if not isinstance(source, dict):
        return None
    value = source.get(path)
    at = path.find(".")
    while value is None and at >= 0:
        value = value_at(source.get(path[:at]), path[at + 1 :])
        at = path.find(".", at + 1)
    return value[0] if isinstance(value, list) and value else value


def _candidates(names: FieldNames, role: str) -> tuple[str, ...]:
    stated = getattr(names, role)
    if isinstance(stated, str):
        stated = (stated,) if stated else ()
    return stated or _USUAL[role]


def _present(types: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Those that are there and hold values; an `object` only holds other fields."""
    return tuple(name for name in names if set(types.get(name, ())) - {"object", "nested", "unmapped"})


def _terms(types: Mapping[str, Any], names: Sequence[str]) -> tuple[Term, ...]:
    exact = ((name, indexed) for name in names for indexed in (name, f"{name}.keyword"))
    there = {name: indexed for name, indexed in reversed(list(exact)) if _aggregatable(types.get(indexed))}
    return tuple(Term(name, there[name]) for name in names if name in there)


def _aggregatable(types: Any) -> bool:
    """Whether every index that has the field can compare its exact values."""
    kinds = [of for kind, of in types.items() if kind != "unmapped"] if isinstance(types, dict) else []
    return bool(kinds) and all(isinstance(of, dict) and of.get("aggregatable") is True for of in kinds)
