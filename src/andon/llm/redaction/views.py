"""A text as a reader would understand it: escapes decoded, invisible characters gone, places remembered.

`p%40ss`, `p\\u0040ss`, `p&#64;ss` and `p<zero-width space>@ss` all say `p@ss`. Secrets are looked for in what the text
says; a `View` knows which characters of the original say it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

__all__ = ["MASK", "View", "decoded", "views", "visible"]

MASK = "\x00"
"""Stands in a view for a whole pseudonym; a NUL of the original is invisible there."""

INVISIBLE = (
    "\x00-\x08\x0e-\x1a\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
DEPTH = 3

_INVISIBLE = re.compile(rf"[{INVISIBLE}]|\x1b\[[0-9;]{{0,16}}[A-Za-z]")
_ESCAPES = re.compile(
    r"[<‹](?:[a-z]{2,12}|\*)[>›]|%[0-7][0-9A-Fa-f]|%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){1,3}"
    r"|\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"
    r"""|\\["'`\\/nrtbf]|&(?:amp|quot|apos|lt|gt|nbsp|commat);|&#(?:[0-9]{2,6}|[xX][0-9A-Fa-f]{2,5});"""
)
"""Ways to write a character, and the placeholder that a log template puts in place of what varies in a line."""
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES = {"amp": "&", "quot": '"', "apos": "'", "lt": "<", "gt": ">", "nbsp": " ", "commat": "@"}


class View:
    """A text made from another one by replacing pieces, each by at most one character."""

    def __init__(self, text: str, parent: View | None, pieces: list[tuple[int, int, int]]) -> None:
        self.text = text
        self._parent = parent
        self._starts = [piece[0] for piece in pieces]
        self._pieces = pieces

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that say characters `start` up to `end` of the view."""
        first = self._place(start)[0]
        last = self._place(end - 1)[1] if end > start else first
        return self._parent.original(first, last) if self._parent else (first, last)

    def _place(self, index: int) -> tuple[int, int]:
        """Where one character of the view stands in the parent."""
        number = bisect_right(self._starts, index) - 1
        if number < 0:
            return index, index + 1
        start, place, length = self._pieces[number]
        if index == start and length:
            return place, place + length
        shifted = place + length + index - start - bool(length)
        return shifted, shifted + 1


def _plain_view(text: str, masked: list[tuple[int, int]]) -> View:
    """The text without invisible characters, each masked range as one `MASK`; ranges disjoint and in order."""
    hidden = [found.span() for found in _INVISIBLE.finditer(text)]
    inside = iter(sorted([(start, end, MASK) for start, end in masked] + [(*span, "") for span in hidden]))
    return _replaced(text, None, inside)


def views(text: str, masked: list[tuple[int, int]]) -> Iterator[View]:
    """The plain view, then what it says once, twice and three times decoded, as far as that differs."""
    view = _plain_view(text, masked)
    yield view
    for _ in range(DEPTH):
        escapes = [(*found.span(), _character(found[0])) for found in _ESCAPES.finditer(view.text)]
        if not escapes:
            return
        view = _replaced(view.text, view, iter(escapes))
        yield view


def visible(text: str) -> str:
    """The text without invisible characters."""
    return _INVISIBLE.sub("", text)


def decoded(text: str) -> str:
    """What the text says in the end, for values that are spelled in several ways."""
    text = visible(text)
    for _ in range(DEPTH):
        text, count = _ESCAPES.subn(lambda found: _character(found[0]), text)
        if not count:
            break
    return text


def _replaced(text: str, parent: View | None, replacements: Iterator[tuple[int, int, str]]) -> View:
    parts: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    position = length = 0
    for start, end, by in replacements:
        parts.append(text[position:start])
        length += start - position
        if by:
            pieces.append((length, start, end - start))
        else:
            pieces.append((length, end, 0))
        parts.append(by)
        length += len(by)
        position = end
    if not pieces:
        return View(text, parent, [])
    parts.append(text[position:])
    return View("".join(parts), parent, pieces)


def _character(escape: str) -> str:
    """The one character that an escape stands for, none when it is invisible."""
    if escape[0] in "<‹":
        said = "0"
    elif escape[0] == "%":
        said = bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")[:1]
    elif escape[0] == "&":
        said = _entity(escape[1:-1])
    elif len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        said = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    elif len(escape) > 2:
        said = chr(int(escape[2:], 16))
    else:
        said = _LETTERS.get(escape[1], escape[1])
    return "" if _INVISIBLE.match(said) else said


def _entity(name: str) -> str:
    if name[0] != "#":
        return _ENTITIES[name]
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(number) if number <= 0x10FFFF else ""
