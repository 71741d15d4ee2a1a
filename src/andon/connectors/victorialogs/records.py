"""VictoriaLogs' answers, taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from andon.connectors.files.logs_json import body_from
from andon.connectors.files.times import TimeParser
from andon.connectors.unanswered import Unanswered

__all__ = ["Row", "groups_of", "rows_of"]

_STRANGE = "answers, but not as VictoriaLogs' API does"
_OWN = ("_stream", "_stream_id")
"""Fields that repeat what other fields say."""

Row = tuple[float, str, Mapping[str, Any]]
"""Unix seconds, message, fields."""


def rows_of(body: bytes) -> tuple[list[Row], int]:
    """The records of a JSON lines answer, and how many lines were malformed. Raises Unanswered when all are."""
    read = TimeParser().text
    found: list[Row] = []
    strange = 0
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError:
            fields = None
        if not isinstance(fields, dict) or not isinstance(fields.get("_time"), str):
            strange += 1
            continue
        time = read(fields.pop("_time"))
        if time != time:
            strange += 1
            continue
        for name in _OWN:
            fields.pop(name, None)
        message = fields.pop("_msg", None)
        found.append((time, message if isinstance(message, str) else body_from(message, fields), fields))
    if strange and not found:
        raise Unanswered(_STRANGE)
    return found, strange


def groups_of(answer: Any) -> list[tuple[Mapping[str, str], float, float]]:
    """Fields, number of records and their bytes, from an answer of `stats_query`. Raises Unanswered."""
    counts: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    try:
        if answer["status"] != "success" or answer["data"]["resultType"] != "vector":
            raise Unanswered(_STRANGE)
        for one in answer["data"]["result"]:
            labels = {str(name): str(value) for name, value in one["metric"].items()}
            which = labels.pop("__name__")
            counts.setdefault(tuple(sorted(labels.items())), {})[which] = max(0.0, float(one["value"][1]))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise Unanswered(_STRANGE) from None
    return [(dict(key), of.get("records", 0.0), of.get("size", 0.0)) for key, of in counts.items()]
