"""Mechanisms: the ways in which things go wrong, read from the files of `mechanisms/`.

Each file is a realm: software fails in other ways than the equipment of a plant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from andon.analysis.signals import words
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["ChangePattern", "Mechanism", "Sign", "load_mechanisms", "mechanism"]

_UNSAID = 0.4
"""What a change counts whose text could tell that it did what is needed, and does not."""
REALMS = ("software", "plant")


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

    def named(self, name: str) -> bool:
        """Whether a name holds all the words of one of the sign's entries, in singular or plural."""
        held = {word.removesuffix("s") for word in words(name)}
        return any(held.issuperset(word.removesuffix("s") for word in entry.split()) for entry in self.words)


@dataclass(frozen=True, slots=True)
class ChangePattern:
    """Which change events can set a mechanism off: by kind, or by the name of the action.

    `words` tell by what the event says, such as a statement of SQL, that it did what is needed.
    """

    kinds: tuple[ChangeKind, ...]
    actions: tuple[str, ...]
    words: re.Pattern[str] | None = None

    def matches(self, event: ChangeEvent) -> bool:
        if event.kind in self.kinds:
            return True
        action = event.action.casefold()
        return any(fnmatchcase(action, pattern.casefold()) for pattern in self.actions)

    def readiness(self, event: ChangeEvent) -> float:
        """How ready one is to believe in it, in [0, 1]: 0 where the pattern does not match."""
        if not self.matches(event):
            return 0.0
        said = self.words is None or self.words.search(f"{event.action} {event.summary} {event.parameters}")
        return 1.0 if said else _UNSAID


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A way to fail; `needs` names the signs of which at least one must be there, `realm` its file."""

    slug: str
    title: str
    statement: str
    changes: tuple[ChangePattern, ...]
    signs: tuple[Sign, ...]
    needs: frozenset[str]
    remedy: str
    check: str
    realm: str = "software"
    alone: float = 0.8
    """How ready one is to believe in it where no change was seen that sets it off, in (0, 1]."""
    unobserved: float | None = None
    """The same at a component that sends no telemetry, so that nothing more telling could be seen there."""
    proof: frozenset[str] = frozenset()
    """Signs of which one must be there where no change was seen; empty: those of `needs`."""
    fallback: bool = False
    """Whether it explains any trouble, so that whatever explains it more closely is preferred."""

    def set_off_by(self, event: ChangeEvent) -> float:
        """How ready one is to believe that the event sets it off, in [0, 1]."""
        return max((pattern.readiness(event) for pattern in self.changes), default=0.0)


@cache
def load_mechanisms() -> tuple[Mechanism, ...]:
    """All mechanisms, file by file, in the order in which they stand."""
    import yaml

    folder = files("andon.investigation").joinpath("mechanisms")
    return tuple(
        _mechanism(entry | {"realm": realm})
        for realm in REALMS
        for entry in yaml.safe_load(folder.joinpath(f"{realm}.yaml").read_text(encoding="utf-8"))
    )


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
            ChangePattern(
                tuple(map(ChangeKind, c.get("kinds", ()))),
                tuple(c.get("actions", ())),
                _pattern(c.get("words")),
            )
            for c in changes
        ),
        signs=tuple(map(_sign, signs)),
        needs=frozenset(needs),
        alone=float(str(fields.pop("alone", 0.8))),
        unobserved=float(str(fields.pop("unobserved"))) if "unobserved" in fields else None,
        fallback=bool(fields.pop("fallback", False)),
        proof=frozenset(_names(fields.pop("proof", []))),
        **{key: str(value) for key, value in fields.items()},
    )


def _names(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def _pattern(words: object) -> re.Pattern[str] | None:
    return re.compile(words, re.IGNORECASE) if isinstance(words, str) else None


def _sign(entry: dict[str, object]) -> Sign:
    said = entry.get("words")
    return Sign(
        sign=str(entry["sign"]),
        weight=float(str(entry["weight"])),
        pattern=_pattern(said),
        words=frozenset(said) if isinstance(said, list) else frozenset(),
        own=bool(entry.get("own", False)),
        direction={"up": 1, "down": -1}.get(str(entry.get("direction")), 0),
    )
