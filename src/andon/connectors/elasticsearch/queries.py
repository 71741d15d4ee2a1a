"""The queries that are sent, as JSON of the query DSL.

Only clauses that Elasticsearch 7.10 and OpenSearch 1 know already: bool, range, terms, exists, match.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from andon.connectors.elasticsearch.fields import Fields
from andon.telemetry import Window

__all__ = ["both", "count", "every", "leveled", "loud", "page", "quiet", "timeless"]

Query = Mapping[str, Any]

_ALARMING = (
    "error err errors exception fatal critical panic crash crashed fail failed failure failures "
    "timeout denied refused unavailable traceback warn warning"
)
"""Words by which a record that states no level is taken to be a warning or worse."""
_LEVELS = 100
"""Different values of a level field that are told apart; loggers know about ten."""


def every(fields: Fields, windows: Sequence[Window], services: Sequence[str]) -> Query:
    """All records of the windows, of these services where the indices can tell."""
    ranges = [_range(fields.time, window) for window in windows]
    clauses = [ranges[0] if len(ranges) == 1 else _any(ranges)]
    if services and fields.service:
        clauses.append(_any([{"terms": {term.indexed: list(services)}} for term in fields.service]))
    return {"bool": {"filter": clauses}}


def loud(fields: Fields, levels: Mapping[str, Sequence[Any]]) -> Query | None:
    """Records of these levels (values by indexed field), and those without any level that sound like it."""
    clauses: list[Query] = [{"terms": {name: list(values)}} for name, values in levels.items() if values]
    if fields.texts:
        words = [{"match": {name: {"query": _ALARMING, "operator": "or"}}} for name in fields.texts]
        stated = [{"exists": {"field": term.indexed}} for term in fields.level]
        sounding: dict[str, Any] = {"filter": [_any(words)]}
        clauses.append({"bool": sounding | ({"must_not": stated} if stated else {})})
    return _any(clauses) if clauses else None


def both(query: Query, also: Query) -> Query:
    """What the one query finds and the other, too."""
    return {"bool": {"filter": [query, also]}}


def quiet(query: Query, loud: Query | None) -> Query:
    """What the query finds beside the loud records."""
    return {"bool": {"filter": [query], "must_not": [loud]}} if loud else query


def timeless(fields: Fields) -> Query:
    """Records that no window can hold, for they have no time."""
    return {"bool": {"must_not": [{"exists": {"field": fields.time}}]}}


def leveled(fields: Fields) -> dict[str, Any]:
    """Aggregations: how many records of each value of each level field."""
    return {term.indexed: {"terms": {"field": term.indexed, "size": _LEVELS}} for term in fields.level}


def count(query: Query, seconds: float, aggregations: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a search that counts exactly and fetches nothing."""
    body = {"size": 0, "track_total_hits": True, "query": query, "timeout": f"{math.ceil(seconds)}s"}
    return body | ({"aggs": dict(aggregations)} if aggregations else {})


def page(fields: Fields, query: Query, size: int, seconds: float) -> dict[str, Any]:
    """The body of a search for the first records of the query in time.

    In some index the time may be milliseconds and in others nanoseconds; one `numeric_type` makes them comparable.
    """
    order = {"order": "asc", "unmapped_type": "date"} | (
        {"numeric_type": "date_nanos"} if fields.nanos else {}
    )
    return {
        "size": size,
        "track_total_hits": False,
        "query": query,
        "sort": [{fields.time: order}],
        "_source": fields.source(),
        "timeout": f"{math.ceil(seconds)}s",
    }


def _any(clauses: Sequence[Query]) -> Query:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def _range(field: str, window: Window) -> Query:
    """Whole milliseconds that hold the window; what lies beside it within them is cut off afterwards."""
    start = math.floor(round(window.start * 1000, 3))
    end = math.ceil(round(window.end * 1000, 3))
    return {"range": {field: {"gte": start, "lt": end, "format": "epoch_millis"}}}
