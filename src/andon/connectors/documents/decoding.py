"""Bytes to text: which files are text at all, in which encoding, without control characters."""

from __future__ import annotations

import codecs
import re

__all__ = ["clean", "decode", "is_binary"]

LOOKED_AT = 8192
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?")


def is_binary(data: bytes) -> bool:
    """Whether the beginning holds a zero byte and is not UTF-16."""
    return not data.startswith(_UTF_16) and b"\0" in data[:LOOKED_AT]


def decode(data: bytes) -> tuple[str, str]:
    """The text and which encoding was assumed: what it says itself, UTF-8, else Latin-1, which fits anything."""
    if data.startswith(_UTF_16):
        return clean(data.decode("utf-16", "replace")), "UTF-16"
    try:
        return clean(data.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError:
        return clean(data.decode("latin-1")), "Latin-1"


def clean(text: str) -> str:
    """Without control characters and lone surrogates, each of which becomes a space; lines end with a line feed."""
    return _CONTROL.sub(" ", _LINE_END.sub("\n", text))
