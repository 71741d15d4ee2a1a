"""Quoting: whether words say of cited rows only what the rows hold.

A sentence that states anything is borne out by one row alone: its numbers in the part that they play there, its times,
quotes, identifiers, names of components, denials, and whether something rose or fell. All its other words must stand in
the row too, or be words of reasoning. A true sentence may fall to that; a false one must not stand. What cannot be
checked (a cause, a motive) is left to the reader, who is told so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from andon.investigation.agent.citations import Cited
from andon.investigation.agent.figures import EARLIER, Figure, borne, figures, moments, tokens
from andon.investigation.agent.vocabulary import ORDINARY, stem
from andon.investigation.report import Evidence

__all__ = ["Ground", "foreign", "sentences_of", "unborne"]

_QUOTED = re.compile(r"“([^”]{2,})”|\"([^\"]{2,})\"|`([^`]{2,})`|«([^»]{2,})»")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"`(]|\w+[._-]\w)")
_REFERENCE = re.compile(r"\[?\b[a-z]+-\d+:[a-z]+(?:\.\d+)?\]?")
_WORD = re.compile(r"[^\W\d_]+")
_UP = frozenset(
    "rose rise rises risen rising increase increased increases increasing grew grown climbed spiked higher more jumped surged".split()
)
_DOWN = frozenset(
    "fell fall falls fallen falling decrease decreased decreases dropped drop drops sank lower fewer less vanished".split()
)
_NOT = frozenset("not no never without neither nor none nothing cannot".split())
_PLACED = re.compile(r"(?:\b(from|to|by|at) )?(?:the )?\Z")
"""What stands before a component that is not the one of which a sentence speaks first."""
_SHORT = 3
"""Letters of the longest word that is taken for grammar."""
_DEEPEST = 2


@dataclass(frozen=True)
class _Held:
    """What one row holds, told in one sentence: its text in lower case, and what can be read from that."""

    cited: Cited
    evidence: Evidence

    @cached_property
    def parts(self) -> list[str]:
        """The sentence of the row, its quote, and every text in its fields."""
        found = [self.evidence.claim, self.evidence.quote]
        if self.cited.row is not None:
            found += _texts(_plain(self.cited.row.value))
        return [_even(part) for part in found if part]

    @cached_property
    def text(self) -> str:
        return " ¦ ".join(self.parts)

    @cached_property
    def figures(self) -> list[Figure]:
        """Numbers of the sentence and of the quote: a reader sees these, and no other field."""
        told = (self.evidence.claim, self.evidence.quote)
        return [figure for part in told for figure in figures(_even(part))[0]]

    @cached_property
    def tokens(self) -> list[str]:
        return tokens(self.text)

    @cached_property
    def stems(self) -> Set[str]:
        return frozenset(stem(word) for word in _WORD.findall(self.text))

    @cached_property
    def direction(self) -> int:
        """Of the sentence that is told first; what else can be told of a row moved neither way."""
        return self.cited.direction if self.evidence is self.cited.evidence else 0

    @cached_property
    def denied(self) -> Mapping[tuple[str, str], Set[str]]:
        """Each denial in the row's own words with the word after it, and the stems of what it denies."""
        found: dict[tuple[str, str], Set[str]] = {}
        for part in re.split(r"[,;:.](?:\s|$)", _QUOTED.sub(" ", self.parts[0])):
            words = tokens(part)
            for at, pair in enumerate(pairwise(words)):
                if pair[0] in _NOT:
                    found[pair] = frozenset(stem(word) for word in words[at + 1 :] if len(word) > _SHORT)
        return found


