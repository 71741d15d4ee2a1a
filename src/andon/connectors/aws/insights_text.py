"""The queries that are sent to Logs Insights, in its own language.

Assumed, for the documentation does not say it in these words: a field that a record does not have is left out of the
groups of `stats`, and `in` compares a number in a record with a number in the list.
Source: CloudWatch Logs user guide, "CloudWatch Logs Insights query syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from andon.connectors.log_levels import SEVERE_WORDS, LevelCounts
from andon.telemetry import Window

__all__ = ["FIELDS", "LEVELS", "count_by_level", "count_of", "mild_filter", "records_of", "severe_filter"]

LEVELS = ("level", "severity", "severity_text", "log_level")
"""Fields that Insights discovers in JSON records and that may tell the level."""
FIELDS = ("@timestamp", "@message", "@log", "@logStream")
_NUMBER = re.compile(r"\d{1,3}")
_WORDS = "/" + SEVERE_WORDS.replace("/", r"\/") + "/"


def count_by_level() -> str:
    """How many records there are by all that may tell their level."""
    return f"stats count(*) as n by {', '.join(LEVELS)}"


def count_of(matching: str) -> str:
    """How many records match."""
    return f"filter {matching} | stats count(*) as n"


def severe_filter(counts: LevelCounts) -> str:
    """Warnings and worse: by the field that tells the level, by words where it tells none."""
    return _either(counts, counts.severe, f"@message like {_WORDS}")


def mild_filter(counts: LevelCounts) -> str:
    """All that `severe_filter` does not match."""
    return _either(counts, counts.mild, f"@message not like {_WORDS}")


def records_of(matching: str, windows: Sequence[Window], limit: int) -> str:
    """Whole records that match, of these windows; milliseconds are counted from the start of the first."""
    parts = [f"fields {', '.join(FIELDS)}"]
    if len(windows) > 1 or windows[0].start % 1 or windows[0].end % 1:
        first = _milliseconds(windows[0].start)
        inside = " or ".join(
            f"(t >= {_milliseconds(one.start) - first} and t < {_milliseconds(one.end) - first})"
            for one in windows
        )
        parts[0] += f", toMillis(@timestamp) - {first} as t"
        parts.append(f"filter {inside}")
    if matching:
        parts.append(f"filter {matching}")
    return " | ".join((*parts, "sort @timestamp asc", f"limit {limit}"))


def _either(counts: LevelCounts, values: Iterable[str], words: str) -> str:
    if not counts.field:
        return words
    known = _listed((*counts.severe, *counts.mild))
    without = f"((not ispresent({counts.field}) or {counts.field} not in {known}) and {words})"
    listed = _listed(values)
    return f"{counts.field} in {listed} or {without}" if values else without


def _listed(values: Iterable[str]) -> str:
    written = (
        v if _NUMBER.fullmatch(v) else '"' + v.replace("\\", "").replace('"', "") + '"' for v in values
    )
    return f"[{', '.join(written)}]"


def _milliseconds(time: float) -> int:
    return round(time * 1e3)
