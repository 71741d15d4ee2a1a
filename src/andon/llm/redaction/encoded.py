"""Secrets inside base64: `user:password`, and any text in which something would have to be hidden."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from andon.llm.redaction.spans import SECRET, Span

__all__ = ["decoded_text", "find_encoded"]

_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}")
_LOGIN = re.compile(r"[^\s:@/\"'<>{}]{1,128}:[^\s\"]{3,512}")
_TEXT = re.compile(rb"[\x20-\x7e\t\r\n]+")


def find_encoded(text: str, holds_secret: Callable[[str], bool]) -> Iterator[Span]:
    """Base64 strings, or parts between slashes, that say a login or a text for which `holds_secret` is true."""
    for run in _RUN.finditer(text):
        if run[0].islower() or run[0].isdigit():
            continue
        start = run.start()
        pieces = [(start, run[0])]
        if "/" in run[0]:
            parts = run[0].split("/")
            starts = [
                start + sum(len(part) + 1 for part in parts[:number]) for number in range(min(len(parts), 32))
            ]
            pieces += [(place, part) for place, part in zip(starts, parts, strict=False) if len(part) >= 8]
        for place, piece in pieces:
            said = decoded_text(piece)
            if said and (_LOGIN.fullmatch(said) or holds_secret(said)):
                yield Span(place, place + len(piece), SECRET)
                break


def decoded_text(piece: str) -> str | None:
    """The ASCII text that a base64 or base64url string says, None when it says none."""
    bare = piece.rstrip("=")
    if len(bare) % 4 == 1:
        return None
    try:
        octets = base64.b64decode(
            bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        return None
    return octets.decode("ascii") if _TEXT.fullmatch(octets) else None
