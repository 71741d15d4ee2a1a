"""What an answer of `_search` says, and what it admits to lack: partial answers come with status 200."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.refusals import STRANGE
from andon.connectors.log_records import severity_of_fields
from andon.connectors.unanswered import Unanswered
from andon.telemetry import WARN, Status

__all__ = ["Gap", "alarming_levels", "gaps", "hits", "measured", "total", "view_lost"]

_MISSING_VIEW = "search_context_missing_exception"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not there, as `Reading.lacking` takes it."""

    status: Status
    message: str
    hint: str = ""


def hits(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The documents, each with the values that it was sorted by. Raises Unanswered when it is no such answer."""
    outer = answer.get("hits")
    inner = outer.get("hits") if isinstance(outer, dict) else None
    if not isinstance(inner, list) or not all(_is_sorted(one) for one in inner):
        raise Unanswered(STRANGE)
    return inner


def total(answer: Mapping[str, Any]) -> int:
    """How many documents match, exactly; servers before version 7 say it as a bare number."""
    outer = answer.get("hits")
    stated = outer.get("total") if isinstance(outer, dict) else None
    number = stated.get("value") if isinstance(stated, dict) else stated
    if not isinstance(number, int) or isinstance(number, bool):
        raise Unanswered(STRANGE)
    return number


def gaps(answer: Mapping[str, Any]) -> list[Gap]:
    """What the server says it could not search."""
    found = []
    if answer.get("timed_out") is True:
        hint = "look at less, or raise limits.timeout"
        found.append(Gap(Status.PARTIAL, "ran out of time while searching: some records are missing", hint))
    shards = _object(answer, "_shards")
    if failed := _number(shards, "failed"):
        reasons = "; ".join(sorted({_reason(one) for one in _failures(shards)})[:3]) or "no reason given"
        message = f"{failed} of {_number(shards, 'total')} shards did not answer ({reasons})"
        found.append(Gap(Status.PARTIAL, message, "is the cluster healthy? ask again later"))
    clusters = _object(answer, "_clusters")
    for state in ("skipped", "failed", "partial"):
        if number := _number(clusters, state):
            message = f"{number} of {_number(clusters, 'total')} remote clusters: {state}"
            found.append(Gap(Status.PARTIAL, message, "is the remote cluster reachable from this one?"))
    return found


def view_lost(answer: Mapping[str, Any]) -> bool:
    """Whether some shard no longer knows the point in time."""
    failures = _failures(_object(answer, "_shards"))
    return any(_object(one, "reason").get("type") == _MISSING_VIEW for one in failures)


def alarming_levels(answer: Mapping[str, Any], fields: Fields) -> dict[str, list[Any]]:
    """By level field, the values that occur and mean a warning or worse."""
    found = _object(answer, "aggregations")
    return {
        term.indexed: [
            bucket["key"]
            for bucket in _buckets(_object(found, term.indexed))
            if _severity(term.indexed, bucket["key"]) >= WARN
        ]
        for term in fields.level
    }


def measured(answer: Mapping[str, Any], name: str) -> float | None:
    """The value of an aggregation to one number; None when there was nothing to measure."""
    value = _object(_object(answer, "aggregations"), name).get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _severity(name: str, value: Any) -> int:
    return severity_of_fields({"severity_number" if "number" in name.lower() else "level": value})


def _buckets(aggregation: Mapping[str, Any]) -> list[dict[str, Any]]:
    buckets = aggregation.get("buckets")
    if not isinstance(buckets, list):
        return []
    return [one for one in buckets if isinstance(one, dict) and isinstance(one.get("key"), str | int | float)]


def _failures(shards: Mapping[str, Any]) -> list[dict[str, Any]]:
    failures = shards.get("failures")
    return [one for one in failures if isinstance(one, dict)] if isinstance(failures, list) else []


def _reason(failure: Mapping[str, Any]) -> str:
    reason = _object(failure, "reason")
    return f"{failure.get('index')}: {reason.get('type')}: {reason.get('reason')}"[:160]


def _is_sorted(one: Any) -> bool:
    order = one.get("sort") if isinstance(one, dict) else None
    return isinstance(order, list) and bool(order) and isinstance(order[0], int) and order[0] is not True


def _object(outer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = outer.get(name)
    return inner if isinstance(inner, dict) else {}


def _number(outer: Mapping[str, Any], name: str) -> int:
    value = outer.get(name)
    return value if isinstance(value, int) else 0
