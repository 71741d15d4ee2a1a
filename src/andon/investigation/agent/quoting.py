"""Quoting: whether words say of cited rows only what the rows hold.

Checked are numbers, times, quoted text, identifiers, names of components, and whether something rose or fell.
What cannot be checked (a cause, a motive) is left to the reader, who is told so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

from andon.investigation.agent.citations import Cited

__all__ = ["Ground", "foreign", "sentences_of", "unborne"]

_TIME = re.compile(r"(?<![\d:.-])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![\d:])")
_TOKEN = re.compile(r"[\w][\w.:/@#-]*", re.UNICODE)
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_QUOTED = re.compile(r"“([^”]{2,})”|\"([^\"]{2,})\"|`([^`]{2,})`|«([^»]{2,})»")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"`(])")
_REFERENCE = re.compile(r"\[?\b[a-z]+-\d+:[a-z]+(?:\.\d+)?\]?")
_WORD_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve dozen dozens hundred hundreds thousand thousands "
    "million half quarter third double doubled triple tripled twice thrice tenfold twofold threefold".split()
)
_UP = frozenset(
    "rose rise rises risen rising increase increased increases increasing grew grown climbed spiked higher more jumped surged".split()
)
_DOWN = frozenset(
    "fell fall falls fallen falling decrease decreased decreases dropped drop drops sank lower fewer less vanished".split()
)
_NOT = frozenset("not no never without neither nor".split())
_DEEPEST = 2


@dataclass(frozen=True)
class Ground:
    """What words may rest on: rows that were cited, and names that may be used besides.

    `names` are all names of components, `known` those that may be spoken of here, in lower case.
    """

    cited: Sequence[Cited]
    names: Set[str]
    known: Set[str]

    @property
    def text(self) -> str:
        """All text of the rows, in lower case with single spaces."""
        parts = [one.evidence.claim for one in self.cited] + [one.evidence.quote for one in self.cited]
        parts += [text for one in self.cited if one.row for text in _texts(_plain(one.row.value))]
        return _even(" ".join(parts))

    def numbers(self) -> set[float]:
        """Numbers of the sentences and of the rows' own fields; lists of points are no quotes."""
        found: set[float] = set()
        for one in self.cited:
            found.update(_numbers_in(one.evidence.claim))
            if one.row is not None:
                found.update(_leaves(_plain(one.row.value), 0))
        return found


_BRACKETS = str.maketrans("‹›", "<>")
"""A model reads angle brackets as these, and writes them back."""


def _even(text: str) -> str:
    """Text in lower case, with single spaces and the brackets of the source."""
    return " ".join(text.translate(_BRACKETS).casefold().split())


def sentences_of(words: str) -> list[str]:
    """The sentences of a text."""
    return [part.strip() for part in _SENTENCE.split(words.strip()) if part.strip()]


def unborne(words: str, ground: Ground) -> list[str]:
    """What the words say that the rows do not bear out, one reason each; none where all is borne out."""
    words = _REFERENCE.sub(" ", words.translate(_BRACKETS))
    text = ground.text
    reasons = [f"the time {time} is not in it" for time in _times(words) if time not in text]
    words = _TIME.sub(" ", words)
    reasons += [
        f"the quote {quote[:60]!r} is not in it"
        for quote in _quotes(words)
        if _even(quote).strip(" .…") not in text
    ]
    words = _QUOTED.sub(" ", words)
    numbers = ground.numbers()
    tokens = [token.strip(".:/-") for token in _TOKEN.findall(words)]
    for at, token in enumerate(tokens):
        if token and any(c.isdigit() for c in token):
            unit = tokens[at + 1] if at + 1 < len(tokens) else ""
            reasons += _wrong_number(token, words, unit, text, numbers)
    lowered = {token.casefold() for token in tokens}
    reasons += [
        f"{word!r} is a number; write it in digits, from the row" for word in sorted(lowered & _WORD_NUMBERS)
    ]
    reasons += _strangers(words, ground)
    return reasons + _wrong_way(lowered, ground)


def foreign(words: str, ground: Ground, about: str = "") -> str:
    """Why words tell of something else than the rows and `about`; empty where they tell of the same.

    A sentence may reason in words of its own, but most of what it names must stand in the rows.
    """
    held = {
        word[:_STEM] for word in _WORD.findall(f"{ground.text} {' '.join(ground.known)} {about}".casefold())
    }
    telling = dict.fromkeys(
        word
        for word in _WORD.findall(_REFERENCE.sub(" ", words).casefold())
        if word[:_STEM] not in _REASONING
    )
    strange = [word for word in telling if word[:_STEM] not in held]
    if not telling or len(strange) <= len(telling) * _FOREIGN:
        return ""
    return f"the rows do not speak of {', '.join(strange[:4])}"


