"""Figures: numbers and times of a text, each with the part that it plays there.

The same reader reads the sentence of a row and the words about it, so that a number counts as borne out only where it
plays the same part: the same unit, the same `of`, `from` or `to` before it, of the incident or of the time before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["EARLIER", "Figure", "Moment", "borne", "figures", "moments", "tokens"]

_NUMBER = re.compile(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)([a-zµ%]*)")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?z?")
_STRIPPED = "()[]{}“”\"'«»`.,;:!?…"
_ENDS = (",", ";", ":", ")", ".", "”")
_LINKS = frozenset(
    "of from to than over under above below least most except but minus plus exceeded exceeding per every".split()
)
_ROUGHLY = frozenset(["about", "around", "roughly", "approximately", "the"])
_UNTIL = frozenset(["until", "till", "before", "by", "to", "after", "past", "between", "and"])
EARLIER = frozenset(
    "before baseline previously earlier prior usual usually normally normal formerly beforehand".split()
)
"""Words by which a part of a sentence speaks of the time before the incident."""
_PARTS = frozenset(["but", "while", "whereas", "versus", "vs", "against", "compared", "and"])
_UNITS = {
    name: names[0]
    for names in (
        ("s", "sec", "secs", "second", "seconds"), ("ms", "millisecond", "milliseconds"), ("us", "µs", "microseconds"),
        ("ns",), ("min", "mins", "minute", "minutes"), ("h", "hour", "hours"), ("d", "day", "days"), ("%", "percent"),
        ("b", "by", "byte", "bytes"), ("kb",), ("mb",), ("gb",), ("tb",), ("kib",), ("mib",), ("gib",), ("k",), ("m",),
        ("thousand",), ("million",), ("billion",), ("x", "fold"), ("hz",), ("bar",), ("rpm",), ("°c", "cel"),
        ("dozen",), ("rps",), ("times",), ("calls", "call"), ("points",),
    )
    for name in names
}  # fmt: skip
_COUNTED = frozenset(["calls"])
"""What a row may count that names it apart from its numbers."""
_ROUNDED = 0.05
"""How far a rounded number may be off the one in the row."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number: `decimals` behind its point, its unit, the word that links it, whether it is of the time before."""

    value: float
    decimals: int
    unit: str
    link: str
    earlier: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day as it is written, and the word before it where that says until, before or after."""

    clock: str
    link: str


def tokens(text: str) -> list[str]:
    """Words of a text in lower case without the marks around them; empty ones are marks alone."""
    return [token.strip(_STRIPPED) for token in text.casefold().split()]


def figures(text: str) -> tuple[list[Figure], list[str]]:
    """The numbers of a text, and the tokens that hold digits and are neither a number nor a time."""
    found: list[Figure] = []
    strange: list[str] = []
    words, ends = tokens(text), [raw.endswith(_ENDS) for raw in text.casefold().split()]
    earlier = _of_before(words, ends)
    for at, token in enumerate(words):
        if not any(c.isnumeric() for c in token) or _CLOCK.fullmatch(token):
            continue
        match = _NUMBER.fullmatch(token)
        attached = match[2] if match else ""
        if match is None or (attached and attached not in _UNITS):
            strange.append(token)
            continue
        after = "" if ends[at] or at + 1 == len(words) else words[at + 1]
        before = next((word for word in reversed(words[:at]) if word not in _ROUGHLY), "")
        plain = match[1].replace(",", "")
        found.append(
            Figure(
                float(plain),
                len(plain.partition("e")[0].partition(".")[2]),
                _UNITS.get(attached or after, ""),
                before if before in _LINKS else "",
                earlier[at],
                token,
            )
        )
    return found, strange


def moments(text: str) -> list[Moment]:
    """The times of day of a text, to the minute or the second."""
    words, found = tokens(text), []
    for at, token in enumerate(words):
        match = _CLOCK.fullmatch(token)
        if match is None:
            continue
        before = next((word for word in reversed(words[:at]) if word not in _ROUGHLY), "")
        clock = f"{int(match[1]):02d}:{match[2]}" + (f":{match[3]}" if match[3] else "")
        found.append(Moment(clock, before if before in _UNTIL else ""))
    return found


def borne(said: Figure, held: Iterable[Figure], words: Iterable[str] = ()) -> bool:
    """Whether a row of these words holds the number in the part in which it is said; rounded a little at most."""
    rows = list(held)
    units = {one.unit for one in rows} | (_COUNTED & set(words))
    return any(
        _same(said, one)
        and said.link == one.link
        and said.earlier == one.earlier
        and (said.unit in ("", one.unit) or (not one.unit and said.unit in units))
        for one in rows
    )


def _same(said: Figure, held: Figure) -> bool:
    if said.value == held.value:
        return True
    off = abs(said.value - held.value)
    rounded = held.decimals > said.decimals and off <= 0.5 * 10.0**-said.decimals + 1e-12
    return rounded and off <= _ROUNDED * abs(held.value)


def _of_before(words: Sequence[str], ends: Sequence[bool]) -> list[bool]:
    """For each word, whether the part of the sentence in which it stands speaks of the time before."""
    parts: list[list[int]] = [[]]
    for at, word in enumerate(words):
        if word in _PARTS:
            parts.append([])
        parts[-1].append(at)
        if ends[at]:
            parts.append([])
    found = [False] * len(words)
    for part in parts:
        if any(words[at] in EARLIER for at in part):
            for at in part:
                found[at] = True
    return found
