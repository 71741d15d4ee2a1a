"""The aggregations that andon sends: terms, min, cardinality; any other is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from andon.testing.imitations.elasticsearch.documents import Document, Index
from andon.testing.imitations.elasticsearch.failures import Failure, parsing

__all__ = ["aggregated"]


def aggregated(asked: Any, found: Sequence[tuple[Index, Document]]) -> dict[str, Any]:
    """The results by name, over the documents that the query found. Raises Failure."""
    if not isinstance(asked, dict):
        raise parsing("Expected [START_OBJECT] under [aggs]")
    return {name: _one(name, definition, found) for name, definition in asked.items()}


def _one(name: str, definition: Any, found: Sequence[tuple[Index, Document]]) -> dict[str, Any]:
    if not isinstance(definition, dict) or len(definition) != 1:
        raise parsing(f"Expected one aggregation under [{name}]")
    kind, options = next(iter(definition.items()))
    field = options.get("field") if isinstance(options, dict) else None
    if kind not in ("terms", "min", "cardinality") or not isinstance(field, str):
        raise parsing(f"Unknown aggregation type [{kind}]")
    if any(index.mapping.get(field) == "text" for index, _ in found):
        raise Failure("illegal_argument_exception", f"Fielddata is disabled on [{field}]", phase=True)
    values = [value for index, document in found for value in _numbers(index, document, field)]
    if kind == "terms":
        return _terms(values, options)
    if kind == "cardinality":
        return {"value": len(set(values))}
    return {"value": float(min(values)) if values else None}


def _numbers(index: Index, document: Document, field: str) -> list[Any]:
    """Dates are compared as milliseconds here, those of nanoseconds too."""
    values = index.values(document, field)
    return [value / 1e6 for value in values] if index.mapping.get(field) == "date_nanos" else values


def _terms(values: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    for option in options:
        if option not in ("field", "size"):
            raise Failure("x_content_parse_exception", f"[terms] unknown field [{option}]")
    ordered = sorted(Counter(values).items(), key=lambda one: (-one[1], str(one[0])))
    size = options.get("size", 10)
    return {
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": sum(count for _, count in ordered[size:]),
        "buckets": [{"key": key, "doc_count": count} for key, count in ordered[:size]],
    }
