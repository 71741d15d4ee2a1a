"""Which masked lines are one template: word positions compared within lines of the same structure.

Lines are comparable when their delimiters are the same. Among those, words that hold a masked parameter
always vary. A plain word varies when the same surroundings hold many of them, or a few that look like
names of things rather than like prose. This is the idea that position-frequency log parsers share
(Drain, He et al. 2017; Brain, Yu et al. 2023), turned around: it starts from surroundings instead of
frequencies, so that how often a line repeats has no say and the order of lines cannot matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from andon.analysis.tokens import WILDCARD, is_masked

__all__ = ["Form", "cluster"]

Form = tuple[str, tuple[str, ...]]
"""Delimiters and words of a masked line, as `tokens.split` gives them."""

MANY_WORDS = 8
"""As many different plain words in the same surroundings are values, not statements of their own."""

_ROUNDS = 4
_NAME = re.compile(r"\w[./\\$@]\w")
_EXCEPTION = re.compile(r"(?:Exception|Error|Failure|Fault)$")
_ROLE = re.compile(r"(?:^|[_.-])(?:user|username|login|account|host|hostname|server|peer|client|node|rhost|ruser|name|id|file|path|class|package|pkg|topic|queue|bucket|pod|container|image|device|tag|key|address|addr)s?$", re.IGNORECASE)


def cluster(forms: Sequence[Form]) -> list[int]:
    """The cluster of each distinct form, numbered from 0 in the order of first member."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for i, (delimiters, _) in enumerate(forms):
        groups[delimiters].append(i)
    parents = list(range(len(forms)))
    for members in groups.values():
        if len(members) > 1:
            _merge_group(forms, members, parents)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(_find(parents, i), len(numbers)) for i in range(len(forms))]


def _merge_group(forms: Sequence[Form], members: list[int], parents: list[int]) -> None:
    delimiters = forms[members[0]][0]
    keys: dict[tuple[str, ...], int] = {}
    for i in members:
        key = abstract(delimiters, forms[i][1])
        _union(parents, i, keys.setdefault(key, i))
    for _ in range(_ROUNDS):
        merged = _merge_positions(delimiters, keys, parents)
        if len(merged) == len(keys):
            return
        keys = merged


def abstract(delimiters: str, words: tuple[str, ...]) -> tuple[str, ...]:
    key = [WILDCARD if is_masked(word) else word for word in words]
    key_at = 0
    for p in range(1, len(words)):
        if words[p] and delimiters[p-1] not in "\"'":
            key_at = p - 1
        if key[p] != WILDCARD and _ROLE.search(words[key_at]) and (delimiters[key_at] == "=" or _NAME.search(words[p])):
            key[p] = WILDCARD
    return tuple(key)


def _merge_positions(
    delimiters: str, keys: dict[tuple[str, ...], int], parents: list[int]
) -> dict[tuple[str, ...], int]:
    surroundings: defaultdict[tuple[int, tuple[str, ...]], list[tuple[str, ...]]] = defaultdict(list)
    for key in keys:
        for p, word in enumerate(key):
            if len(word) != 1 or word.isalnum() or word == WILDCARD:
                surroundings[p, (*key[:p], WILDCARD, *key[p + 1 :])].append(key)
    for (p, context), same in surroundings.items():
        if len(same) > 1 and _varies(delimiters, p, context, {key[p] for key in same}):
            for key in same:
                _union(parents, keys[key], keys[same[0]])
    clusters: defaultdict[int, list[tuple[str, ...]]] = defaultdict(list)
    for key, i in keys.items():
        clusters[_find(parents, i)].append(key)
    merged: dict[tuple[str, ...], int] = {}
    for i, same in clusters.items():
        _union(parents, i, merged.setdefault(common(same), i))
    return merged


def _varies(delimiters: str, position: int, context: tuple[str, ...], words: set[str]) -> bool:
    plain = [word for word in words if word != WILDCARD and word]
    if not any(len(word) > 1 and word != WILDCARD for word in context):
        return False
    if len(plain) < len(words):
        return position > 0
    if any(_EXCEPTION.search(word) for word in plain):
        return False
    constants = sum(word != WILDCARD and word.isalnum() for word in context)
    if len(plain) >= max(3, MANY_WORDS - constants):
        return position > 0 and not all(word.isupper() for word in plain)
    if position > 0 and _ROLE.search(_before(context, position)):
        return True
    names = sum(_NAME.search(word) is not None for word in plain)
    return position > 0 and 2 * names > len(plain)


def _before(context: tuple[str, ...], position: int) -> str:
    return next((word for word in reversed(context[:position]) if word), "")


def common(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Rows of words as one row: the word where all agree, else the wildcard."""
    return tuple(column[0] if len(set(column)) == 1 else WILDCARD for column in zip(*rows, strict=True))


def _find(parents: list[int], i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


def _union(parents: list[int], i: int, j: int) -> None:
    a, b = _find(parents, i), _find(parents, j)
    parents[max(a, b)] = min(a, b)
