"""Long strings that look drawn at random, without any name or shape that tells what they are.

Read as words (`[A-Z][a-z]+` and the like) and numbers, a drawn string of letters and digits has about 0.45 of them a
character; a name that a person made up, `RetryUpToMaximumCount`, has far fewer. Hexadecimal strings are never taken: traces, commits, images and containers
are known by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.llm.redaction.spans import SECRET, Span

__all__ = ["find_random", "is_random"]

SHORTEST = 20
SHORTEST_ONE_CASE = 32
WORDS = 0.3
WORDS_ONE_CASE = 0.24

_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}")
_PIECE = re.compile(r"[A-Za-z0-9]{16,}")
_HEX = re.compile(r"[0-9a-f]*|[0-9A-F]*")
_WORDS = re.compile(r"[A-Z][a-z]+|[A-Z]+|[a-z]+|[0-9]+")
_LONG_WORD = re.compile(r"[a-z]{14,}")
_CHECKSUM = re.compile(r"(?:sha-?(?:1|256|384|512)|md5)[-_]", re.IGNORECASE)
_IDENTIFIER_BEFORE = re.compile(
    r"(?i)(?:(?:trace|span|parent_?span|request|correlation|message|invocation|version|event|operation|activity)[-_. ]?"
    r"id(?:_?2)?|etag|digest|checksum|integrity|fingerprint|id-2|next_?token|cursor|sha-?(?:1|256|384|512)|h1|md5)"
    r"\\{0,3}[\"']?[ \t]{0,4}[:=-][ \t]{0,4}(?:W/)?\\{0,3}[\"']?(?:sha-?(?:1|256|384|512)[-:])?\Z"
)


def find_random(text: str) -> Iterator[Span]:
    """Runs that look random and are not announced as an identifier or a checksum."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        pieces = list(_random_pieces(run[0]))
        if (
            not pieces
            or _CHECKSUM.match(run[0])
            or _IDENTIFIER_BEFORE.search(text, max(0, start - 48), start)
        ):
            continue
        if "/" not in run[0] or (run[0][0] != "/" and _is_mixed(run[0])):
            yield Span(start, end, SECRET)
        else:
            for first, last in pieces:
                yield Span(start + first, start + last, SECRET)


def is_random(piece: str) -> bool:
    """Whether a string of letters and digits looks drawn rather than written."""
    if _HEX.fullmatch(piece) or _LONG_WORD.search(piece):
        return False
    capitals = sum(map(str.isupper, piece))
    digits = sum(map(str.isdigit, piece))
    small = len(piece) - capitals - digits
    words = len(_WORDS.findall(piece)) / len(piece)
    if capitals >= 2 and small >= 2 and (digits or len(piece) >= SHORTEST_ONE_CASE):
        return words >= WORDS
    return len(piece) >= SHORTEST_ONE_CASE and digits >= 4 and words >= WORDS_ONE_CASE


def _random_pieces(run: str) -> Iterator[tuple[int, int]]:
    """The parts between slashes that hold a random piece."""
    position = 0
    for part in run.split("/"):
        if len(part) >= SHORTEST and any(is_random(piece) for piece in _PIECE.findall(part)):
            yield position, position + len(part)
        position += len(part) + 1
    if "/" in run and not run.startswith("/") and _is_mixed(run):
        yield 0, len(run)


def _is_mixed(run: str) -> bool:
    """Whether the whole run, slashes and all, looks like one base64 string."""
    letters = re.sub(r"[^A-Za-z0-9]", "", run)
    separators = len(run.rstrip("=")) - len(letters)
    return len(letters) >= SHORTEST_ONE_CASE and separators * 8 <= len(run) and is_random(letters)
