"""Secrets by the name they are given: `password=…`, `"apiKey": "…"`, `--token …`, `<secret>…</secret>`, environment pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.llm.redaction.names import is_placeholder, is_sensitive
from andon.llm.redaction.spans import SECRET, Span

__all__ = ["find_assignments"]

LONGEST_NAME = 64
SHORTEST_SIGNATURE = 16

_KEYWORD = re.compile(
    r"pass|pwd|secret|token|cred|key(?<=[\w.\-]key)|[ ]key(?<=(?:api|ess|ate|unt|red|nse|ing|ion|ret|ter) key)"
    r"|sessid|sig(?:nature)?|cvv|cvc|identified by|_auth"
)
_NAME_BEFORE = re.compile(rf"[\w.\-]{{0,{LONGEST_NAME}}}\Z")
_NAME_AFTER = re.compile(rf"[\w.\-]{{0,{LONGEST_NAME}}}")

_ARN = re.compile(r"arn:[\w:*/.\-]*:\Z")

_Q = r"\\{0,3}[\"'`]"
_PAIR = re.compile(
    rf"(?:{_Q})?[ \t]{{0,8}}[,;]?\s{{0,40}}(?:{_Q})?value(?:{_Q})?[ \t]{{0,4}}[:=][ \t]{{0,4}}"
    rf"(?:\{{\s{{0,20}}{_Q}\w{{0,10}}value{_Q}\s{{0,4}}:\s{{0,4}})?",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"[\"']?[ \t]{0,4}:[ \t]{0,4}[|>][-+]?[ \t]{0,4}\r?\n[ \t]{1,40}")
_SIGN = re.compile(
    rf"(?:{_Q})?\]?[ \t]{{0,8}}(?:=>|:=|==?|:(?!//|:)|%3[AD])[ \t]{{0,8}}[\[(]?", re.IGNORECASE
)
_OPTION = re.compile(r"[ \t]{1,4}(?![-|&;<>])")
_PHRASE = re.compile(r"(?i)[ \t]{1,4}(?:is|was)[ \t]{1,4}:?[ \t]{0,2}")
_ELEMENT = re.compile(r"[ \t]{0,4}>[ \t]{0,4}")
_SQL = re.compile(r"[ \t]{1,4}(?=')")

_QUOTED = re.compile(r"(?P<quote>[\"'`])(?P<value>(?:\\[^\n]|(?!(?P=quote))[^\\\n])*)")
_QUOTED_DEEP = re.compile(r"(?P<quote>\\{1,7}[\"'`])(?P<value>(?:(?!(?P=quote))[^\n])*)")
_CURLED = re.compile(r"[“„‘«「](?P<value>[^“”„‘«»「」\n]{1,400}?)[”“’»」](?!\w)")
_ENDED = r"[”’»›」](?=[”’»›」\"'`)\]}>,.;:!?…]{0,8}(?:[\s\\“„‘«‹「]|\Z))"
"""A typographic quote that closes: followed by no more than punctuation. One inside a word belongs to the value."""
_BARE = re.compile(
    rf"(?:(?!{_ENDED})"
    r"(?:\\[^nrt\s]|[^\s\"'`\\,;&<]|[\"'`](?=\w)|[,&](?![\s\"'{\[]|[\w.\-]{1,40}[=:]|\Z)"
    r"|;(?![\s\"'{\[]|[\w.\- ]{1,40}[=:]|\Z)|<(?!/)))+"
)
_INNER = re.compile(r"[^<\n]+")
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def find_assignments(text: str) -> Iterator[Span]:
    """Values whose name announces a secret; placeholders and words of prose are not values."""
    position = 0
    for found in _KEYWORD.finditer(text.replace("\u0130", "I").lower()):
        if found.start() < position:
            continue
        before = _NAME_BEFORE.search(text, max(0, found.start() - LONGEST_NAME), found.start())
        start = before.start() if before else found.start()
        after = _NAME_AFTER.match(text, found.end())
        end = after.end() if after else found.end()
        position = end
        if value := _value(text, start, end, found[0]):
            position = value.end
            yield value


def _value(text: str, start: int, end: int, keyword: str) -> Span | None:
    """What is assigned to the name at `start` up to `end`."""
    name = text[start:end].rstrip(".-")
    end = start + len(name)
    if keyword.startswith("identified"):
        return _read(text, _SQL.match(text, end), name)
    if not is_sensitive(name) and not name.lower().endswith("_auth"):
        return _signature(text, end, name) if keyword.startswith("sig") else None
    if _ARN.search(text, max(0, start - 120), start):
        return None
    if text[start - 1 : start] in ("<", ":") and (opened := _ELEMENT.match(text, end)):
        inner = _INNER.match(text, opened.end())
        return _kept(text, *inner.span(), name) if inner else None
    for sign in (_PAIR, _BLOCK, _SIGN):
        if opened := sign.match(text, end):
            return _read(text, opened, name)
    if name.startswith("--") or text[max(0, start - 2) : start] == "--":
        return _read(text, _OPTION.match(text, end), name)
    return _spoken(text, end, name)


def _signature(text: str, end: int, name: str) -> Span | None:
    """The `sig=` of a shared access signature and the like; `signature: f(int)` is none."""
    span = _read(text, _SIGN.match(text, end), name) if text.startswith("=", end) else None
    return span if span and span.end - span.start >= SHORTEST_SIGNATURE else None


def _spoken(text: str, end: int, name: str) -> Span | None:
    """`password is …`, `PASSWORD '…'` and the netrc's `password …`: only what does not look like prose."""
    opened = _PHRASE.match(text, end) or _SQL.match(text, end)
    if opened:
        span = _read(text, opened, name)
        return span if span and _is_odd(text[span.start : span.end]) else None
    if "login " in text[max(0, end - 200) : end]:
        return _read(text, _OPTION.match(text, end), name)
    return None


def _read(text: str, opened: re.Match[str] | None, name: str) -> Span | None:
    """The value, quoted or bare, right after what opened it."""
    if not opened:
        return None
    start = opened.end()
    if quoted := _QUOTED_DEEP.match(text, start) or _QUOTED.match(text, start) or _CURLED.match(text, start):
        return _kept(text, *quoted.span("value"), name)
    bare = _BARE.match(text, start)
    if not bare or bare[0][0] == "{":
        return None
    end = bare.end()
    if is_placeholder(bare[0]):
        return None
    return _kept(text, start, _without_closers(text, start, end), name)


def _without_closers(text: str, start: int, end: int) -> int:
    """The end of a bare value, less up to four brackets that were opened before it: `{password=x}`."""
    for _ in range(4):
        closer = text[end - 1]
        opener = _BRACKETS.get(closer)
        if not opener or text.count(closer, start, end) <= text.count(opener, start, end):
            break
        end -= 1
    return end


def _kept(text: str, start: int, end: int, name: str) -> Span | None:
    """The span, unless it is a placeholder or a number where numbers are counts."""
    value = text[start:end]
    if is_placeholder(value.strip()):
        return None
    if value.isdigit() and len(value) < _shortest_number(name.lower()):
        return None
    return Span(start, end, SECRET)


def _shortest_number(name: str) -> int:
    if name.endswith("token"):
        return 6
    return 1 if "password" in name or "cv" in name or "pwd" in name else 4


def _is_odd(value: str) -> bool:
    return any(not character.isalpha() for character in value.strip(".,;:!?"))
