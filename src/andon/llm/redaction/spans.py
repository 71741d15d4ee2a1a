"""Stretches of a text that must not leave the process, and what kind of thing stands there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

__all__ = [
    "CARD",
    "EMAIL",
    "IP",
    "KINDS",
    "LITERAL",
    "PHONE",
    "SECRET",
    "SHOWN",
    "USER",
    "Span",
    "merged",
    "without",
]

KINDS: Final = ("secret", "card", "email", "phone", "ip", "user", "literal")
"""Every kind, the strictest first: where two overlap, the stricter holds for both."""

SECRET, CARD, EMAIL, PHONE, IP, USER, LITERAL = KINDS

SHOWN: Final = frozenset({EMAIL, PHONE, IP, USER, LITERAL})
"""Kinds that may be put back for the reader of a report."""

_STRICTNESS: Final = {kind: rank for rank, kind in enumerate(KINDS)}


class Span(NamedTuple):
    """Characters `start` up to `end` (not included) are of this kind."""

    start: int
    end: int
    kind: str


def merged(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in order that cover the same characters; overlapping ones become one of the stricter kind."""
    result: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if result and span.start < result[-1].end:
            last = result.pop()
            kind = min(last.kind, span.kind, key=_STRICTNESS.__getitem__)
            span = Span(last.start, max(last.end, span.end), kind)
        result.append(span)
    return result


def without(spans: Iterable[Span], holes: Iterable[tuple[int, int]]) -> list[Span]:
    """The spans less the holes; both disjoint and in order."""
    result: list[Span] = []
    remaining = list(reversed(list(holes)))
    for span in spans:
        start = span.start
        while remaining and remaining[-1][1] <= start:
            remaining.pop()
        while remaining and remaining[-1][0] < span.end:
            hole_start, hole_end = remaining[-1]
            if start < hole_start:
                result.append(Span(start, hole_start, span.kind))
            start = hole_end
            if hole_end > span.end:
                break
            remaining.pop()
        if start < span.end:
            result.append(Span(start, span.end, span.kind))
    return result
