"""Log text to words: clean it, mask typed parameters, split it at structural delimiters.

The steps are ordered so that repeating lines cost little: `collapse` is two passes without callbacks over
many lines at once, and what it returns repeats far more often than the lines themselves; `mask` and `split`
need to run once for each distinct result. A masked parameter is one control character, which cannot be
confused with text, since `head` removes control characters from whatever comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = [
    "HEAD_CHARACTERS",
    "PLACEHOLDERS",
    "WILDCARD",
    "collapse",
    "head",
    "is_masked",
    "mask",
    "render",
    "split",
]

HEAD_CHARACTERS: Final = 1000
"""How much of a line takes part; what follows is not looked at."""

PLACEHOLDERS: Final = {
    "\x01": "number",
    "\x02": "id",
    "\x03": "ip",
    "\x04": "path",
    "\x05": "url",
    "\x06": "time",
    "\x07": "duration",
    "\x08": "size",
    "\x0e": "email",
    "\x0f": "text",
    "\x10": "*",
}
"""The mark of each type of parameter, and the name under which people see it, `<number>`."""

_MARKS: Final = {name: mark for mark, name in PLACEHOLDERS.items()}
WILDCARD: Final = _MARKS["*"]

_MASKED = re.compile("[\x01-\x08\x0e-\x10]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_END = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")

# The condition on what comes before stands after the first character: so the search can skip to hexadecimal digits.
_IDENTIFIER = re.compile(
    r"[0-9a-f](?<![0-9A-Za-z][0-9a-f])[0-9a-f]{7}(?:[0-9a-f]{8,120}|(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])"
    r"(?<![0-9]{16})"
)
_DIGITS = re.compile(r"[0-9]+")

_MESSAGE_KEY = r"(?:msg|message|err|error|reason|cause|exception)\s?[=:]\s?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"0:0(?::0)?(?:[.,]0)?"
_ZONE = r"(?:Z\b|[+-]0(?::0)?\b|UTC\b|GMT\b)"
_SHORT_TIMES = "(?:ns|us|µs|μs|ms|s|m|h|d)"
_LONG_TIMES = "(?:ms|(?:nano|micro|milli)?seconds?|millis|msecs?|secs?|minutes?|mins?|hours?|hrs?|days?)"
_SIZES = "(?:[KMGTP]i?B|[kKMG]b?|bytes?|B)"

# What the patterns call 0 is a run of digits of any length: they read collapsed lines.
_TYPES = re.compile(
    "|".join(
        (
            rf"(?P<message>\b{_MESSAGE_KEY}\"[^\"]*\")",
            r"(?P<text>(?<!\w)\"[^\"]*\"|(?<!\w)'[^']{1,200}'(?!\w))",
            r"(?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>,;)\]}]+)",
            r"(?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+\b)",
            (
                rf"(?P<time>\b0[-/]0[-/]0(?:[T ]{_CLOCK}(?:\s?{_ZONE})?)?"
                rf"|\b{_WEEKDAY}(?:{_MONTH}\s0|0[ /]{_MONTH})[, /:]0?\s?{_CLOCK}(?:\s(?:{_ZONE}|[A-Z]{{3,4}}\b))?(?:\s0\b)?"
                r"|\b0:0:0(?:[.,]0)?\b)"
            ),
            (
                r"(?P<ip>/?(?<![\w.])0\.0\.0\.0(?:[:/]0)?(?![\w.])"
                r"|(?<![\w:.])(?=[a-f:]*0)(?:[0a-fA-F]{0,8}:){2,7}[0a-fA-F]{0,8}(?![\w:.]))"
            ),
            r"(?P<path>(?<![\w\x02.)\]])(?:\b[A-Za-z]:)?[/\\](?=[\w.~$%+-])[^\s\"'<>,;:=()\[\]{}|]+)",
            rf"(?P<duration>\b(?:0(?:\.0)?{_SHORT_TIMES})+\b|\b0(?:\.0)?\s?{_LONG_TIMES}\b)",
            rf"(?P<size>\b0(?:\.0)?\s?{_SIZES}\b)",
            (
                r"(?P<id>\x02|\b0x[0a-fA-F]+\b|(?<![^\W_])(?:[a-fA-F]+0|0[a-fA-F])[0a-fA-F]*(?![^\W_])"
                r"|(?<![\w:.])(?:[0a-fA-F]{1,8}:){5,31}[0a-fA-F]{1,8}(?![\w:.]))"
            ),
            r"(?P<number>(?:(?<![^\W_])[-+])?0(?:[.,]0)*%?)",
        )
    )
)
_MASKABLE = re.compile("[0\"'/\\\\@\x02]")
_LIST = re.compile(
    r"(?<![^ (\[{=:])([^\s,()\[\]{}=:]*[\x01-\x08\x0e\x0f][^\s,()\[\]{}=:]*)(?:,? \1|,\1)+(?![^ )\]},.;])"
)
_DOTS = re.compile(r"\.{3,}")
_DELIMITERS = re.compile(r"([ =,:;()\[\]{}<>|\"'@…])")


def head(body: str) -> str:
    """The first line with text of a body, at most HEAD_CHARACTERS long, free of control characters and escapes."""
    if len(body) <= HEAD_CHARACTERS and body.isprintable():
        return body
    for line in _LINE_END.split(_ESCAPES.sub("", body[: 4 * HEAD_CHARACTERS])):
        text = _UNPRINTABLE.sub(" ", line).strip()
        if len(text) > HEAD_CHARACTERS:
            return text[:HEAD_CHARACTERS].rpartition(" ")[0] or text[:HEAD_CHARACTERS]
        if text:
            return text
    return ""


def collapse(heads: Iterable[str]) -> list[str]:
    """Each line with every run of digits as one `0` and every long hexadecimal identifier as one mark.

    The lines come from `head`: they hold no line breaks, so many can be worked on as one text.
    """
    return _DIGITS.sub("0", _IDENTIFIER.sub(_MARKS["id"], "\n".join(heads))).split("\n")


def mask(collapsed: str) -> str:
    """A collapsed line with its typed parameters as marks; a list of like parameters becomes one of them."""
    spaced = _DOTS.sub("…", " ".join(collapsed.split()))
    return _LIST.sub(r"\1", _TYPES.sub(_mark, spaced)) if _MASKABLE.search(spaced) else spaced


def _mark(match: re.Match[str]) -> str:
    kind = match.lastgroup or "*"
    if kind not in ("message", "text"):
        return _MARKS[kind]
    before, quote, rest = re.split("([\"'])", match[0], maxsplit=1)
    quoted = rest[:-1]
    prose = kind == "text" and " " in quoted
    return before + quote + (_MARKS["text"] if prose else _TYPES.sub(_mark, quoted)) + quote


def split(masked: str) -> tuple[str, tuple[str, ...]]:
    """The delimiters of a masked line as one text, and the words between them: one more, some empty."""
    parts = _DELIMITERS.split(masked)
    return "".join(parts[1::2]), tuple(parts[0::2])


def is_masked(word: str) -> bool:
    """Whether a word holds a masked parameter."""
    return _MASKED.search(word) is not None


def render(delimiters: str, words: Iterable[str]) -> str:
    """Words and the delimiters between them as text for people, marks as `<number>`, `<ip>`, `<*>`."""
    pieces = [""] * (2 * len(delimiters) + 1)
    pieces[0::2] = words
    pieces[1::2] = delimiters
    return _MASKED.sub(lambda match: f"<{PLACEHOLDERS[match[0]]}>", "".join(pieces))
