"""The subset of the query DSL that andon sends, evaluated on documents; any other clause is an error.

bool, match_all, range (numbers, dates), term, terms, exists, match (operator `or`, on text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from andon.testing.imitations.elasticsearch.documents import Document, Index, instant, tokens
from andon.testing.imitations.elasticsearch.failures import Failure, parsing

__all__ = ["Matches", "compiled"]

Matches = Callable[[Index, Document], bool]

_MOST_CLAUSES = 1024
_MOST_TERMS = 65_536
_BOUNDS = {
    "gte": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "lte": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}
_FORMATS = ("epoch_millis", "strict_date_optional_time", "strict_date_optional_time_nanos")


def compiled(query: Any) -> Matches:
    """Whether a document matches. Raises Failure for what the server, or this imitation, does not know."""
    if not isinstance(query, dict) or len(query) != 1:
        raise parsing("[query] malformed query, expected one clause")
    name, clause = next(iter(query.items()))
    make = _CLAUSES.get(name)
    if make is None:
        raise parsing(f"unknown query [{name}]")
    if not isinstance(clause, dict):
        raise parsing(f"[{name}] query malformed, no start_object after query name")
    return make(clause)


def _all(clause: Mapping[str, Any]) -> Matches:
    _only("match_all", clause, ())
    return lambda _index, _document: True


def _bool(clause: Mapping[str, Any]) -> Matches:
    _only("bool", clause, ("must", "filter", "must_not", "should", "minimum_should_match"))
    required = [*_several(clause, "must"), *_several(clause, "filter")]
    refused, optional = _several(clause, "must_not"), _several(clause, "should")
    least = clause.get("minimum_should_match", 0 if required else min(1, len(optional)))
    if len(required) + len(refused) + len(optional) > _MOST_CLAUSES:
        raise Failure("too_many_clauses", f"maxClauseCount is set to {_MOST_CLAUSES}", phase=True)

    def matches(index: Index, document: Document) -> bool:
        return (
            all(one(index, document) for one in required)
            and not any(one(index, document) for one in refused)
            and (not optional or sum(one(index, document) for one in optional) >= least)
        )

    return matches


def _several(clause: Mapping[str, Any], name: str) -> list[Matches]:
    inner = clause.get(name, [])
    return [compiled(one) for one in (inner if isinstance(inner, list) else [inner])]


def _range(clause: Mapping[str, Any]) -> Matches:
    name, bounds = _one_field("range", clause)
    if not isinstance(bounds, dict):
        raise parsing("[range] query does not support a bare value")
    _only("range", bounds, (*_BOUNDS, "format", "time_zone", "boost"))
    form = str(bounds.get("format", "strict_date_optional_time||epoch_millis"))
    if not all(one in _FORMATS for one in form.split("||")):
        raise Failure("illegal_argument_exception", f"Invalid format: [{form}]", phase=True)

    def matches(index: Index, document: Document) -> bool:
        kind = index.mapping.get(name, "")
        limits = [(how, _limit(bounds[how], kind, form)) for how in _BOUNDS if how in bounds]
        return any(
            all(_BOUNDS[how](value, limit) for how, limit in limits) for value in index.values(document, name)
        )

    return matches


def _limit(value: Any, kind: str, form: str) -> Any:
    if kind not in ("date", "date_nanos"):
        return value
    number = isinstance(value, int | float) or re.fullmatch(r"-?\d+", str(value)) is not None
    if number and "epoch_millis" not in form:
        raise Failure(
            "parse_exception", f"failed to parse date field [{value}] with format [{form}]", phase=True
        )
    if not number and "strict_date" not in form:
        raise Failure(
            "parse_exception", f"failed to parse date field [{value}] with format [{form}]", phase=True
        )
    return instant(int(value) if number else value, kind)


def _term(clause: Mapping[str, Any]) -> Matches:
    name, value = _one_field("term", clause)
    if isinstance(value, dict):
        _only("term", value, ("value", "boost", "case_insensitive"))
        value = value.get("value")
    return _equal(name, [value])


def _terms(clause: Mapping[str, Any]) -> Matches:
    name, values = _one_field("terms", clause)
    if not isinstance(values, list):
        raise parsing("[terms] query requires an array of terms")
    if len(values) > _MOST_TERMS:
        raise Failure(
            "illegal_argument_exception", f"The number of terms exceeds [{_MOST_TERMS}]", phase=True
        )
    return _equal(name, values)


def _equal(name: str, values: Iterable[Any]) -> Matches:
    wanted = {str(value) for value in values}

    def matches(index: Index, document: Document) -> bool:
        held = index.values(document, name)
        if index.mapping.get(name) == "text":
            held = [token for text in held for token in tokens(text)]
        return any(str(value) in wanted for value in held)

    return matches


def _exists(clause: Mapping[str, Any]) -> Matches:
    _only("exists", clause, ("field", "boost"))
    if "field" not in clause:
        raise parsing("[exists] must be provided with a [field]")
    return lambda index, document: bool(index.values(document, clause["field"]))


def _match(clause: Mapping[str, Any]) -> Matches:
    name, wanted = _one_field("match", clause)
    if isinstance(wanted, dict):
        _only("match", wanted, ("query", "operator"))
        if str(wanted.get("operator", "or")).lower() != "or":
            raise parsing("[match] this imitation knows the operator [or] only")
        wanted = wanted.get("query")
    words = set(tokens(str(wanted)))

    def matches(index: Index, document: Document) -> bool:
        held = index.values(document, name)
        if index.mapping.get(name) != "text":
            return any(str(value) == wanted for value in held)
        return any(words.intersection(tokens(text)) for text in held)

    return matches


def _one_field(query: str, clause: Mapping[str, Any]) -> tuple[str, Any]:
    if len(clause) != 1:
        raise parsing(f"[{query}] query doesn't support multiple fields")
    return next(iter(clause.items()))


def _only(query: str, clause: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in clause:
        if name not in tuple(known):
            raise Failure("x_content_parse_exception", f"[{query}] unknown field [{name}]")


_CLAUSES: Mapping[str, Callable[[Mapping[str, Any]], Matches]] = {
    "match_all": _all,
    "bool": _bool,
    "range": _range,
    "term": _term,
    "terms": _terms,
    "exists": _exists,
    "match": _match,
}
