"""Log text to words: clean it, mask typed parameters, split it at structural delimiters.

The steps are chosen so that repeating lines cost little: `collapse` is two passes without callbacks over
many lines at once, and what it returns repeats far more often than the lines themselves; `mask` and `split`
need to run only once for each distinct result. A masked parameter is one control character, which cannot
be confused with text, since `head` removes control characters from whatever comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["HEAD_CHARACTERS", "PLACEHOLDERS", "WILDCARD", "collapse", "head", "is_masked", "mask", "render", "split"]

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
_MARK: Final = {name: mark for mark, name in PLACEHOLDERS.items()}
WILDCARD: Final = _MARK["*"]

_MASKED = re.compile("[\x01-\x08\x0e-\x10]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_END = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")

_IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])(?=[0-9-]{0,35}[a-f])(?=[a-f-]{0,35}[0-9])[0-9a-f]{8}(?:[0-9a-f]{8,120}|(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])")
_DIGITS = re.compile(r"[0-9]+")

_QUOTED_MESSAGE = r"(?:msg|message|err|error|reason|cause|exception)\s?[=:]\s?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"0:0(?::0)?(?:[.,]0)?"
_UNIT_TIME = "(?:nanoseconds?|microseconds?|milliseconds?|millis|msecs?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?"
_TYPES = re.compile(
    "|".join(
        (
            rf"(?P<message>\b{_QUOTED_MESSAGE}\"[^\"]*\")",
            r"(?P<text>(?<!\w)\"[^\"]*\"|(?<!\w)'[^']{1,200}'(?!\w))",
            r"(?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>,;)\]}]+)",
            r"(?P<email>\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+\b)",
            rf"(?P<time>\b0[-/]0[-/]0(?:[T ]{_CLOCK}\s?(?:Z\b|[+-]0(?::0)?\b|UTC\b)?)?"
            rf"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s)?(?:{_MONTH}\s0|0[ /]{_MONTH})[, /:]0?\s?{_CLOCK}(?:\s[A-Z]{{3,4}})?(?:\s0\b)?"
            r"|\b0:0:0(?:[.,]0)?\b)",
            r"(?P<ip>/?(?<![\w.])0\.0\.0\.0(?:[:/]0)?(?![\w.])"
            r"|(?<![\w:.])(?=[a-f:]*0)(?:[0a-fA-F]{0,8}:){2,7}[0a-fA-F]{0,8}(?![\w:.]))",
            r"(?P<path>(?<![\w\x02.)\]])(?:\b[A-Za-z]:)?[/\\](?=[\w.~$%+-])[^\s\"'<>,;:=()\[\]{}|]+)",
            rf"(?P<duration>\b(?:0(?:\.0)?(?:ns|us|µs|μs|ms|s|m|h|d))+\b|\b0(?:\.0)?\s?{_UNIT_TIME}|ms)\b)",
            r"(?P<size>\b0(?:\.0)?\s?(?:[KMGTP]i?B|[kKMG]b?|bytes?|B)\b)",
            r"(?P<id>\b0x[0a-fA-F]+\b|\x02|(?<![^\W_])(?=[a-fA-F]*0)[0a-fA-F]*[a-fA-F]0[0a-fA-F]*(?![^\W_])"
            r"|(?<![^\W_])0[a-fA-F][0a-fA-F]*(?![^\W_])"
            r"|(?<![\w:.])(?:[0a-fA-F]{1,8}:){5,31}[0a-fA-F]{1,8}(?![\w:.]))",
            r"(?P<number>(?:(?<![^\W_])[-+])?0(?:[.,]0)*%?)",
        )
    )
)

_DOTS = re.compile(r"\.{3,}")
_DELIMITERS = re.compile(r"([ =,:;()\[\]{}<>|\"'@…])")
_LIST = re.compile(r"(?<![^ (\[{=:])([^\s,]*[\x01-\x08\x0e\x0f][^\s,]*)(?:,? \1|,\1)+(?![^ )\]},.;])")


def head(body: str) -> str:
    """The first line with text of a body, at most HEAD_CHARACTERS long, free of control characters and escapes."""
    if len(body) <= HEAD_CHARACTERS and body.isprintable():
        return body
    for line in _LINE_END.split(_ESCAPES.sub("", body[: 4 * HEAD_CHARACTERS])):
        text = _UNPRINTABLE.sub(" ", line).strip()
        if text:
            return text[:HEAD_CHARACTERS]
    return ""


def collapse(heads: Iterable[str]) -> list[str]:
    """Each line with every run of digits as one `0` and every long hexadecimal identifier as one mark.

    The lines come from `head`: they hold no line breaks, so many can be worked on as one text.
    """
    return _DIGITS.sub("0", _IDENTIFIER.sub(_MARK["id"], "\n".join(heads))).split("\n")


def mask(collapsed: str) -> str:
    """A collapsed line with its typed parameters as marks; lists of like parameters become one of them."""
    masked = _TYPES.sub(_mark, _DOTS.sub("…", " ".join(collapsed.split())))
    return _LIST.sub(r"\1", masked)


def _mark(match: re.Match[str]) -> str:
    kind = match.lastgroup or "*"
    if kind not in ("message", "text"):
        return _MARK[kind]
    before, quote, rest = re.split("([\"'])", match[0], maxsplit=1)
    inside = rest[:-1]
    prose = kind == "text" and " " in inside
    return before + quote + (_MARK[kind] if prose else _TYPES.sub(_mark, inside)) + quote


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
