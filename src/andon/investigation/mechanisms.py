"""Mechanisms: the ways in which things go wrong, read from `mechanisms.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["ChangePattern", "Mechanism", "Sign", "load_mechanisms", "mechanism"]

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a mechanism leaves behind, and how telling it is (a chance in (0, 1))."""

    sign: str
    weight: float
    pattern: re.Pattern[str] | None = None
    words: frozenset[str] = frozenset()
    direction: int = 0
    own: bool = False
    """Whether it must show at the component itself; otherwise its callers may show it too."""


@dataclass(frozen=True, slots=True)
class ChangePattern:
    """Which change events can set a mechanism off: by kind, or by the name of the action."""

    kinds: tuple[ChangeKind, ...]
    actions: tuple[str, ...]

    def matches(self, event: ChangeEvent) -> bool:
        if event.kind in self.kinds:
            return True
        action = event.action.casefold()
        return any(fnmatchcase(action, pattern.casefold()) for pattern in self.actions)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A way to fail; `needs` names the signs of which at least one must be there."""

    slug: str
    title: str
    statement: str
    changes: tuple[ChangePattern, ...]
    signs: tuple[Sign, ...]
    needs: frozenset[str]
    remedy: str
    check: str

    def set_off_by(self, event: ChangeEvent) -> bool:
        return any(pattern.matches(event) for pattern in self.changes)


@cache
def load_mechanisms() -> tuple[Mechanism, ...]:
    """All mechanisms in the order of the file."""
    import yaml

    text = files("andon.investigation").joinpath("mechanisms.yaml").read_text(encoding="utf-8")
    return tuple(_mechanism(entry) for entry in yaml.safe_load(text))


def mechanism(slug: str) -> Mechanism:
    """The mechanism of that name; KeyError when there is none."""
    return {m.slug: m for m in load_mechanisms()}[slug]


def _mechanism(entry: dict[str, object]) -> Mechanism:
    fields = dict(entry)
    changes = fields.pop("changes")
    signs = fields.pop("signs")
    needs = fields.pop("needs")
    assert isinstance(changes, list)
    assert isinstance(signs, list)
    assert isinstance(needs, list)
    return Mechanism(
        changes=tuple(
            ChangePattern(tuple(map(ChangeKind, c.get("kinds", ()))), tuple(c.get("actions", ())))
            for c in changes
        ),
        signs=tuple(map(_sign, signs)),
        needs=frozenset(needs),
        **{key: str(value) for key, value in fields.items()},
    )


def _sign(entry: dict[str, object]) -> Sign:
    words = entry.get("words")
    return Sign(
        sign=str(entry["sign"]),
        weight=float(str(entry["weight"])),
        pattern=re.compile(words, re.IGNORECASE) if isinstance(words, str) else None,
        words=frozenset(words) if isinstance(words, list) else frozenset(),
        own=bool(entry.get("own", False)),
        direction={"up": 1, "down": -1}.get(str(entry.get("direction")), 0),
    )
