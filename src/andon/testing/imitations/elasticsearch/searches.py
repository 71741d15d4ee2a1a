"""One search: the body that was sent, run over some indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.testing.imitations.elasticsearch.aggregations import aggregated
from andon.testing.imitations.elasticsearch.documents import Document, Index, instant
from andon.testing.imitations.elasticsearch.failures import Failure, parsing
from andon.testing.imitations.elasticsearch.queries import compiled

__all__ = ["Health", "searched"]

_KEYS = (
    "query",
    "size",
    "from",
    "sort",
    "search_after",
    "track_total_hits",
    "aggs",
    "_source",
    "timeout",
    "pit",
)
_ORDER = ("order", "unmapped_type", "numeric_type", "missing", "format")
_COUNTED = 10_000
"""Matches that are counted unless `track_total_hits` says otherwise."""
_NOWHERE = 2**63 - 1
"""What a document without the field is sorted by."""


@dataclass(slots=True)
class Health:
    """What is wrong with the cluster: shards of each index that do not answer, searches that run out of time, remote clusters that are away."""

    failed_shards: int = 0
    timed_out: bool = False
    skipped_clusters: int = 0


@dataclass(frozen=True, slots=True)
class _Hit:
    order: tuple[int, ...]
    index: Index
    document: Document


def searched(
    indices: Sequence[Index], body: Mapping[str, Any], health: Health, *, tiebreak: bool
) -> dict[str, Any]:
    """The answer without the name of a view. `tiebreak` adds `_shard_doc` to the sort. Raises Failure."""
    for key in body:
        if key not in _KEYS:
            raise parsing(f"Unknown key for a VALUE in [{key}].")
    size, first, after = body.get("size", 10), body.get("from", 0), body.get("search_after")
    _check_window(indices, size, first, after)
    matches = compiled(body.get("query", {"match_all": {}}))
    there = [one for index in indices for one in _searchable(index, health)]
    found = [(index, document) for index, document in there if matches(index, document)]
    ordered = _sorted(indices, found, body.get("sort", []), tiebreak)
    if after is not None:
        ordered = _behind(ordered, after)
    shown = ordered[first : first + size]
    answer: dict[str, Any] = {"took": 3, "timed_out": health.timed_out, "_shards": _shards(indices, health)}
    if health.skipped_clusters:
        away = health.skipped_clusters
        answer["_clusters"] = {"total": away + 1, "successful": 1, "skipped": away}
    answer["hits"] = {"max_score": None, "hits": [_shown(hit, body.get("_source")) for hit in shown]}
    answer["hits"] |= _total(len(found), body.get("track_total_hits", _COUNTED))
    if "aggs" in body:
        answer["aggregations"] = aggregated(body["aggs"], found)
    return answer


def _check_window(indices: Sequence[Index], size: int, first: int, after: Any) -> None:
    if after is not None and first:
        reason = "Validation Failed: 1: `from` parameter must be set to 0 when `search_after` is used;"
        raise Failure("action_request_validation_exception", reason)
    for index in indices:
        if first + size > index.max_result_window:
            reason = (
                "Result window is too large, from + size must be less than or equal to: "
                f"[{index.max_result_window}] but was [{first + size}]. See the scroll api for a more efficient way "
                "to request large data sets. This limit can be set by changing the [index.max_result_window] "
                "index level setting."
            )
            raise Failure("illegal_argument_exception", reason, phase=True)


def _searchable(index: Index, health: Health) -> list[tuple[Index, Document]]:
    """The documents on shards that answer; of a search that runs out of time the first half."""
    there = [(index, one) for one in index.documents if index.shard_of(one) >= health.failed_shards]
    return there[: len(there) // 2] if health.timed_out else there


def _sorted(
    indices: Sequence[Index], found: Sequence[tuple[Index, Document]], sort: Any, tiebreak: bool
) -> list[_Hit]:
    keys = [_sort_key(one) for one in sort]
    place = _places(indices) if tiebreak and keys else {}
    hits = []
    for index, document in found:
        order = [_sort_value(index, document, name, options) for name, options in keys]
        if place:
            order.append(place[index.name, document.id])
        hits.append(_Hit(tuple(order), index, document))
    return sorted(hits, key=lambda hit: hit.order) if keys else hits


def _sort_key(one: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(one, dict) or len(one) != 1:
        raise parsing("malformed sort format, either start array, start object, or an actual string")
    name, options = next(iter(one.items()))
    for option in options:
        if option not in _ORDER:
            raise Failure("x_content_parse_exception", f"[field_sort] unknown field [{option}]")
    if options.get("order", "asc") != "asc":
        raise parsing("this imitation sorts ascending only")
    return name, options


def _sort_value(index: Index, document: Document, name: str, options: Mapping[str, Any]) -> int:
    kind = index.mapping.get(name)
    if kind is None and "unmapped_type" not in options:
        raise Failure(
            "query_shard_exception", f"No mapping found for [{name}] in order to sort on", phase=True
        )
    values = index.values(document, name)
    if not values:
        return _NOWHERE
    scale = 1_000_000 if kind == "date" and options.get("numeric_type") == "date_nanos" else 1
    return int(min(values)) * scale


def _places(indices: Sequence[Index]) -> dict[tuple[str, str], int]:
    """`_shard_doc`: the shard's number among those of the view, and the document's in the shard."""
    found, offset = {}, 0
    for index in indices:
        for number, document in enumerate(index.documents):
            found[index.name, document.id] = (offset + index.shard_of(document) << 32) + number
        offset += index.shards
    return found


def _behind(ordered: Sequence[_Hit], after: Any) -> list[_Hit]:
    if not isinstance(after, list):
        raise parsing("[search_after] must be an array")
    fields = len(ordered[0].order) if ordered else len(after)
    if not fields:
        raise Failure("illegal_argument_exception", "Sort must contain at least one field.", phase=True)
    if len(after) != fields:
        reason = f"search_after has {len(after)} value(s) but sort has {fields}."
        raise Failure("illegal_argument_exception", reason, phase=True)
    border = tuple(one if isinstance(one, int) else instant(one) for one in after)
    return [hit for hit in ordered if hit.order > border]


def _total(number: int, track: Any) -> dict[str, Any]:
    if track is False:
        return {}
    most = number if track is True else int(track)
    return {"total": {"value": min(number, most), "relation": "eq" if number <= most else "gte"}}


def _shards(indices: Sequence[Index], health: Health) -> dict[str, Any]:
    total = sum(index.shards for index in indices)
    failures = [
        {
            "shard": shard,
            "index": index.name,
            "node": "n1",
            "reason": {"type": "illegal_state_exception", "reason": "the disk of this node is full"},
        }
        for index in indices
        for shard in range(min(health.failed_shards, index.shards))
    ]
    told = {"total": total, "successful": total - len(failures), "skipped": 0, "failed": len(failures)}
    return told | ({"failures": failures} if failures else {})


def _shown(hit: _Hit, wanted: Any) -> dict[str, Any]:
    source = dict(hit.document.source)
    if isinstance(wanted, list):
        source = _limited(source, wanted)
    shown: dict[str, Any] = {"_index": hit.index.name, "_id": hit.document.id, "_score": None}
    if wanted is not False:
        shown["_source"] = source
    return shown | ({"sort": list(hit.order)} if hit.order else {})


def _limited(source: Mapping[str, Any], wanted: Sequence[str], above: str = "") -> dict[str, Any]:
    """What lies under the wanted paths."""
    found = {}
    for key, value in source.items():
        path = above + key
        if any(path == one or path.startswith(f"{one}.") for one in wanted):
            found[key] = value
        elif isinstance(value, dict) and any(one.startswith(f"{path}.") for one in wanted):
            inner = _limited(value, wanted, f"{path}.")
            if inner:
                found[key] = inner
    return found
