"""Words of texts and questions: identifiers taken apart, and other names for the same thing.

The other names are a small thesaurus of operations, read from `vocabulary.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Term", "Thesaurus", "expanded", "load_thesaurus", "terms"]

TERMS = 48
"""Words of a question that take part; templates of logs can be long."""
WORD_CHARACTERS = 100

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MIXED = re.compile(r"(?<=[^\W\d_]{2})(?=\d{2})|(?<=\d{2})(?=[^\W\d_]{2})")
_PLACEHOLDER = re.compile(r"<[a-z*]{1,10}>")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "e", "y")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a question names: its own words, and other names for it (phrases of one or more words)."""

    word: str
    others: tuple[str, ...] = ()


def expanded(text: str) -> str:
    """The text, followed by the parts of each compound in it: `ConnectionPoolExhausted` adds three words."""
    parts = [part for word in _WORD.findall(text) for part in _apart(word)]
    return f"{text}\n{' '.join(parts)}" if parts else text


def _apart(word: str) -> list[str]:
    """The parts of a word in camel case or of letters and digits; none when it is not compound."""
    if word.isalpha() and (word.islower() or word.istitle()):
        return []
    parts = [piece for hump in _HUMP.split(word) for piece in _MIXED.split(hump)]
    return parts if len(parts) > 1 else []


def terms(question: str, thesaurus: Thesaurus | None = None) -> tuple[Term, ...]:
    """What a question asks for, each thing once and in its order; without a thesaurus no other names.

    Placeholders of log templates and words that tell nothing are left out, compounds count by their parts.
    """
    ignored = load_thesaurus().ignored
    words = [
        part.casefold()
        for word in _WORD.findall(_PLACEHOLDER.sub(" ", question))
        if len(word) <= WORD_CHARACTERS
        for part in (_apart(word) or [word])
    ]
    telling = [word for word in words if word not in ignored and (len(word) > 1 or not word.isascii())]
    found: dict[str, Term] = {}
    others = thesaurus.others(words) if thesaurus else {}
    for word in telling or words:
        root = _root(word)
        if root not in found:
            found[root] = Term(word, others.get(root, ()))
    return tuple(found.values())[:TERMS]


def _root(word: str) -> str:
    """A word without its endings, crudely: enough to tell that two words of the thesaurus are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            doubled = len(stem) > 3 and stem[-1] == stem[-2]
            return _root(stem[:-1] if doubled else stem)
    return word


class Thesaurus:
    """Groups of names for the same thing; names are phrases of one or more words."""

    def __init__(self, groups: Sequence[Sequence[str]], ignored: frozenset[str] = frozenset()) -> None:
        self.ignored = ignored
        self._groups = tuple(tuple(group) for group in groups)
        self._by_roots: dict[tuple[str, ...], list[int]] = {}
        for number, group in enumerate(self._groups):
            for name in group:
                self._by_roots.setdefault(_roots(name), []).append(number)
        self._longest = max(map(len, self._by_roots), default=0)

    def others(self, words: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """For the roots of the words that are names or parts of one: the other names of the thing."""
        roots = [_root(word) for word in words]
        found: dict[str, dict[str, None]] = {}
        for length in range(1, self._longest + 1):
            for at in range(len(roots) - length + 1):
                name = tuple(roots[at : at + length])
                for group in self._by_roots.get(name, ()):
                    others = [other for other in self._groups[group] if _roots(other) != name]
                    for root in name:
                        found.setdefault(root, {}).update(dict.fromkeys(others))
        return {root: tuple(names) for root, names in found.items()}


def _roots(name: str) -> tuple[str, ...]:
    return tuple(_root(word) for word in _PARTS.sub(lambda part: part[0].casefold(), name).split())


@cache
def load_thesaurus() -> Thesaurus:
    """The thesaurus that comes with andon."""
    import yaml

    text = files("andon.storage").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    return Thesaurus([list(map(str, group)) for group in told["same"]], frozenset(told["ignored"].split()))