@dataclass(frozen=True)
class Ground:
    """What words may rest on: rows that were cited, and names that may be used besides.

    `names` are all names of components and `known` those that may be spoken of wherever nothing is stated, in lower
    case; `spoken` are for each reference the names of which its row speaks.
    """

    cited: Sequence[Cited]
    names: Set[str]
    known: Set[str]
    spoken: Mapping[str, Set[str]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[_Held]:
        return [_Held(one, told) for one in self.cited for told in (one.evidence, *one.also)]


_BRACKETS = str.maketrans("‹›", "<>")
"""A model reads angle brackets as these, and writes them back."""


def _even(text: str) -> str:
    """Text in lower case, with single spaces and the brackets of the source."""
    return " ".join(text.translate(_BRACKETS).casefold().split())


def sentences_of(words: str) -> list[str]:
    """The sentences of a text."""
    return [part.strip() for part in _SENTENCE.split(words.strip()) if part.strip()]


def unborne(words: str, ground: Ground) -> list[str]:
    """What the words say that no single row bears out, one reason each; none where all is borne out."""
    reasons: list[str] = []
    for sentence in sentences_of(_REFERENCE.sub(" ", words)) or [""]:
        said = _even(sentence)
        if states(said, ground):
            tried = sorted((_against(said, row, ground) for row in ground.rows), key=len)
            reasons += tried[0] if tried else ["no row stands of which it could be said"]
        else:
            reasons += _strangers(said, ground.names, frozenset(ground.known).union(*ground.spoken.values()))
    return reasons


def states(said: str, ground: Ground) -> bool:
    """Whether an evened sentence states what a row must bear out: a number, time, quote, direction or denial, and of whom."""
    words = set(tokens(said))
    return bool(
        any(c.isnumeric() for c in said)
        or _QUOTED.search(said)
        or words & (_UP | _DOWN | _NOT | EARLIER)
        or any("n't" in word or "n’t" in word or _identifier(word) for word in words)
        or _links(said, ground.names)
        or {stem(word) for word in words}
        & set().union(*(s for row in ground.rows for s in row.denied.values()))
    )


def foreign(words: str, ground: Ground, about: str = "") -> str:
    """Why words tell of something else than the rows and `about`; empty where they tell of the same.

    Where a sentence states something, its words must stand in the one row that bears it out.
    """
    said = _even(_REFERENCE.sub(" ", words))
    stated = states(said, ground)
    rows = [row for row in ground.rows if not stated or not _against(said, row, ground)]
    free = {stem(word) for word in _WORD.findall(about.casefold())}
    groups = [[row] for row in rows] if stated else [rows]
    strange = [_strange(said, group, ground, free, stated=stated) for group in groups]
    least = min(strange, key=len, default=[])
    return f"the rows do not speak of {', '.join(least[:4])}" if least else ""


def _strange(said: str, rows: Sequence[_Held], ground: Ground, free: Set[str], *, stated: bool) -> list[str]:
    """Words that neither stand in the rows nor are names, words of reasoning or of the mechanism in question."""
    named = set().union(*(ground.spoken.get(row.cited.ref, ()) for row in rows))
    named |= set() if stated else set(ground.known)
    held = set(free).union(*(row.stems for row in rows))
    held |= {stem(word) for name in named for word in _WORD.findall(name)}
    ways = set().union(*(_ways(row.direction) for row in rows))
    words = dict.fromkeys(_WORD.findall(_QUOTED.sub(" ", said)))
    return [
        word for word in words if word not in ORDINARY | ways and stem(word) not in held and len(word) > 1
    ]


def _against(said: str, row: _Held, ground: Ground) -> list[str]:
    """What an evened sentence says that a row does not hold, one reason each."""
    held = {token.removesuffix("'s") for token in row.tokens}
    numbers, strange = figures(said)
    reasons = [f"{token[:60]!r} is not in it" for token in strange if token not in held]
    reasons += [
        f"the number {figure.text} is not in it, or not of that" for figure in numbers
        if not borne(figure, row.figures, row.tokens)
    ]  # fmt: skip
    times = [(one.clock, one.link) for one in moments(row.text)]
    reasons += [
        f"the time {one.clock} is not in it, or not of that" for one in moments(said)
        if not any(clock.startswith(one.clock) and link == one.link for clock, link in times)
    ]  # fmt: skip
    reasons += [
        f"the quote {quote[:60]!r} is not in it" for quote in _quotes(said) if not _within(quote, row)
    ]
    named = ground.spoken.get(row.cited.ref, frozenset())
    reasons += _strangers(
        said, ground.names, named | {name for name in ground.names if _held(name, row.text)}
    )
    reasons += [
        f"it does not say {link} {name}"
        for link, name in _links(said, ground.names)
        if (link, name) not in _links(row.text, ground.names)
    ]
    reasons += _displaced(said, row, ground.names)
    reasons += [
        f"{word!r} is not in it"
        for word in set(tokens(_QUOTED.sub(" ", said)))
        if _identifier(word) and not moments(word) and word.removesuffix("'s") not in held | set(named)
    ]
    return reasons + _denials(said, row) + _wrong_way(said, row)


def _quotes(words: str) -> Iterator[str]:
    for match in _QUOTED.finditer(words):
        yield next(group for group in match.groups() if group)


def _within(quote: str, row: _Held) -> bool:
    """Whether a quote stands in one text of the row, and begins and ends where words do."""
    wanted = re.escape(_even(quote).strip(" .…"))
    return bool(wanted) and any(
        re.search(rf"(?<![\w.,:-]){wanted}(?![\w-]|[.,:]\w)", part) for part in row.parts
    )


def _held(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _strangers(said: str, names: Set[str], known: Set[str]) -> list[str]:
    """Names of components that are not to be spoken of here; a longer name is not the shorter one within it."""
    for name in sorted(known & names, key=len, reverse=True):
        if name in said:
            said = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "¦", said)
    return [f"it does not speak of {name}" for name in sorted(names - known) if _held(name, said)]


def _links(said: str, names: Set[str]) -> set[tuple[str, str]]:
    """Who is said to call whom: each component with the from, to or by before it."""
    found = set()
    for name in names:
        if name in said:
            for match in re.finditer(rf"\b(from|to|by) (?:the )?{re.escape(name)}(?![\w-])", said):
                found.add((match[1], name))
    return found


def _displaced(said: str, row: _Held, names: Set[str]) -> Iterator[str]:
    """Components that the row's sentence names only behind from, to, by or at, and that are said otherwise."""
    told = _QUOTED.sub(" ", row.parts[0])
    for name in sorted(name for name in names if _held(name, said)):
        places, wanted = _places(told, name), _places(_QUOTED.sub(" ", said), name)
        if places and "" not in places and wanted and not places & wanted:
            yield f"it says {sorted(places)[0]} {name}"


def _places(text: str, name: str) -> set[str]:
    """The words from, to, by or at in front of a name, empty where there is none of them."""
    found = re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    return {(before[1] or "") for match in found if (before := _PLACED.search(text[: match.start()]))}


def _identifier(word: str) -> bool:
    """Whether a word is written as names are that people give to things, and is no compound of plain words."""
    if not re.search(r"\w[-_./@#:=\\]+\w", word):
        return False
    return not set(re.split(r"-", word)) <= ORDINARY


def _denials(said: str, row: _Held) -> list[str]:
    """A denial stands with the very word that it denies in the row, and what is denied there is not said without it.

    So does what was before with the word in front of it.
    """
    words = ["", *tokens(_QUOTED.sub(" ", said)), ""]
    pairs, told = set(pairwise(row.tokens)), set(pairwise(words))
    reasons = [f"{word!r} is not in it" for word in words if word.endswith(("n't", "n’t"))]
    reasons += [
        f"{' '.join(pair).strip()!r} is not in it"
        for pair in pairwise(words)
        if (pair[0] in _NOT or pair[1] in EARLIER) and pair not in pairs
    ]
    spoken = pairwise(tokens(row.parts[0]))
    denied: dict[tuple[str, str], Set[str]] = {p: {stem(p[1])} for p in spoken if p[0] in _NOT}
    stems = {stem(word) for word in words}
    return reasons + [
        f"it says {' '.join(pair)!r}"
        for pair, what in sorted({**denied, **row.denied}.items())
        if what & stems and pair not in told
    ]


def _ways(direction: int) -> Set[str]:
    return _UP if direction > 0 else _DOWN if direction < 0 else frozenset()


def _wrong_way(said: str, row: _Held) -> list[str]:
    """Words of a direction that is neither the row's own nor stands in its text."""
    words = set(tokens(_QUOTED.sub(" ", said)))
    wrong = (words & (_UP | _DOWN)) - _ways(row.direction) - set(row.tokens)
    opposite = words & _ways(-row.direction) if row.direction else set()
    turned = {word for word in opposite if not any(word in part.split() for part in row.parts)}
    ways = {1: "it rose", -1: "it fell", 0: "it neither rose nor fell"}[row.direction]
    return [f"{ways}, and the words say {word!r}" for word in sorted(wrong | turned)]


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
