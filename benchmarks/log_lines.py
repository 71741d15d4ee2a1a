"""Log lines in any number, made from labelled ones: the words of each template stay, its parameters vary by chance.

Numbers keep their length, hexadecimal digits stay hexadecimal, and each word becomes one of WORDS made-up ones, the
first of them the most frequent, as names of users, hosts and packages are in real logs.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

__all__ = ["Sample", "varied"]

WORDS = 5000

_PLACE = "<*>"
_PIECE = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*[0-9])[0-9a-f]{2,}(?![0-9A-Za-z])|[0-9]+|[A-Za-z]{2,}")
_CALENDAR = ("Mon Tue Wed Thu Fri Sat Sun".split(), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
_SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in "aeiou"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A system's labelled lines: what each says, the template it is of, and the name of that."""

    name: str
    lines: tuple[str, ...]
    templates: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Sample:
        with open(folder / f"{folder.name}_2k.log_structured.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = (tuple(row[name] for row in rows) for name in ("Content", "EventTemplate", "EventId"))
        return cls(folder.name, *columns)


def varied(sample: Sample, count: int, seed: int = 7) -> tuple[list[str], list[str]]:
    """So many lines, the sample's again and again, each time with other parameters; and their labels."""
    chance = random.Random(f"{seed} {sample.name}")
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(WORDS)]
    pieces = [_pieces(line, template) for line, template in zip(sample.lines, sample.templates, strict=True)]

    def lines() -> Iterator[str]:
        while True:
            for constant_first in pieces:
                yield "".join(
                    _PIECE.sub(lambda piece: _other(piece[0], chance, words), text) if i % 2 else text
                    for i, text in enumerate(constant_first)
                )

    labels = sample.labels * (count // len(sample.labels) + 1)
    return list(islice(lines(), count)), list(labels[:count])


def _pieces(line: str, template: str) -> list[str]:
    """The line as constant, parameter, constant …; all of it constant where its template does not fit it."""
    constants = [re.escape(text) for text in re.split(r"(?:<\*>)+", template)]
    found = re.fullmatch("(" + ")(.*?)(".join(constants) + ")", line, re.DOTALL)
    return list(found.groups()) if found and _PLACE in template else [line]


def _other(piece: str, chance: random.Random, words: list[str]) -> str:
    if piece.isdigit():
        return str(chance.randrange(10 ** (len(piece) - 1) if len(piece) > 1 else 0, 10 ** len(piece)))
    if not piece.isalpha():
        return f"{chance.randrange(16 ** len(piece)):0{len(piece)}x}"
    for names in _CALENDAR:
        if piece in names:
            return chance.choice(names)
    return words[min(int(chance.paretovariate(0.5)) - 1, WORDS - 1)]
