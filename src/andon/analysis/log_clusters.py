"""Which masked lines are one template: word positions compared among lines of the same structure.

Lines are comparable when their delimiters are the same. Among those, words that hold a masked parameter
always vary. A plain word varies when the same surroundings hold many of them, or few that look like names of
things rather than like prose. It shares the idea of word positions with other log parsers (Drain, He et al.
2017; Brain, Yu et al. 2023), but starts from surroundings instead of frequencies: how often a line repeats
has no say, and the order of lines cannot matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from andon.analysis.tokens import WILDCARD, is_masked

__all__ = ["Form", "cluster", "common"]

Form = tuple[str, tuple[str, ...]]
"""Delimiters and words of a masked line, as `tokens.split` gives them."""

Words = tuple[str, ...]

MANY_WORDS: Final = 8
"""So many plain words in the same surroundings are values, not statements of their own; each further word that
the surroundings have in common lowers it by one, down to FEW_WORDS."""
FEW_WORDS: Final = 3
"""Common words that two lines share at least to be one statement: two are found in unrelated lines."""

_ROUNDS: Final = 4
"""Rounds of merging: the groups are stable after three on every text that was tried, one to spare."""
_NAME = re.compile(r"\w[./\\$@]\w")
_EXCEPTION = re.compile(r"(?:Exception|Error|Failure|Fault)$")
_ROLE = re.compile(
    r"(?:^|[_.-])(?:user|username|ruser|login|account|host|hostname|rhost|server|peer|client|node|name|id|file|path|class"
    r"|package|pkg|topic|queue|bucket|pod|container|image|device|tag|key|address|addr)s?$",
    re.IGNORECASE,
)


def cluster(forms: Sequence[Form]) -> list[int]:
    """The cluster of each form (distinct ones), numbered from 0 in the order of first member."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for i, (delimiters, _) in enumerate(forms):
        groups[delimiters].append(i)
    parents = list(range(len(forms)))
    for members in groups.values():
        if len(members) > 1:
            _merge_group(forms, members, parents)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(_find(parents, i), len(numbers)) for i in range(len(forms))]


def common(rows: Iterable[Words]) -> Words:
    """Rows of words as one row: the word where all agree, else the wildcard."""
    return tuple(column[0] if len(set(column)) == 1 else WILDCARD for column in zip(*rows, strict=True))


def _merge_group(forms: Sequence[Form], members: list[int], parents: list[int]) -> None:
    keys: dict[Words, int] = {}
    for i in members:
        _union(parents, i, keys.setdefault(_abstract(*forms[i]), i))
    for _ in range(_ROUNDS):
        before = len(keys)
        _merge_surroundings(keys, parents)
        keys = _merged(keys, parents)
        if len(keys) == before:
            return


def _abstract(delimiters: str, words: Words) -> Words:
    """The words with those as wildcards that vary by what they are: masked ones, and the values of naming keys."""
    key = [WILDCARD if is_masked(word) else word for word in words]
    introducer = 0
    for p in range(1, len(words)):
        if words[p] and delimiters[p - 1] not in "\"'":
            introducer = p - 1
        if _ROLE.search(words[introducer]) and (delimiters[introducer] == "=" or _NAME.search(words[p])):
            key[p] = WILDCARD
    return tuple(key) if any(map(_says_something, key)) else words


def _merge_surroundings(keys: dict[Words, int], parents: list[int]) -> None:
    # Surroundings are compared by a sum of hashes: building them would take the square of the line's length.
    rows = list(keys)
    hashes = [[hash((p, word)) for p, word in enumerate(row)] for row in rows]
    sums = [sum(row) for row in hashes]
    for p, column in enumerate(zip(*rows, strict=True)):
        rest = [total - row[p] for total, row in zip(sums, hashes, strict=True)]
        if len(set(column)) == 1 or len(set(rest)) == len(rest):
            continue
        surroundings: defaultdict[int, list[Words]] = defaultdict(list)
        for around, row in zip(rest, rows, strict=True):
            surroundings[around].append(row)
        for same in surroundings.values():
            if len(same) > 1 and _varies(p, common(same), {row[p] for row in same}):
                for row in same[1:]:
                    _union(parents, keys[row], keys[same[0]])


def _merged(keys: dict[Words, int], parents: list[int]) -> dict[Words, int]:
    clusters: defaultdict[int, list[Words]] = defaultdict(list)
    for key, i in keys.items():
        clusters[_find(parents, i)].append(key)
    merged: dict[Words, int] = {}
    for i, same in clusters.items():
        _union(parents, i, merged.setdefault(common(same), i))
    return merged


def _varies(position: int, context: Words, words: set[str]) -> bool:
    """Whether the words seen at a position in these surroundings are values of one parameter."""
    if position == 0 or not any(map(_says_something, context)):
        return False
    plain = [word for word in words if word and word != WILDCARD]
    if len(plain) < len(words):
        return True
    if any(map(_EXCEPTION.search, plain)):
        return False
    if len(plain) >= max(FEW_WORDS, MANY_WORDS - sum(map(str.isalnum, context))):
        return not all(map(str.isupper, plain))
    introducer = next((word for word in reversed(context[:position]) if word), "")
    names = sum(_NAME.search(word) is not None for word in plain)
    return _ROLE.search(introducer) is not None or 2 * names > len(plain)


def _says_something(word: str) -> bool:
    return any(map(str.isalpha, word))


def _find(parents: list[int], i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


def _union(parents: list[int], i: int, j: int) -> None:
    a, b = _find(parents, i), _find(parents, j)
    parents[max(a, b)] = min(a, b)
