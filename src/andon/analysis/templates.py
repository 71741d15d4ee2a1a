"""Log templates: the statements of a program behind its log lines, mined without any configuration.

One configuration serves every system: no expression and no threshold is made for one of them. Every line gets a code
at once; which codes are one template is settled from the different forms seen whenever `table` is asked. When lines
have often been new, what was learned is folded into lines with holes (`line_patterns`), so that ever new words cost
little from then on. The same lines give the same templates however they are cut into batches, and in whatever order
they come until the first fold. A line that spans several is known by its first one, a JSON object by its message.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.line_patterns import LinePatterns, Shape, merge_shapes, words_of
from andon.analysis.log_clusters import Form, cluster, common
from andon.analysis.log_messages import message_of, messages
from andon.analysis.numerals import collapse
from andon.analysis.tokens import WILDCARD, mask, render, split

__all__ = ["Miner", "Template", "TemplateTable", "message_of", "mine"]

MAX_FORMS: Final = 20_000
"""So many different forms are told apart at a time; after that only the first words of new ones count, and nothing after
as many again. Programs have hundreds of statements, rarely thousands: what exceeds this is prose."""

MAX_CODES: Final = 3 * MAX_FORMS
"""So many codes are given out: what callers count by code stays bounded."""

FOLD_LOOKS: Final = 500
"""What was learned is folded when so many lines were new, and again after as many as there are forms: enough to see
what varies, few enough that looking at each closely takes some hundredths of a second."""

CHUNK: Final = 4096
"""Lines worked on at once: their bytes fit the processor's cache."""

MOST_CACHED: Final = 50_000
"""Collapsed lines whose code is remembered, some ten megabytes."""

