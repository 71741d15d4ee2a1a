"""Log text to words: clean it, mask typed parameters, split it at structural delimiters.

The steps are ordered so that repeating lines cost little: `numerals.collapse` works on many lines at once, and what
it returns repeats far more often than the lines themselves; `mask` and `split` need to run once for each distinct
result. A masked parameter is one control character, which cannot be confused with text, since `head` removes control
characters from whatever comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Final

__all__ = [
    "HEAD_CHARACTERS",
    "NUMERALS",
    "PLACEHOLDERS",
    "WILDCARD",
    "head",
    "is_masked",
    "mask",
    "mask_with_places",
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

_MESSAGE_KEY = r"(?:msg|message|err|error|reason|cause|exception)\s?[=:]\s?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"0:0(?::0)?(?:[.,]0)?"
_ZONE = r"(?:Z\b|[+-]0(?::0)?\b|UTC\b|GMT\b)"
_SHORT_TIMES = "(?:ns|us|µs|μs|ms|s|m|h|d)"
_LONG_TIMES = "(?:ms|(?:nano|micro|milli)?seconds?|millis|msecs?|secs?|minutes?|mins?|hours?|hrs?|days?)"
_BOUND = r"(?:(?<![^\s(=:,])[<>~]=?(?![-+0.,]*>))?"
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
                r"|\b0:0(?::0)?(?:[.,]0)?\b)"
            ),
            (
                r"(?P<ip>/?(?<![\w.])0\.0\.0\.0(?:[:/]0)?(?![\w.])"
                r"|(?<![\w:.])(?=[a-f:]*0)(?:[0a-fA-F]{0,8}:){2,7}[0a-fA-F]{0,8}(?![\w:.]))"
            ),
            r"(?P<path>(?<![\w\x02.)\]])(?:\b[A-Za-z]:)?[/\\](?=[\w.~$%+-])[^\s\"'<>,;:=()\[\]{}|]+)",
            rf"(?P<duration>{_BOUND}(?:\b(?:0(?:\.0)?{_SHORT_TIMES})+\b|\b0(?:\.0)?\s?{_LONG_TIMES}\b))",
            rf"(?P<size>{_BOUND}\b0(?:\.0)?\s?{_SIZES}\b)",
            (
                r"(?P<id>\x02|\b0x[0a-fA-F]+\b|(?<![^\W_])(?:[a-fA-F]+0|0[a-fA-F])[0a-fA-F]*(?![^\W_])"
                r"|(?<![\w:.])(?:[0a-fA-F]{1,8}:){5,31}[0a-fA-F]{1,8}(?![\w:.]))"
            ),
            rf"(?P<number>{_BOUND}(?:(?<![^\W_])[-+])?0(?:[.,]0)*%?)",
        )
    )
)
_MASKABLE = re.compile("[0\"'/\\\\@\x02]")
# Every alternative begins with a character, so that the search can skip to those.
_SPANNING = re.compile(
    rf"[\"']|0[-/]0[-/]0 0|0 (?:{_LONG_TIMES}|{_SIZES})\b|0 {_MONTH}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 0"
)
_LIST = re.compile(
    r"(?<![^ (\[{=:])([^\s,()\[\]{}=:]*[\x01-\x08\x0e\x0f][^\s,()\[\]{}=:]*)(?:,? \1|,\1)+(?![^ )\]},.;])"
)
NUMERALS = re.compile("[0\x02]")
"""What stands for a numeral in a collapsed line."""

# The methods of RFC 9110 and 5789: in quotes, a request line is no prose.
_REQUEST = re.compile(r"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) \S")
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


def mask(collapsed: str) -> str:
    """A collapsed line with its typed parameters as marks; a list of like parameters becomes one of them."""
    spaced = _spaced(collapsed)
    if not _MASKABLE.search(spaced):
        return spaced
    return _LIST.sub(r"\1", " ".join(_marked(part)[0] for part in _parts(spaced)))


def mask_with_places(collapsed: str) -> tuple[str, list[tuple[str, int]]]:
    """`mask` and, for each mark in it, the collapsed text that it stands for and how many numerals come before that.

    Of a list that became one of its members it is the first that counts.
    """
    marked = [_marked(part) for part in _parts(_spaced(collapsed))]
    masked = " ".join(text for text, _ in marked)
    texts = [text for _, own in marked for text in own]
    before = [0, *accumulate(len(NUMERALS.findall(text)) for text in texts)]
    places = list(zip(texts, before, strict=False))
    kept: list[tuple[str, int]] = []
    parts: list[str] = []
    place = end = 0
    for same in _LIST.finditer(masked):
        parts += [masked[end : same.start()], same[1]]
        kept += places[place : place + len(_MASKED.findall(masked[end : same.start()] + same[1]))]
        place += len(_MASKED.findall(masked[end : same.end()]))
        end = same.end()
    return "".join((*parts, masked[end:])), [*kept, *places[place:]]


def _spaced(collapsed: str) -> str:
    spaced = " ".join(collapsed.split())
    return _DOTS.sub("…", spaced) if "..." in spaced else spaced


def _parts(spaced: str) -> list[str]:
    """What can be masked on its own: words, most of them seen before, or all of it where a parameter may span words."""
    return [spaced] if _SPANNING.search(spaced) else spaced.split(" ")


@lru_cache(maxsize=20_000)
def _marked(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with marks, and what each of them stands for."""
    if not _MASKABLE.search(text):
        return text, ()
    found: list[str] = []

    def mark(match: re.Match[str]) -> str:
        kind = match.lastgroup or "*"
        if kind not in ("message", "text"):
            found.append(match[0])
            return _MARKS[kind]
        before, quote, rest = re.split("([\"'])", match[0], maxsplit=1)
        quoted = rest[:-1]
        if kind == "text" and " " in quoted and not _REQUEST.match(quoted):
            found.append(quoted)
            return before + quote + _MARKS["text"] + quote
        return before + quote + _TYPES.sub(mark, quoted) + quote

    return _TYPES.sub(mark, text), tuple(found)


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
