"""Keys and tokens that are known by their shape alone, wherever they stand.

The shapes are those that the makers publish for their secret scanning. Each has an anchor, a piece of text without
which it cannot occur; a text without anchors costs one substring search an anchor.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from andon.llm.redaction.spans import SECRET, Span

__all__ = ["SHAPES", "find_private_keys", "find_shapes"]

_AFTER_ANCHOR: Final = {
    # Clouds
    "AKIA": r"[A-Z0-9]{16}",
    "ASIA": r"[A-Z0-9]{16}",
    "ABIA": r"[A-Z0-9]{16}",
    "ACCA": r"[A-Z0-9]{16}",
    "AIza": r"[\w-]{30,}",
    "ya29.": r"[\w.-]{20,}",
    "GOCSPX-": r"[\w-]{20,}",
    "1//0": r"[\w-]{20,}",
    "dop_v1_": r"[a-f0-9]{40,}",
    "LTAI": r"[A-Za-z0-9]{16,}",
    # Code and packages
    "ghp_": r"[A-Za-z0-9]{20,}",
    "gho_": r"[A-Za-z0-9]{20,}",
    "ghu_": r"[A-Za-z0-9]{20,}",
    "ghs_": r"[A-Za-z0-9]{20,}",
    "ghr_": r"[A-Za-z0-9]{20,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w.-]{16,}",
    "gl": r"(?:dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w.-]{16,}",
    "GR1348941": r"[\w-]{16,}",
    "npm_": r"[A-Za-z0-9]{30,}",
    "pypi-": r"[\w-]{40,}",
    "rubygems_": r"[a-f0-9]{40,}",
    "dckr_": r"(?:pat|oat)_[\w-]{20,}",
    "ATATT3": r"[\w=-]{30,}",
    "PMAK-": r"[a-f0-9-]{40,}",
    "lin_api_": r"[A-Za-z0-9]{30,}",
    # Messages and money
    "xox": r"[a-z]-[A-Za-z0-9-]{10,}",
    "xapp-": r"[A-Za-z0-9-]{10,}",
    "hooks.slack.com/": r"(?:services|workflows|triggers)/[A-Za-z0-9/_-]{10,}",
    "whsec_": r"[A-Za-z0-9+/=]{16,}",
    "SG.": r"[\w-]{16,}\.[\w-]{16,}",
    "key-": r"[a-f0-9]{32}(?![a-f0-9])",
    "SK": r"[a-f0-9]{32}(?![a-f0-9])",
    "xkeysib-": r"[a-f0-9]{40,}[\w-]*",
    "shp": r"(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
    # Models
    "sk-": r"(?:(?:ant|proj|svcacct|admin|or)-[\w-]{16,}|[A-Za-z0-9]{20,})",
    "hf_": r"[A-Za-z0-9]{30,}",
    "r8_": r"[A-Za-z0-9]{30,}",
    "gsk_": r"[A-Za-z0-9]{30,}",
    # Operations
    "hv": r"[sbr]\.[\w-]{20,}",
    "glsa_": r"\w{30,}",
    "NRAK-": r"[A-Z0-9]{20,}",
    "sntrys_": r"[\w+/=-]{30,}",
    "dapi": r"[a-f0-9]{32}(?:-\d)?",
    "tskey-": r"[a-z]+-[\w-]{16,}",
    "AGE-SECRET-KEY-1": r"[A-Z0-9]{40,}",
    # Hashes of passwords as crypt(3) and PHC write them
    "$": r"(?:[156y]|2[abxy]|argon2(?:id|i|d)|scrypt)\$[^\s\"':,;]{20,}",
}
_AROUND_ANCHOR: Final = {
    # JSON web tokens, signed (three parts) and encrypted (five): a base64url of `{"`
    "eyJ": r"eyJ(?<![\w-]eyJ)[\w-]{8,}(?:\.[\w-]*){2,4}",
    "8Q~": r"[\w.~-]{3}8Q~[\w.~-]{30,}",
    "/api/webhooks/": r"(?:discord(?:app)?\.com)/api/webhooks/\d{5,}/[\w-]{20,}",
    ":AA": r"\d{8,10}:AA[\w-]{30,}",
    "_live_": r"[a-z]{2}_live_[A-Za-z0-9]{10,}",
    "_test_": r"[rsp]k_test_[A-Za-z0-9]{10,}",
}


def _compiled() -> dict[str, re.Pattern[str]]:
    """Patterns that begin with their anchor where they can, since that is what `re` searches fastest."""
    shapes = {anchor: rf"(?<![A-Za-z0-9])(?:{shape})" for anchor, shape in _AROUND_ANCHOR.items()}
    for anchor, rest in _AFTER_ANCHOR.items():
        literal = re.escape(anchor)
        shapes[anchor] = rf"{literal}(?<![A-Za-z0-9]{literal}){rest}"
    return {anchor: re.compile(shape) for anchor, shape in shapes.items()}


SHAPES: Final = _compiled()
"""Shapes by their anchor."""

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=\s\\:,\"'-]*")
LONGEST_KEY = 32_000


def find_shapes(text: str) -> Iterator[Span]:
    """Keys and tokens of known shape."""
    for anchor, shape in SHAPES.items():
        if anchor in text:
            for found in shape.finditer(text):
                yield Span(*found.span(), SECRET)


def find_private_keys(text: str) -> Iterator[Span]:
    """PEM blocks with private keys (RFC 7468), with whatever stands between their lines; cut-off ones to their end."""
    if "PRIVATE KEY" not in text:
        return
    ends = [found.end() for found in _KEY_ENDS.finditer(text)]
    position = 0
    while begin := _KEY_BEGINS.search(text, position):
        position = begin.end()
        following = bisect_right(ends, position)
        if following < len(ends) and ends[following] - position <= LONGEST_KEY:
            position = ends[following]
        elif body := _KEY_BODY.match(text, position):
            position = body.end()
        yield Span(begin.start(), position, SECRET)
