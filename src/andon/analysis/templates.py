"""Log templates: the statements of a program behind its log lines, mined without any configuration.

One configuration serves every system: no expression and no threshold is made for one of them. A line that
spans several is known by its first one, a JSON object by its message; stack traces are `log_families`' business.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.log_clusters import Form, cluster, common
from andon.analysis.tokens import WILDCARD, collapse, head, mask, render, split

__all__ = ["Template", "TemplateTable", "message_of", "mine"]

MAX_FORMS: Final = 20_000
"""So many different masked lines are told apart; after that only the first words of new ones count, and after
twice as many nothing does."""

_CHUNK: Final = 20_000
_MAX_CACHED: Final = 50_000
_MAX_JSON_CHARACTERS: Final = 65_536
_MESSAGE_FIELDS: Final = ("message", "msg", "log", "event", "body", "text", "error")
_TRACEBACK: Final = "Traceback (most recent call last)"
_ANYTHING: Final[Form] = ("", (WILDCARD,))


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
        delimiters, words = _form(collapse([message_of(body)])[0])
        return delimiters == self.delimiters and all(
            own in (word, WILDCARD) for own, word in zip(self.words, words, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class TemplateTable:
    """The templates of n log bodies.

    `codes`: int32 (n,), the index of each body's template. `overflow`: how many bodies came after MAX_FORMS
    different ones and are told apart by their first words only, or not at all.
    """

    templates: tuple[Template, ...]
    codes: NDArray[np.int32]
    overflow: int = 0

    def __len__(self) -> int:
        return len(self.templates)


def mine(bodies: Sequence[str]) -> TemplateTable:
    """The templates of log bodies; they do not depend on the order of the bodies as long as nothing overflows.

    Takes whatever text there is: empty, binary, enormous (the first HEAD_CHARACTERS of a line count).
    """
    forms = _Forms()
    codes = np.fromiter(forms.codes(bodies), dtype=np.int64, count=len(bodies))
    members: defaultdict[int, list[Form]] = defaultdict(list)
    clusters = cluster(list(forms.numbers))
    for number, form in zip(clusters, forms.numbers, strict=True):
        members[number].append(form)
    unified: dict[Form, int] = {}
    index_of = [
        unified.setdefault((same[0][0], common(words for _, words in same)), len(unified))
        for same in members.values()
    ]
    index = np.array([index_of[number] for number in clusters], dtype=np.int32)
    return TemplateTable(tuple(map(Template.of, unified)), index[codes], forms.overflow)


class _Forms:
    """The different forms seen so far, each with a number in the order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[Form, int] = {}
        self.overflow = 0
        self._cache: dict[str, int] = {}

    def codes(self, bodies: Sequence[str]) -> Iterator[int]:
        for start in range(0, len(bodies), _CHUNK):
            for line in collapse(map(message_of, bodies[start : start + _CHUNK])):
                code = self._cache.get(line)
                yield self._learn(line) if code is None else code

    def _learn(self, line: str) -> int:
        form = _form(line)
        code = self.numbers.get(form)
        if code is None:
            if len(self.numbers) >= MAX_FORMS:
                self.overflow += 1
                return self._number(self._coarse(form))
            code = self._number(form)
        if len(self._cache) >= _MAX_CACHED:
            self._cache.clear()
        self._cache[line] = code
        return code

    def _number(self, form: Form) -> int:
        return self.numbers.setdefault(form, len(self.numbers))

    def _coarse(self, form: Form) -> Form:
        delimiters, words = form
        coarse = (delimiters, (*words[:2], *(WILDCARD for _ in words[2:])))
        return coarse if coarse in self.numbers or len(self.numbers) < 2 * MAX_FORMS else _ANYTHING


def _form(line: str) -> Form:
    return split(mask(line))


def message_of(body: str) -> str:
    """The line that says what happened: of a JSON object its message, of a traceback its last line."""
    if body.startswith("{"):
        return head(_json_message(body))
    if body.startswith(_TRACEBACK):
        return head(body[-4000:].rstrip().rpartition("\n")[2])
    return head(body)


def _json_message(body: str) -> str:
    import orjson

    if len(body) > _MAX_JSON_CHARACTERS:
        return body
    try:
        record: dict[str, Any] = orjson.loads(body)
    except ValueError:
        return body
    for name in _MESSAGE_FIELDS:
        message = record.get(name)
        if isinstance(message, str) and message.strip():
            return message
    return "{" + ", ".join(sorted(record)) + "}"