_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5
"""Letters by which words are compared: failed and failing, timeouts and timeout."""
_FOREIGN = 1 / 3
"""The part of a sentence's telling words that may be foreign to the rows; a judgement."""
_REASONING = frozenset(
    word[:_STEM]
    for word in (
        "about above after again also although always another anything around because been before began begin being "
        "below best between both breaks broke cannot cause caused causes clear clearly change changed components "
        "confirm could deploy deployed does during each effect engine errors evidence exactly explain explains fail "
        "failed failing failure fits follows from further given happened have here hence however hypothesis incident "
        "indicates instead into itself just later latency leads leading likely little long made make many matches "
        "might more most much must near nearly never next nothing once only onset other otherwise over place points "
        "possible probably problem rather reason remains requests responsible right root same seems seen service "
        "services several should show shown shows signal since slow slower some soon stand started starts still such "
        "suggests support supports symptom than that their them then there therefore these they this those though "
        "through thus time trouble under until upon very were what when where which while will with within without "
        "would wrong"
    ).split()
)
"""Words of reasoning, which tell of nothing in particular."""


def _times(words: str) -> Iterator[str]:
    for match in _TIME.finditer(words):
        yield f"{int(match[1]):02d}:{match[2]}" + (f":{match[3]}" if match[3] else "")


def _quotes(words: str) -> Iterator[str]:
    for match in _QUOTED.finditer(words):
        yield next(group for group in match.groups() if group)


def _wrong_number(token: str, words: str, unit: str, text: str, numbers: Set[float]) -> list[str]:
    """Why a token with digits is not borne out; none when it is."""
    if token.casefold() in text and not _NUMBER.fullmatch(token):
        return []
    match = _NUMBER.match(token)
    rest = token[match.end() :].casefold() if match else ""
    if match is None or (rest and rest not in _UNITS):
        return [f"{token[:60]!r} is not in it"]
    said = float(match[0].replace(",", "").rstrip(".") or 0)
    unit = rest or unit.casefold()
    percent = bool(re.search(rf"{re.escape(match[0])}\s*(%|percent)", words))
    scales = [100.0, 1.0] if percent else [_UNITS.get(unit, 1.0), 1.0]
    decimals = len(match[0].partition(".")[2])
    slack = 0.5 * 10.0**-decimals + 1e-9
    if any(abs(abs(value) * scale - abs(said)) <= slack for value in numbers for scale in scales):
        return []
    return [f"the number {token} is not in it"]


_UNITS = {
    "ms": 1000.0,
    "s": 1.0,
    "min": 1 / 60,
    "kb": 1e-3,
    "mb": 1e-6,
    "gb": 1e-9,
    "k": 1e-3,
    "m": 1e-6,
    "x": 1.0,
}


def _strangers(words: str, ground: Ground) -> list[str]:
    """Names of components that the rows do not speak of."""
    said = {token.casefold().strip(".:/-'") for token in _TOKEN.findall(words)}
    return [f"it does not speak of {name}" for name in sorted((said & ground.names) - ground.known)]


def _wrong_way(words: Set[str], ground: Ground) -> list[str]:
    """Whether the words say that it rose where all rows fell, or the other way round."""
    ways = {one.direction for one in ground.cited} - {0}
    if len(ways) != 1 or words & _NOT:
        return []
    (way,) = ways
    up, down = bool(words & _UP), bool(words & _DOWN)
    if way < 0 and up and not down:
        return ["it fell, and the words say that it rose"]
    if way > 0 and down and not up:
        return ["it rose, and the words say that it fell"]
    return []


def _plain(value: Any) -> Any:
    fields = getattr(value, "__dataclass_fields__", None)
    return {name: getattr(value, name) for name in fields} if fields else value


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth > _DEEPEST:
        return
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(_plain(inner), depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(_plain(inner), depth + 1)


def _leaves(value: Any, depth: int) -> Iterator[float]:
    """Numbers in fields, also those inside texts; not those in lists."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from _numbers_in(value)
    elif isinstance(value, dict) and depth <= _DEEPEST:
        for inner in value.values():
            yield from _leaves(_plain(inner), depth + 1)


def _numbers_in(text: str) -> Iterator[float]:
    for match in _NUMBER.finditer(text):
        number = match[0].replace(",", "")
        if number not in ("", "-"):
            yield float(number)
