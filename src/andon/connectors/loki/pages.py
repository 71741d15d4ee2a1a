"""All entries of a window, page by page, none lost and none twice.

Loki has no cursor: the next page begins at the last nanosecond of the one before, whose entries are dropped when
they come again. More entries in one nanosecond than a page may hold cannot be had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from andon.connectors.loki.api import LokiApi, Page, TooMuch
from andon.connectors.loki.streams import Entry

__all__ = ["Overfull", "pages"]

_SHORTEST = 1_000_000_000
"""Nanoseconds below which a window is not split further when the server refuses its length."""


class Overfull:
    """Counts the nanoseconds that held more entries than could be had."""

    def __init__(self) -> None:
        self.count = 0


def pages(api: LokiApi, query: str, start: int, end: int, overfull: Overfull) -> Iterator[Page]:
    """The pages of [start, end), Unix nanoseconds, in ascending time. Raises Unanswered."""
    waiting = [(start, end)]
    while waiting:
        low, high = waiting.pop()
        border: Counter[Any] = Counter()
        while low < high:
            try:
                page = api.page(query, low, high)
            except TooMuch:
                middle = (low + high) // 2
                if border or high - low < 2 * _SHORTEST:
                    raise
                waiting += [(middle, high), (low, middle)]
                break
            yield Page(_without(page.entries, low, border), page.full, page.size, page.strange)
            if not page.full or not page.entries:
                break
            last = page.entries[-1].ns
            if last == low:
                overfull.count += 1
                low, border = last + 1, Counter()
            else:
                low, border = last, Counter(entry.key for entry in page.entries if entry.ns == last)


def _without(entries: Sequence[Entry], moment: int, seen: Counter[Any]) -> list[Entry]:
    """The entries less those of this moment that were seen, each as often as it was."""
    left = Counter(seen)
    kept = []
    for entry in entries:
        if entry.ns == moment and left[entry.key] > 0:
            left[entry.key] -= 1
        else:
            kept.append(entry)
    return kept
