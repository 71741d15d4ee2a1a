"""Loki's answers, taken apart.

Structured metadata comes as a third element of an entry where the answer says `categorize-labels` (Loki 3 on
request); elsewhere it is mixed into the labels of the stream. Both are understood. An entry that has another shape is
counted and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from andon.connectors.unanswered import Unanswered

__all__ = ["Entry", "Stats", "entries_of", "groups_of", "names_of", "stats_of"]

_STRANGE = "answers, but not as Loki's API does"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: Unix nanoseconds, the labels of its stream, its structured metadata."""

    ns: int
    line: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]

    @property
    def key(self) -> tuple[Any, ...]:
        """What Loki tells entries of one moment apart by."""
        return self.line, tuple(sorted(self.labels.items())), tuple(sorted(self.metadata.items()))


@dataclass(frozen=True, slots=True)
class Stats:
    """How much the index says there is; nothing of what the ingesters have not written yet."""

    streams: int
    entries: int
    bytes: int


def entries_of(answer: Any) -> tuple[list[Entry], int]:
    """The entries of a `query_range` answer in ascending time, and how many were malformed. Raises Unanswered."""
    found: list[Entry] = []
    strange = 0
    for stream in _result(answer, "streams"):
        labels = stream.get("stream") if isinstance(stream, dict) else None
        values = stream.get("values") if isinstance(stream, dict) else None
        if not _texts(labels) or not isinstance(values, list):
            strange += 1
            continue
        for value in values:
            entry = _entry(labels, value)
            if entry is None:
                strange += 1
            else:
                found.append(entry)
    found.sort(key=lambda entry: entry.ns)
    return found, strange


def groups_of(answer: Any) -> list[tuple[Mapping[str, str], float]]:
    """Labels and value of each element of a vector. Raises Unanswered."""
    found: list[tuple[Mapping[str, str], float]] = []
    for one in _result(answer, "vector"):
        try:
            labels, value = one["metric"], float(one["value"][1])
        except (KeyError, TypeError, ValueError, IndexError):
            raise Unanswered(_STRANGE) from None
        if not _texts(labels) or not 0 <= value < float("inf"):
            raise Unanswered(_STRANGE)
        found.append((labels, value))
    return found


def names_of(answer: Any) -> list[str]:
    """Label names or values; Loki leaves `data` out when there are none. Raises Unanswered."""
    if not isinstance(answer, dict) or answer.get("status") != "success":
        raise Unanswered(_STRANGE)
    names = answer.get("data") or []
    if not isinstance(names, list):
        raise Unanswered(_STRANGE)
    return [name for name in names if isinstance(name, str)]


def stats_of(answer: Any) -> Stats:
    """What `index/stats` says. Raises Unanswered."""
    try:
        return Stats(*(max(0, int(answer[name])) for name in ("streams", "entries", "bytes")))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unanswered(_STRANGE) from None


def _result(answer: Any, kind: str) -> list[Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict) or data.get("resultType") != kind:
        raise Unanswered(_STRANGE)
    result = data.get("result") or []
    if not isinstance(result, list):
        raise Unanswered(_STRANGE)
    return result


def _entry(labels: Mapping[str, str], value: Any) -> Entry | None:
    if not isinstance(value, list) or len(value) < 2:
        return None
    moment, line = value[0], value[1]
    if not isinstance(moment, str) or not moment.isdecimal() or len(moment) > 19 or not isinstance(line, str):
        return None
    metadata: dict[str, str] = {}
    if len(value) > 2 and isinstance(value[2], dict):
        for category in ("structuredMetadata", "parsed"):
            more = value[2].get(category)
            if _texts(more):
                metadata |= more
    return Entry(int(moment), line, labels, metadata)


def _texts(mapping: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(mapping, dict) and all(isinstance(value, str) for value in mapping.values())
