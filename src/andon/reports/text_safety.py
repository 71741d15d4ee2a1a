"""The one choke point for text that came from outside: what it says is shown, what it does is not.

Every renderer passes telemetry through here before its own escaping (HTML, Markdown, rich). Control
characters, terminal escapes, bidirectional overrides and invisible characters become visible
(`\\x1b`, `\\u202e`), so that they can neither steer a terminal nor hide or reorder what a reader sees.
"""

from __future__ import annotations

import unicodedata

__all__ = ["block", "line"]

LINE_LIMIT = 600
BLOCK_WIDTH = 400
BLOCK_LINES = 40


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """The text on one line of at most `limit` characters; line breaks and tabs become spaces."""
    return _cut(" ".join(_visible(text[: 4 * limit]).split()), limit)


def block(text: str, lines: int = BLOCK_LINES, limit: int = BLOCK_WIDTH) -> str:
    """The text with its line breaks and indentation, at most `lines` lines of `limit` characters.

    What was cut off is counted on a last line.
    """
    every = text.replace("\r\n", "\n").strip("\n").split("\n")
    kept = [_cut(_visible(one.expandtabs(4)[: 4 * limit]).rstrip(), limit) for one in every[:lines]]
    if len(every) > lines:
        kept.append(f"… {len(every) - lines} more lines")
    return "\n".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(text: str) -> str:
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
