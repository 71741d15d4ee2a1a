"""Which records of a log store are wanted whole, and how many of the others.

Warnings and what is worse tell most of an incident and are few; the rest is sampled. A store is first asked
how many records it holds of each level. Where records have no level, words in their text stand for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from andon.connectors.log_records import severity_of_fields
from andon.telemetry import WARN

__all__ = ["AIMED", "LEVEL_NAMES", "SEVERE_WORDS", "LevelCounts", "thinned", "wanted"]

LEVEL_NAMES = ("detected_level", "level", "severity", "severity_text")
"""The fields of which a store is asked whether they tell the level."""

SEVERE_WORDS = (
    r"(?i)\b(warn|warning|err|errors?|severe|crit|critical|fatal|panic|alert|emerg|emergency|traceback"
    r"|fail|failed|failure|\w*exception)\b|^[WEF]\d{4} "
)
"""What lines without a level that tell of trouble contain; the same in RE2 as in Python."""

AIMED = 0.9
"""A sample is aimed below what is wanted: the records of its parts of the window vary."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """How many records there are by the field that tells the level of most of them.

    `field` is empty when none tells it. `severe` and `mild` are the values of the field that mean a warning or worse,
    and less; `unknown` counts the records of which it tells no level.
    """

    field: str
    severe: Mapping[str, float]
    mild: Mapping[str, float]
    unknown: float

    @classmethod
    def of(
        cls, groups: Iterable[tuple[Mapping[str, str], float]], names: Sequence[str] = LEVEL_NAMES
    ) -> LevelCounts:
        """From counts by the values of all the fields, as a store groups them."""
        listed = list(groups)
        told = {name: sum(n for labels, n in listed if _level(labels.get(name, ""))) for name in names}
        field = max(names, key=lambda name: told[name]) if any(told.values()) else ""
        severe: dict[str, float] = {}
        mild: dict[str, float] = {}
        unknown = 0.0
        for labels, count in listed:
            value = labels.get(field, "") if field else ""
            level = _level(value)
            if not level:
                unknown += count
            else:
                into = severe if level >= WARN else mild
                into[value] = into.get(value, 0.0) + count
        return cls(field, severe, mild, unknown)

    @property
    def total(self) -> float:
        return sum(self.severe.values()) + sum(self.mild.values()) + self.unknown

    def times(self, factor: float) -> LevelCounts:
        """As if so many times as many had been counted."""
        severe, mild = ({k: n * factor for k, n in of.items()} for of in (self.severe, self.mild))
        return LevelCounts(self.field, severe, mild, self.unknown * factor)


def _level(value: str) -> int:
    return severity_of_fields({"level": value}) if value else 0


def wanted(severe: float, mild: float, items: int) -> tuple[float, float]:
    """How many of the severe and of the mild records to read: all, or at most `items` together.

    The severe ones may take half, or more where the mild ones leave room.
    """
    if severe + mild <= items:
        return severe, mild
    of_severe = min(severe, max(items / 2, items - mild))
    of_mild = min(mild, items - of_severe)
    return _aimed(of_severe, severe), _aimed(of_mild, mild)


def _aimed(some: float, there: float) -> float:
    return some if some >= there else some * AIMED


def thinned(found: Sequence[T], most: int) -> Sequence[T]:
    """At most so many of them, evenly spaced: what a burst inside a sample brought too much."""
    if len(found) <= most:
        return found
    return [found[i * len(found) // most] for i in range(most)]
