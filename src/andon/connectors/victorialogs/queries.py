"""The LogsQL that is sent.

Source: LogsQL's documentation: `_time` filter, multi-exact filter (`in`), regexp filter (`:~`, RE2), logical filters,
`stats` pipe with `count` and `sum_len`. Strings are quoted as in Go, which reads the escapes of JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from andon.connectors.log_levels import LEVEL_NAMES, SEVERE_WORDS, LevelCounts
from andon.telemetry import Window

__all__ = ["LEVEL_FIELDS", "counted", "one_of", "scoped", "services", "strata", "within"]

LEVEL_FIELDS = ("level", "log.level", *(name for name in LEVEL_NAMES if name != "level"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def one_of(field: str, values: Iterable[str]) -> str:
    """Records whose field is one of the values."""
    return f"{quoted(field)}:in({','.join(map(quoted, values))})"


def scoped(match: Mapping[str, Sequence[str]]) -> str:
    """A filter for the records that every one of the fields admits; empty for all."""
    return " ".join(one_of(field, values) for field, values in match.items())


def services(names: Sequence[str], fields: Sequence[str]) -> str:
    """Records of which one of the fields names one of these services; all (`*`) when none are named."""
    if not names:
        return "*"
    listed = "|".join(re.escape(name) for name in names)
    of_job = f'"job":~{quoted(f"(^|/)({listed})$")}'
    return "(" + " or ".join(of_job if field == "job" else one_of(field, names) for field in fields) + ")"


def within(window: Window, query: str) -> str:
    """The query, limited to the window [start, end)."""
    return f"_time:[{_moment(window.start)}, {_moment(window.end)}) {query}"


def strata(query: str, counts: LevelCounts) -> dict[str, str]:
    """The queries into which the records fall, none into two; keys as for Loki: by level, and by words where none is told."""
    words = f"_msg:~{quoted(SEVERE_WORDS)}"
    if not counts.field:
        return {"severe words": f"{query} {words}", "mild words": f"{query} !{words}"}
    unknown = f"{query} !{one_of(counts.field, [*counts.severe, *counts.mild])}"
    found = {"severe words": f"{unknown} {words}", "mild words": f"{unknown} !{words}"}
    if counts.severe:
        found["severe"] = f"{query} {one_of(counts.field, counts.severe)}"
    if counts.mild:
        found["mild"] = f"{query} {one_of(counts.field, counts.mild)}"
    return found


def counted(query: str, by: Sequence[str] = ()) -> str:
    """The number of records and the bytes of their messages, by the values of fields."""
    grouping = f" by ({', '.join(map(quoted, by))})" if by else ""
    return f"{query} | stats{grouping} count() as records, sum_len(_msg) as size"


def _moment(seconds: float) -> str:
    moment = _EPOCH + timedelta(microseconds=round(seconds * 1e6))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