_ANYTHING: Final[Form] = ("", (WILDCARD,))

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Template:
    """One statement of a program: constant words and typed places, `took <duration> for user <*>`.

    `id` is a hash of the content, the same in every run; `delimiters` and `words` are its structure,
    as `tokens.split` gives it, with marks for places.
    """

    id: str
    text: str
    delimiters: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, form: Form) -> Template:
        delimiters, words = form
        content = "\x00".join((delimiters, *words)).encode("utf-8", "replace")
        return cls(hashlib.sha256(content).hexdigest()[:12], render(delimiters, words), delimiters, words)

    def matches(self, body: str) -> bool:
        """Whether a log body is an instance: same structure, same words at the constant places."""
        if (self.delimiters, self.words) == _ANYTHING:
            return True
        delimiters, words = _form_of(collapse([message_of(body)])[0])
        return delimiters == self.delimiters and all(
            own in (word, WILDCARD) for own, word in zip(self.words, words, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class TemplateTable:
    """The templates of n log bodies, or of n codes of a `Miner`.

    `codes`: int32 (n,), the index of each one's template. `overflow`: how many bodies came when there were too many
    different ones, and are told apart by their first words only, or not at all.
    """

    templates: tuple[Template, ...]
    codes: NDArray[np.int32]
    overflow: int = 0

    def __len__(self) -> int:
        return len(self.templates)

    def by_template(self) -> TemplateTable:
        """The same templates, each under its own index as code."""
        return TemplateTable(self.templates, np.arange(len(self.templates), dtype=np.int32), self.overflow)


def mine(bodies: Sequence[str]) -> TemplateTable:
    """The templates of log bodies, all at once; see `Miner`.

    Takes whatever text there is: empty, binary, enormous (the first HEAD_CHARACTERS of a line count).
    """
    miner = Miner()
    codes = miner.add(bodies)
    table = miner.table()
    used, index = np.unique(table.codes[codes], return_inverse=True)
    templates = tuple(table.templates[code] for code in used.tolist())
    return TemplateTable(templates, index.astype(np.int32), table.overflow)


class Miner:
    """Learns templates from batches of log bodies.

    `overflow` counts the lines that came after MAX_FORMS different forms (or MAX_CODES codes) and are told apart by
    their first words only, or not at all; a form that another miner learned counts as one.
    """

    def __init__(self) -> None:
        self.overflow = 0
        self._statements: dict[Form, _Statement] = {}
        self._owners: list[int] = []
        self._patterns = LinePatterns()
        self._looks = 0
        self._fold_at = FOLD_LOOKS
        self._cache: dict[str, int] = {}
        self._forgot = False

    def add(self, bodies: Sequence[str]) -> Codes:
        """A code for each body, int32 (n,); `table` says which template each code is."""
        chunks = [self._chunk(list(bodies[start : start + CHUNK])) for start in range(0, len(bodies), CHUNK)]
        return np.concatenate(chunks) if chunks else np.empty(0, dtype=np.int32)

    def absorb(self, other: Miner) -> Codes:
        """Takes over what another miner learned from other lines; int32, the own code of each of its codes."""
        own = {
            statement.code: self._take(statement.form, statement.shapes)
            for statement in other._statements.values()
        }
        self.overflow += other.overflow
        return np.array([own[other._owner(code)] for code in range(len(other._owners))], dtype=np.int32)

    def table(self) -> TemplateTable:
        """The templates so far; `codes` has an entry for each code given out so far, not for each line."""
        merged = _clusters(list(self._statements.values()))
        index_of: dict[int, int] = {}
        for index, same in enumerate(merged.values()):
            index_of |= dict.fromkeys((statement.code for statement in same), index)
        codes = np.array([index_of[self._owner(code)] for code in range(len(self._owners))], dtype=np.int32)
        return TemplateTable(tuple(map(Template.of, merged)), codes, self.overflow)

    def state(self) -> dict[str, Any]:
        """All that it knows as plain JSON, to go on elsewhere; the cache of lines is dropped, here too."""
        self._cache.clear()
        return {
            "statements": [
                [*statement.form, statement.code, statement.shapes] for statement in self._statements.values()
            ],
            "owners": list(self._owners),
            "patterns": list(self._patterns),
            "looks": self._looks,
            "fold_at": self._fold_at,
            "overflow": self.overflow,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Miner:
        """A miner that goes on from a state. Raises KeyError, TypeError or ValueError where it is none of ours."""
        miner = cls()
        for delimiters, words, code, shapes in state["statements"]:
            form = (delimiters, tuple(words))
            miner._statements[form] = _Statement(form, code, tuple(map(tuple, shapes)))
        for shape, code in state["patterns"]:
            miner._patterns.add(tuple(shape), code)
        miner._owners = list(state["owners"])
        miner._looks = state["looks"]
        miner._fold_at = state["fold_at"]
        miner.overflow = state["overflow"]
        return miner

    def _chunk(self, bodies: Sequence[str]) -> Codes:
        lines = collapse(messages(bodies))
        codes = self._known(lines)
        missing = np.flatnonzero(codes < 0).tolist()
        while missing:
            for place in missing:
                line = lines[place]
                code = self._cache.get(line)
                codes[place] = self._learn(line) if code is None else code
                if self._forgot:
                    break
            missing = []
            if self._forgot:
                codes[place + 1 :] = self._known(lines[place + 1 :])
                missing = (np.flatnonzero(codes[place + 1 :] < 0) + place + 1).tolist()
                self._forgot = False
        return codes

    def _known(self, lines: Sequence[str]) -> Codes:
        return np.fromiter(map(self._cache.get, lines, repeat(-1)), dtype=np.int32, count=len(lines))

    def _learn(self, line: str) -> int:
        words = words_of(line)
        pattern = self._patterns.find(words)
        if pattern is not None:
            code = self._patterns[pattern]
        else:
            before = self.overflow
            self._looks += 1
            if self._looks >= self._fold_at:
                self._fold()
            code = self._take(_form_of(line), (tuple(words),))
            if self.overflow > before:
                return code
        if len(self._cache) >= MOST_CACHED:
            self._cache.clear()
            self._forgot = True
        self._cache[line] = code
        return code

    def _take(self, form: Form, shapes: tuple[Shape, ...]) -> int:
        known = self._statements.get(form)
        if known is not None:
            known.shapes = merge_shapes((*known.shapes, *shapes))
            return known.code
        if len(self._statements) < MAX_FORMS and len(self._owners) < MAX_CODES:
            return self._number(form, shapes)
        self.overflow += 1
        delimiters, words = form
        coarse = (delimiters, (*words[:2], *(WILDCARD for _ in words[2:])))
        room = len(self._statements) < 2 * MAX_FORMS and len(self._owners) < MAX_CODES + MAX_FORMS
        return self._number(coarse if coarse in self._statements or room else _ANYTHING, ())

    def _number(self, form: Form, shapes: tuple[Shape, ...]) -> int:
        known = self._statements.get(form)
        if known is None:
            known = self._statements[form] = _Statement(form, len(self._owners), shapes)
            self._owners.append(known.code)
        return known.code

    def _owner(self, code: int) -> int:
        while self._owners[code] != code:
            self._owners[code] = self._owners[self._owners[code]]
            code = self._owners[code]
        return code

    def _fold(self) -> None:
        merged = _clusters(list(self._statements.values()))
        self._statements = {}
        for form, same in merged.items():
            first = min(same, key=lambda statement: statement.code)
            for statement in same:
                self._owners[statement.code] = first.code
            shapes = merge_shapes(shape for statement in same for shape in statement.shapes)
            self._statements[form] = _Statement(form, first.code, shapes)
        self._patterns = _patterns(list(self._statements.values()))
        left = len(self._statements)
        self._fold_at = self._looks + (max(FOLD_LOOKS, left) if left <= MAX_FORMS // 2 else self._looks)


@dataclass(slots=True)
class _Statement:
    """A form, the code it was given, and the shapes of the collapsed lines it was seen in."""

    form: Form
    code: int
    shapes: tuple[Shape, ...]


def _clusters(statements: Sequence[_Statement]) -> dict[Form, list[_Statement]]:
    """The statements of each template, under the form that they have in common."""
    numbers = cluster([statement.form for statement in statements])
    members: defaultdict[int, list[_Statement]] = defaultdict(list)
    for number, statement in zip(numbers, statements, strict=True):
        members[number].append(statement)
    merged: defaultdict[Form, list[_Statement]] = defaultdict(list)
    for same in members.values():
        merged[same[0].form[0], common(statement.form[1] for statement in same)].extend(same)
    return dict(merged)


def _patterns(statements: Sequence[_Statement]) -> LinePatterns:
    """The shapes with holes, without those that a line of another statement fits too."""
    drafts = LinePatterns()
    for statement in statements:
        for shape in statement.shapes:
            drafts.add(shape, statement.code)
    ambiguous = {
        pattern
        for statement in statements
        for shape in statement.shapes
        if (pattern := drafts.find(shape)) is not None and drafts[pattern] != statement.code
    }
    kept = LinePatterns()
    for shape, code in drafts:
        if shape not in ambiguous:
            kept.add(shape, code)
    return kept


def _form_of(collapsed: str) -> Form:
    return split(mask(collapsed))
