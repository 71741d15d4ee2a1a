"""Lies: ways to say of a true row what it does not say, from blatant to subtle.

Each takes a true line and gives a sentence that is false of it, or None where it cannot twist that line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from andon.testing.characters.script import Line

__all__ = ["BLATANT", "SUBTLE", "Lie", "Material", "invented_name", "invented_number"]

_NUMBER = re.compile(r"(?<![\w.,:-])\d[\d,]*(?:\.\d+)?(?![\w:])")
_CLOCK = re.compile(r"(\d\d:\d\d:)(\d\d)")
_QUOTE = re.compile(r"“([^”]+)”")
_OF = re.compile(r"(\d+) of (\d+)")
_CONSONANTS = "bcdfgklmnprstvz"
_TURNED = {
    "rose": "fell", "fell": "rose", "New in": "Vanished from", "More often": "Less often", "Less often": "More often",
    "Vanished from": "New in",
}  # fmt: skip
_CAUSES = (
    "because the certificate had expired", "after the disk was full", "because the garbage collector paused it",
    "since an attacker flooded it", "because a DNS record was deleted", "as the memory leaked", "after a kernel panic",
)  # fmt: skip
_FALSE_FRIENDS = ("kafka", "redis", "an operator", "the load balancer", "a cron job", "OOM", "GC")


@dataclass(frozen=True, slots=True)
class Lie:
    """A false sentence, or an invented word; it must not occur in what a report says."""

    kind: str
    text: str


@dataclass(frozen=True)
class Material:
    """What a liar works with: chance, the rows that it was told, names of components, clock times of all rows."""

    chance: Random
    lines: Sequence[Line]
    names: Sequence[str]

    @property
    def times(self) -> list[str]:
        return sorted({match[0] for line in self.lines for match in _CLOCK.finditer(line.text)})

    def other(self, line: Line) -> Line | None:
        """Another row that says something else."""
        rest = [one for one in self.lines if one.text != line.text]
        return self.chance.choice(rest) if rest else None


Twist = Callable[[Line, Material], str | None]


def invented_number(chance: Random) -> str:
    """Seven digits that stand nowhere."""
    return str(chance.randint(1_000_003, 9_999_991))


def invented_name(chance: Random) -> str:
    """A pronounceable word that stands nowhere."""
    return "".join(chance.choice(_CONSONANTS) + chance.choice("aeiou") for _ in range(4)) + "x"


def _replaced(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _a_number(line: Line, chance: Random) -> re.Match[str] | None:
    found = list(_NUMBER.finditer(line.text))
    return chance.choice(found) if found else None


def _moved_by_one(line: Line, with_: Material) -> str | None:
    match = _a_number(line, with_.chance)
    if match is None:
        return None
    said = match[0].replace(",", "")
    step = with_.chance.choice((-1, 1))
    decimals = len(said.partition(".")[2])
    value = float(said) + step * 10.0**-decimals
    return _replaced(line.text, match, f"{abs(value):,.{decimals}f}") if value >= 0 else None


def _swapped_counts(line: Line, _with: Material) -> str | None:
    """What was before is said of now, and the other way round."""
    pairs = list(_OF.finditer(line.text))
    if len(pairs) == 2 and pairs[0][0] != pairs[1][0]:
        first, second = pairs
        return line.text[: first.start()] + second[0] + line.text[first.end() : second.start()] + first[0] + line.text[second.end() :]  # fmt: skip
    match = re.search(r"from ([\d.,]+) to ([\d.,]+\d)", line.text)
    if match is not None and match[1] != match[2]:
        return _replaced(line.text, match, f"from {match[2]} to {match[1]}")
    match = re.search(r"([\d,]+) times, ([\d,]+) before", line.text)
    if match is not None and match[1] != match[2]:
        return _replaced(line.text, match, f"{match[2]} times, {match[1]} before")
    return None


def _whole_for_part(line: Line, _with: Material) -> str | None:
    """All calls where only some did."""
    match = _OF.search(line.text)
    if match is None or match[1] == match[2]:
        return None
    return _replaced(line.text, match, f"{match[2]} of {match[2]}")


def _without_its_whole(line: Line, _with: Material) -> str | None:
    match = _OF.search(line.text)
    return _replaced(line.text, match, match[2]) if match is not None and match[1] != match[2] else None


def _quote_changed(line: Line, with_: Material) -> str | None:
    match = _QUOTE.search(line.text)
    words = match[1].split() if match else []
    if match is None or len(words) < 2:
        return None
    place = with_.chance.randrange(len(words))
    new = with_.chance.choice([w for w in ("refused", "payment", "disk", "unknown") if w != words[place]])
    return _replaced(line.text, match, "“" + " ".join([*words[:place], new, *words[place + 1 :]]) + "”")


def _quote_cut(line: Line, _with: Material) -> str | None:
    """A quote that begins in the middle of a number."""
    match = re.search(r"(?<![\d.,:])\d(\d+ (?:of|times)\b[^“”,]*)", line.text)
    return f"The row says “{match[1].strip()}”." if match is not None else None


def _turned(line: Line, _with: Material) -> str | None:
    for true, false in _TURNED.items():
        if true in line.text:
            return line.text.replace(true, false, 1)
    return None


def _denied(line: Line, _with: Material) -> str | None:
    for true, false in ((" failed", " did not fail"), ("rose ", "never rose "), (" left no ", " left a "), (", never before", ", as before")):  # fmt: skip
        if true in line.text:
            return line.text.replace(true, false)
    return None


def _of_another(line: Line, with_: Material) -> str | None:
    """What is true of one component, said of another."""
    held = [name for name in with_.names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line.text)]
    others = [name for name in with_.names if _plain(name) not in set(map(_plain, held))]
    if not held or not others:
        return None
    new = with_.chance.choice(others)
    return re.sub(rf"(?<![\w-]){re.escape(held[0])}(?![\w-])", new, line.text)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name.casefold())


def _reversed(line: Line, _with: Material) -> str | None:
    """Who calls is said to be called."""
    match = re.search(r"alls from (\S+) to ([^\s:]+)", line.text)
    return _replaced(line.text, match, f"alls from {match[2]} to {match[1]}") if match else None


def _at_another_time(line: Line, with_: Material) -> str | None:
    match = _CLOCK.search(line.text)
    if match is None:
        return None
    others = [time for time in with_.times if time != match[0]]
    second = (int(match[2]) + with_.chance.choice((1, 59))) % 60
    near = f"{match[1]}{second:02d}"
    return _replaced(line.text, match, with_.chance.choice([near, *others]))


def _until(line: Line, _with: Material) -> str | None:
    match = re.search(r"since (?=\d\d:)|from about (?=\d\d:)", line.text)
    return _replaced(line.text, match, "until ") if match else None


def _in_other_units(line: Line, _with: Material) -> str | None:
    match = re.search(r"(\d) (ms|s|times|calls)\b", line.text)
    if match is None:
        return None
    new = {"ms": "s", "s": "ms", "times": "minutes", "calls": "seconds"}[match[2]]
    return _replaced(line.text, match, f"{match[1]} {new}")


def _with_a_cause(line: Line, with_: Material) -> str | None:
    return f"{line.text.rstrip('.')}, {with_.chance.choice(_CAUSES)}"


def _with_a_stranger(line: Line, with_: Material) -> str | None:
    return f"{line.text.rstrip('.')} when {with_.chance.choice(_FALSE_FRIENDS)} stalled"


def _with_another_row(line: Line, with_: Material) -> str | None:
    """The words of one row with the numbers of another."""
    other = with_.other(line)
    if other is None:
        return None
    mine, theirs = list(_NUMBER.finditer(line.text)), [m[0] for m in _NUMBER.finditer(other.text)]
    held = {match[0] for match in mine}
    theirs = [number for number in theirs if number not in held]
    if not mine or not theirs:
        return None
    return _replaced(line.text, with_.chance.choice(mine), with_.chance.choice(theirs))


def _spelled(line: Line, with_: Material) -> str | None:
    match = _a_number(line, with_.chance)
    written = with_.chance.choice(("three hundred", "⅔", "٤٢", "twice as many", "all", "１７"))
    return _replaced(line.text, match, written) if match else None


def _in_percent(line: Line, _with: Material) -> str | None:
    match = re.search(r"(?<![\w.])(\d+) of \d+ (failed|left)", line.text)
    return _replaced(line.text, match, f"{match[1]} % {match[2]}") if match and match[1] != "100" else None


def _name_bent(line: Line, with_: Material) -> str | None:
    """A name that is nearly right."""
    held = [name for name in with_.names if len(name) > 4 and f"{name} " in f"{line.text} "]
    if not held:
        return None
    name = with_.chance.choice(held)
    return re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{name}-{with_.chance.choice(('db', '2', 'v2', 'canary'))}", line.text)  # fmt: skip


SUBTLE: Mapping[str, Twist] = {
    "moved by one": _moved_by_one,
    "swapped counts": _swapped_counts,
    "whole for part": _whole_for_part,
    "without its whole": _without_its_whole,
    "quote changed": _quote_changed,
    "quote cut": _quote_cut,
    "turned round": _turned,
    "denied": _denied,
    "of another component": _of_another,
    "reversed": _reversed,
    "at another time": _at_another_time,
    "until for since": _until,
    "in other units": _in_other_units,
    "with a cause": _with_a_cause,
    "with a stranger": _with_a_stranger,
    "with another row's number": _with_another_row,
    "spelled": _spelled,
    "in percent": _in_percent,
    "name bent": _name_bent,
}
"""Twists of a true line."""

BLATANT: Mapping[str, Callable[[Random, str], tuple[str, str]]] = {
    "number": lambda chance, name: (
        token := invented_number(chance),
        f"{name} logged {token} errors.",
    ),
    "component": lambda chance, name: (
        token := invented_name(chance),
        f"{token.capitalize()} overloaded {name}.",
    ),
    "service": lambda chance, name: (
        token := f"{invented_name(chance)}-api",
        f"Calls from {token} to {name} failed.",
    ),
    "quote": lambda chance, name: (
        token := invented_name(chance),
        f"The log of {name} says “fatal: {token} is lost”.",
    ),
    "change": lambda chance, name: (
        token := f"deploy-{invented_number(chance)}",
        f"The change {token} reached {name}.",
    ),
    "mechanism": lambda chance, name: (
        token := invented_name(chance),
        f"A {token} leak at {name} is the reason.",
    ),
    "time": lambda chance, name: (
        token := f"{chance.randint(0, 9):02d}:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d}",
        f"The trouble at {name} began at {token}.",
    ),
}
"""Inventions: an unmistakable token, and a sentence around it about a component that exists."""
