"""Values of log parameters: what stands at the places of a template, typed, and what fields stand beside the message."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, repeat
from typing import Any, Final

from andon.analysis.log_messages import fields_of, message_of
from andon.analysis.numerals import collapse, restore
from andon.analysis.templates import Template
from andon.analysis.tokens import (
    NUMERALS,
    PLACEHOLDERS,
    WILDCARD,
    head,
    is_masked,
    mask,
    mask_with_places,
    split,
)

__all__ = ["Kind", "Value", "values_of"]

MOST_FIELDS: Final = 50
"""Fields of a record that are looked at: a record with more is a document."""

MOST_CHARACTERS: Final = 200
"""How much of a value is kept."""

_QUANTITY = re.compile(r"(-?[0-9]+(?:[.,][0-9]+)*)\s?([A-Za-zµμ]*)")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_PORT = re.compile(r"(?<=\.[0-9])[:/][0-9]+$|(?<=\.[0-9]{2})[:/][0-9]+$|(?<=\.[0-9]{3})[:/][0-9]+$")
_DIGITS = re.compile("[0-9]+")
_SECONDS: Final = (
    ("n", 1e-9),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("micro", 1e-6),
    ("ms", 1e-3),
    ("milli", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86400.0),
)


class Kind(StrEnum):
    """What a parameter's values are."""

    NUMBER = "number"
    DURATION = "duration"
    """In seconds."""
    SIZE = "size"
    """In bytes."""
    IP = "ip"
    PATH = "path"
    URL = "url"
    UUID = "uuid"
    HEX = "hex"
    TIME = "time"
    EMAIL = "email"
    TEXT = "text"
    """Quoted text, or plain words."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: `text` is what is compared (paths without their numbers, addresses without port); `number` in the unit
    of the kind, None where it is no quantity."""

    kind: Kind
    text: str
    number: float | None = None


def values_of(
    template: Template, bodies: Sequence[str], attributes: Sequence[Mapping[str, Any]] = ()
) -> dict[str, list[Value]]:
    """The values of n records by parameter: the template's places as `1`, `2` …, fields and attributes by their names.

    A parameter has at most n values, in the order of the records: fewer where some records lack it, or have another
    structure than the template. `attributes`: n, or none.
    """
    columns: defaultdict[str, list[Value]] = defaultdict(list)
    heads = [message_of(body) for body in bodies]
    readings: dict[str, list[_Reading]] = {}
    for collapsed, numerals in zip(collapse(heads), restore(heads), strict=True):
        if collapsed not in readings:
            readings[collapsed] = _readings(template, collapsed)
        for number, reading in enumerate(readings[collapsed], start=1):
            columns[str(number)].append(_typed(reading.name, reading.text(numerals)))
    for body, own in zip(bodies, attributes or repeat({}), strict=False):
        fields = {**own, **fields_of(body)} if body.startswith("{") else own
        for name in islice(fields, MOST_FIELDS):
            value = _of_field(fields[name])
            if value is not None:
                columns[str(name)[:MOST_CHARACTERS]].append(value)
    return dict(columns)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How to read one place of a template in lines that collapse to the same: its type, and constant fragments
    between which the line's numerals stand, from `first` on."""

    name: str
    fragments: tuple[str, ...]
    first: int

    def text(self, numerals: Sequence[str]) -> str:
        parts = [self.fragments[0]]
        for numeral, fragment in zip(numerals[self.first :], self.fragments[1:], strict=False):
            parts += (numeral, fragment)
        return "".join(parts)


def _readings(template: Template, collapsed: str) -> list[_Reading]:
    masked, places = mask_with_places(collapsed)
    delimiters, words = split(masked)
    if delimiters != template.delimiters:
        return []
    rest = iter(places)
    readings = []
    for constant, word in zip(template.words, words, strict=True):
        own = [(mark, *next(rest)) for mark in word if mark in PLACEHOLDERS]
        if constant == WILDCARD and [mark for mark, _, _ in own] != [word]:
            texts = iter(text for _, text, _ in own)
            whole = "".join(next(texts) if character in PLACEHOLDERS else character for character in word)
            readings.append(_reading("text", whole, own[0][2] if own else 0))
        elif is_masked(constant):
            readings.extend(_reading(PLACEHOLDERS[mark], text, before) for mark, text, before in own)
    return readings


def _reading(name: str, collapsed: str, before: int) -> _Reading:
    return _Reading(name, tuple(NUMERALS.split(collapsed)), before)


def _typed(name: str, text: str) -> Value:
    text = text[:MOST_CHARACTERS]
    match name:
        case "number":
            return Value(Kind.NUMBER, text, _number(text.rstrip("%")))
        case "duration" | "size":
            return Value(Kind(name), text, _quantity(text, name))
        case "ip":
            return Value(Kind.IP, _PORT.sub("", text.lstrip("/")))
        case "path" | "url":
            return Value(Kind(name), _DIGITS.sub("0", text))
        case "id":
            return Value(Kind.UUID if _UUID.fullmatch(text) else Kind.HEX, text)
        case "time" | "email":
            return Value(Kind(name), text)
        case _:
            return Value(Kind.TEXT, text)


def _of_field(content: Any) -> Value | None:
    if isinstance(content, bool):
        return Value(Kind.TEXT, str(content).lower())
    if isinstance(content, int | float):
        text = str(content)[:MOST_CHARACTERS]
        return Value(Kind.NUMBER, text, _number(text))
    if not isinstance(content, str) or not content or len(content) > MOST_CHARACTERS or "\n" in content:
        return None
    return _typed(_name_of(collapse([head(content)])[0]), content)


@lru_cache(maxsize=10_000)
def _name_of(collapsed: str) -> str:
    return PLACEHOLDERS.get(mask(collapsed), "text")


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def _quantity(text: str, name: str) -> float | None:
    total, found = 0.0, False
    for written, unit in _QUANTITY.findall(text):
        number = _number(written)
        if number is not None:
            total += number * (_seconds(unit) if name == "duration" else _bytes(unit))
            found = True
    return total if found else None


def _seconds(unit: str) -> float:
    low = unit.lower()
    best = max((prefix for prefix, _ in _SECONDS if low.startswith(prefix)), key=len, default="")
    if low.startswith("min"):
        return 60.0
    return dict(_SECONDS).get(best, 1.0)


def _bytes(unit: str) -> float:
    power = "KMGTP".find(unit[:1].upper()) + 1 if unit else 0
    return float((1024 if "i" in unit else 1000) ** power)
