"""The LogQL that is sent.

Source: LogQL's documentation: log queries (stream selectors, line and label filter expressions) and metric queries
(`count_over_time`, `sum by`). Regular expressions are RE2; those of matchers and label filters match the
whole value, those of line filters a part of the line.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from andon.connectors.log_levels import LEVEL_NAMES, SEVERE_WORDS, LevelCounts
from andon.telemetry import Window

__all__ = ["any_of", "counted", "nanoseconds", "quoted", "selector", "split", "strata"]

LONGEST_QUERY = 30 * 86_400.0
"""Seconds that one query may span: Loki's default `max_query_length` is an hour more."""


def nanoseconds(seconds: float) -> int:
    """Unix nanoseconds of Unix seconds, exact to the microsecond that floats carry."""
    return round(seconds * 1e6) * 1000


def quoted(text: str) -> str:
    """A string literal: LogQL reads the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def any_of(values: Iterable[str]) -> str:
    """A regular expression that matches these values and no others, as a literal."""
    return quoted("|".join(re.escape(value) for value in values))


def selector(match: Mapping[str, Sequence[str]], every: str) -> str:
    """The streams whose labels have one of these values; where nothing is stated, all that have the label `every`."""
    matchers = [
        f"{name}={quoted(values[0])}" if len(values) == 1 else f"{name}=~{any_of(values)}"
        for name, values in match.items()
    ]
    return "{" + ", ".join(matchers or [f'{every}=~".+"']) + "}"


def strata(streams: str, counts: LevelCounts) -> dict[str, str]:
    """The queries into which the streams' records fall, none into two: severe and mild, by level and by words.

    Keys are `severe`, `mild` (the level says so), `severe words`, `mild words` (no level is told).
    """
    words = quoted(SEVERE_WORDS)
    if not counts.field:
        return {"severe words": f"{streams} |~ {words}", "mild words": f"{streams} !~ {words}"}
    unknown = f"{streams} | {counts.field}!~{any_of([*counts.severe, *counts.mild])}"
    found = {
        "severe": f"{streams} | {counts.field}=~{any_of(counts.severe)}" if counts.severe else "",
        "mild": f"{streams} | {counts.field}=~{any_of(counts.mild)}" if counts.mild else "",
        "severe words": f"{unknown} |~ {words}",
        "mild words": f"{unknown} !~ {words}",
    }
    return {name: query for name, query in found.items() if query}


def counted(query: str, window: Window, by: Sequence[str] = LEVEL_NAMES) -> str:
    """How many records of a log query lie in a window that ends when the query is evaluated, by labels."""
    grouping = f" by ({', '.join(by)})" if by else ""
    milliseconds = max(1, round(window.seconds * 1000))
    return f"sum{grouping} (count_over_time({query} [{milliseconds}ms]))"


def split(window: Window) -> Iterator[Window]:
    """The window in equal parts, none longer than a query may be."""
    parts = max(1, -int(-window.seconds // LONGEST_QUERY))
    step = window.seconds / parts
    edges = [window.start + i * step for i in range(parts)] + [window.end]
    return (Window(low, high) for low, high in itertools.pairwise(edges))
