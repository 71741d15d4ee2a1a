"""Secrets that are known by their value: found in every spelling in which they commonly travel."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

from andon.llm.redaction.spans import SECRET, Span

__all__ = ["find_known", "spellings"]

SHORTEST_ANYWHERE = 4
SHORTEST_ENCODED = 6

BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
LONGEST_RUN = 4096


def find_known(text: str, values: Iterable[str]) -> Iterator[Span]:
    """Every place where one of the values stands, however it is spelled.

    Values of fewer than four characters are found only as whole words; empty ones are no secrets.
    """
    for value in values:
        plain, encoded = spellings(value)
        for spelling in plain:
            for start in _places(text, spelling):
                end = start + len(spelling)
                if len(value) >= SHORTEST_ANYWHERE or _is_word(text, start, end):
                    yield Span(start, end, SECRET)
        for spelling in encoded:
            start = text.find(spelling)
            while start >= 0:
                span = _whole_run(text, start, start + len(spelling))
                yield span
                start = text.find(spelling, span.end)


@lru_cache(maxsize=1024)
def spellings(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a value is written: as text (quoted for URLs, JSON, HTML, shells) and inside base64 or hexadecimal."""
    octets = value.encode("utf-8", "surrogatepass")
    in_json = [json.dumps(value, ensure_ascii=only_ascii)[1:-1] for only_ascii in (True, False)]
    quoted = [quote(octets, safe=""), quote(octets), quote_plus(octets)]
    lowered = [re.sub("%..", lambda found: found[0].lower(), each) for each in quoted]
    plain = {value, *in_json, *(each.replace("/", "\\/") for each in in_json), *quoted, *lowered}
    plain |= {html.escape(value), value.replace("'", "'\\''"), repr(value)[1:-1]}
    encoded: set[str] = set()
    if len(octets) >= SHORTEST_ENCODED:
        encoded = {octets.hex(), octets.hex().upper()}
        encoded |= {each for shift in range(3) for each in _aligned(octets, shift)}
    return tuple(sorted(filter(None, plain))), tuple(sorted(filter(None, encoded)))


def _aligned(octets: bytes, shift: int) -> tuple[str, str]:
    """The characters of base64 that depend on nothing but these octets when `shift` others stand before them."""
    padded = b"\0" * shift + octets
    whole = len(padded) * 8 // 6
    first = -(-shift * 8 // 6)
    return (
        base64.b64encode(padded).decode("ascii")[first:whole],
        base64.urlsafe_b64encode(padded).decode("ascii")[first:whole],
    )


def _places(text: str, wanted: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + len(wanted))


def _is_word(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() if start else False) and not text[end : end + 1].isalnum()


def _whole_run(text: str, start: int, end: int) -> Span:
    """The whole base64 string around a piece of it, since its ends hold parts of the secret as well."""
    first, last = max(0, start - LONGEST_RUN), min(len(text), end + LONGEST_RUN)
    while start > first and text[start - 1] in BASE64:
        start -= 1
    while end < last and text[end] in BASE64:
        end += 1
    while end < last and text[end] == "=":
        end += 1
    return Span(start, end, SECRET)
